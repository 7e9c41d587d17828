import type { KafkaConfig, Producer, RecordMetadata } from 'kafkajs';
import { TopicsBusy, type TopicRecord } from '../topics';
import { newKafka } from './kafka-client';
import { encodeRecords, type EncodedRecord } from './kafka-records';

/** Bytes of one partition's records in one request: a broker takes 1 MiB by default, and one record may have 1,000,000 bytes. */
const MAX_PARTITION_BYTES = 1_020_000;
/** Records of one partition in one request; kafkajs copies the list of those before for each one. */
const MAX_PARTITION_RECORDS = 500;
/** Bytes of one request, so that a broker answers it in time. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
/** How long a broker may wait for the replicas, and how long this waits for the broker. */
const ACKNOWLEDGE_TIMEOUT_MS = 8000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Repetitions of a request, over 11 seconds where nobody answers: a cluster misses a broker that died after 9. */
const RETRIES = 10;
const ALL_REPLICAS = -1;

export interface PublishedTopic {
  /** The names that callers use and that the brokers know. */
  readonly topic: string;
  readonly kafkaTopic: string;
  readonly partitions: number;
  readonly maxQueuedBytes: number;
}

interface WaitingPublish {
  readonly records: readonly EncodedRecord[];
  /** How many of them are acknowledged. */
  done: number;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What one request takes of one publish. */
interface Part {
  readonly publish: WaitingPublish;
  readonly records: readonly EncodedRecord[];
}

/**
 * Publishes to one topic, one request at a time: what is published meanwhile shares the next one.
 *
 * One at a time is more than a habit. An idempotent kafkajs producer takes the sequence numbers of a request that failed back, and
 * gives them to whatever is sent next; if the broker had stored the failed one, it would acknowledge the next as a repetition and
 * drop it. So nothing is sent between a request and its repetitions, and a producer that has failed for good is thrown away.
 */
export class KafkaPublisher {
  private readonly queue: WaitingPublish[] = [];
  private queuedBytes = 0;
  private sending: Promise<void> | undefined;
  private producer: Promise<Producer> | undefined;

  constructor(
    private readonly published: PublishedTopic,
    private readonly settings: KafkaConfig,
  ) {}

  /** Resolves when the records are acknowledged by all replicas in sync. */
  publish(records: readonly TopicRecord[]): Promise<void> {
    const { topic, partitions, maxQueuedBytes } = this.published;
    const encoded = encodeRecords(topic, records, partitions);
    const bytes = encoded.reduce((sum, record) => sum + record.bytes, 0);
    if (this.queuedBytes > 0 && this.queuedBytes + bytes > maxQueuedBytes)
      throw new TopicsBusy(topic, `${this.queuedBytes} of ${maxQueuedBytes} bytes are waiting to be acknowledged`);
    this.queuedBytes += bytes;
    return new Promise((resolve, reject) => {
      this.queue.push({ records: encoded, done: 0, bytes, resolve, reject });
      this.sending ??= this.drain();
    });
  }

  /** Waits for what is being published. */
  async close(): Promise<void> {
    await this.sending;
    await this.dropProducer();
  }

  private async drain(): Promise<void> {
    // What is published in one go shares the request.
    await Promise.resolve();
    while (this.queue.length > 0) {
      const parts = takeRequest(this.queue);
      try {
        await this.send(parts);
        for (const { publish, records } of parts) publish.done += records.length;
        for (const { publish } of parts) if (publish.done === publish.records.length) this.settle(publish);
      } catch (error) {
        // The rest of a list whose beginning may be missing is not sent: it would come before it when the list is published again.
        for (const { publish } of parts) this.settle(publish, error);
        await this.dropProducer();
      }
    }
    this.sending = undefined;
  }

  private settle(publish: WaitingPublish, error?: unknown): void {
    this.queue.splice(this.queue.indexOf(publish), 1);
    this.queuedBytes -= publish.bytes;
    if (error === undefined) publish.resolve();
    else publish.reject(error);
  }

  private async send(parts: readonly Part[]): Promise<void> {
    const messages = parts.flatMap(({ records }) => records.map(({ message }) => message));
    this.producer ??= this.connect();
    const producer = await this.producer;
    const acknowledged = await producer.send({
      topic: this.published.kafkaTopic,
      acks: ALL_REPLICAS,
      timeout: ACKNOWLEDGE_TIMEOUT_MS,
      messages,
    });
    refuseGaps(messages, acknowledged);
  }

  private async connect(): Promise<Producer> {
    const { topic, partitions } = this.published;
    const producer = newKafka({ ...this.settings, requestTimeout: REQUEST_TIMEOUT_MS }).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { ...this.settings.retry, retries: RETRIES },
      createPartitioner:
        () =>
        ({ message, partitionMetadata }) => {
          if (partitionMetadata.length !== partitions || message.partition === undefined)
            throw new Error(`topic ${topic} has ${partitionMetadata.length} partitions, not ${partitions}`);
          return message.partition;
        },
    });
    await producer.connect();
    return producer;
  }

  private async dropProducer(): Promise<void> {
    const producer = this.producer;
    this.producer = undefined;
    try {
      await (await producer)?.disconnect();
    } catch {
      // A connection that cannot be closed is gone.
    }
  }
}

/** Takes from the front of the queue what fits into one request, without taking it out: a list may need several. */
function takeRequest(queue: readonly WaitingPublish[]): Part[] {
  const parts: Part[] = [];
  const request = new RequestLimits();
  for (const publish of queue) {
    let end = publish.done;
    for (; end < publish.records.length; end += 1) {
      const record = publish.records[end];
      if (!record || !request.takes(record)) break;
    }
    if (end > publish.done) parts.push({ publish, records: publish.records.slice(publish.done, end) });
    // Whatever stands behind would overtake it.
    if (end < publish.records.length) break;
  }
  return parts;
}

/** Counts what goes into one request. */
class RequestLimits {
  private bytes = 0;
  private readonly partitions: { bytes: number; records: number }[] = [];

  /** Counts the record in where there is room for it; the first one always has room. */
  takes({ message, bytes }: EncodedRecord): boolean {
    const partition = (this.partitions[message.partition] ??= { bytes: 0, records: 0 });
    const fits =
      partition.bytes + bytes <= MAX_PARTITION_BYTES &&
      partition.records < MAX_PARTITION_RECORDS &&
      this.bytes + bytes <= MAX_REQUEST_BYTES;
    if (!fits && this.bytes > 0) return false;
    partition.bytes += bytes;
    partition.records += 1;
    this.bytes += bytes;
    return true;
  }
}

/** kafkajs forgets records whose partition moved, between two tries, to a broker that had answered the first one. */
function refuseGaps(
  messages: readonly { readonly partition: number }[],
  acknowledged: readonly RecordMetadata[],
): void {
  const there = new Set(acknowledged.map(({ partition }) => partition));
  const missing = messages.find(({ partition }) => !there.has(partition));
  if (missing) throw new Error(`records of partition ${missing.partition} were not acknowledged`);
}
