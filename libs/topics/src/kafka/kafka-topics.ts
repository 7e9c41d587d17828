import type { Clock } from '@meterbook/runtime/clock';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { SteadyClock } from '@meterbook/runtime/steady-clock';
import type { KafkaConfig } from 'kafkajs';
import { OpenConsumers } from '../open-consumers';
import { Topics, type BatchHandler, type ConsumerLag, type TopicRecord } from '../topics';
import { KafkaAdmin } from './kafka-client';
import { KafkaConsumer } from './kafka-consumer';
import { lagOf } from './kafka-lag';
import { clientSettings, connectionWarnings, type KafkaTopicsOptions } from './kafka-options';
import { KafkaPublisher } from './kafka-publisher';
import type { SessionSettings } from './kafka-session';
import { partitionsOf } from './kafka-topic-check';
import { setUpTopics, TopicsUnfit } from './kafka-topic-setup';

/** A member that was not heard of for this long has lost its partitions. */
export const SESSION_TIMEOUT_MS = 30_000;
/** A consumer that has had lag and has not moved on for this long is restarted. */
export const STALL_MS = 60_000;
/** Records of one batch; bytes of one batch, and of what waits of one partition. */
export const MAX_BATCH_RECORDS = 2000;
export const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** Bytes of one topic that may wait to be acknowledged. */
export const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** Topics on a Kafka cluster. */
export class KafkaTopics extends Topics {
  private readonly client: KafkaConfig;
  private readonly admin: KafkaAdmin;
  /** Warnings by topic, of those that exist and are fit. */
  private readonly prepared = new Map<string, Promise<readonly string[]>>();
  private readonly publishers = new Map<string, KafkaPublisher>();
  private readonly consumers = new OpenConsumers();

  /** Only durations are measured here: a clock that is set must neither look like a stall nor hide one. */
  private readonly clock: Clock;

  constructor(
    clock: Clock,
    private readonly options: KafkaTopicsOptions,
  ) {
    super();
    this.clock = new SteadyClock(clock);
    this.client = clientSettings(options);
    this.admin = new KafkaAdmin(this.client);
  }

  /**
   * Makes the topics that are missing, checks the others and returns what is weak about them; whoever does not call it has each topic
   * set up at its first use. Rejects with `TopicsUnfit` where records could be lost, and with another error where no broker answers.
   */
  async prepare(topics: readonly string[]): Promise<readonly string[]> {
    this.consumers.refuseWhenClosed();
    return [...connectionWarnings(this.options), ...(await this.setUpAll(topics))];
  }

  override async publish(topic: string, records: readonly TopicRecord[]): Promise<void> {
    this.consumers.refuseWhenClosed();
    if (records.length === 0) return;
    await this.setUp(topic);
    this.consumers.refuseWhenClosed();
    await this.publisher(topic).publish(records);
  }

  override async consume(
    group: string,
    topics: readonly string[],
    handle: BatchHandler,
    signal: AbortSignal,
  ): Promise<void> {
    await this.consumers.run(signal, (stop) => this.runConsumer(group, topics, handle, stop));
  }

  override async lag(group: string, topics: readonly string[]): Promise<ConsumerLag[]> {
    this.consumers.refuseWhenClosed();
    return this.readLag(group, topics);
  }

  override close(): Promise<void> {
    return this.consumers.close(async () => {
      await Promise.all([...this.publishers.values()].map((publisher) => publisher.close()));
      await this.admin.close();
    });
  }

  private async readLag(group: string, topics: readonly string[]): Promise<ConsumerLag[]> {
    await Promise.all(topics.map((topic) => this.setUp(topic)));
    return this.admin.use((admin) => lagOf(admin, this.options.prefix, group, topics));
  }

  private async runConsumer(
    group: string,
    topics: readonly string[],
    handle: BatchHandler,
    signal: AbortSignal,
  ): Promise<void> {
    const partitions = topics.flatMap((topic) =>
      Array.from({ length: partitionsOf(topic, this.options) }, (_, partition) => ({ group, topic, partition })),
    );
    const prepare = (): Promise<unknown> => this.setUpAll(topics);
    const lag = (): Promise<ConsumerLag[]> => this.readLag(group, topics);
    const progress = { partitions, lag, prepare };
    const consumer = new KafkaConsumer(
      this.sessionSettings(group, topics),
      progress,
      handle,
      this.clock,
      new SystemRandom(),
    );
    await consumer.run(signal);
  }

  /** One after the other: requests for metadata that overlap may get nothing (kafkajs). */
  private async setUpAll(topics: readonly string[]): Promise<string[]> {
    const warnings: string[] = [];
    for (const topic of topics) warnings.push(...(await this.setUp(topic)));
    return warnings;
  }

  private sessionSettings(group: string, topics: readonly string[]): SessionSettings {
    const { prefix, listener, sessionTimeoutMs, stallMs, maxBatchRecords, maxBatchBytes } = this.options;
    return {
      client: this.client,
      group,
      prefix,
      topics,
      listener,
      sessionTimeoutMs: sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
      stallMs: stallMs ?? STALL_MS,
      maxBatchRecords: maxBatchRecords ?? MAX_BATCH_RECORDS,
      maxBatchBytes: maxBatchBytes ?? MAX_BATCH_BYTES,
    };
  }

  private publisher(topic: string): KafkaPublisher {
    let publisher = this.publishers.get(topic);
    if (!publisher) {
      const { prefix, maxQueuedBytes } = this.options;
      const published = {
        topic,
        kafkaTopic: `${prefix}${topic}`,
        partitions: partitionsOf(topic, this.options),
        maxQueuedBytes: maxQueuedBytes ?? MAX_QUEUED_BYTES,
      };
      publisher = new KafkaPublisher(published, this.client);
      this.publishers.set(topic, publisher);
    }
    return publisher;
  }

  /** Once per topic, and again after a failure. */
  private setUp(topic: string): Promise<readonly string[]> {
    let warnings = this.prepared.get(topic);
    if (!warnings) {
      warnings = this.setUpNow(topic);
      warnings.catch(() => this.prepared.delete(topic));
      this.prepared.set(topic, warnings);
    }
    return warnings;
  }

  private async setUpNow(topic: string): Promise<readonly string[]> {
    const { faults, warnings } = await setUpTopics(this.admin, [topic], this.options, (ms) => this.clock.sleep(ms));
    if (faults.length > 0) throw new TopicsUnfit(faults);
    return warnings;
  }
}
