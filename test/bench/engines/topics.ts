import { Kafka, Partitioners, type Message, type Producer } from 'kafkajs';
import { clientSettings } from '@meterbook/topics/kafka/kafka-options';
import type { KafkaTopics } from '@meterbook/topics/kafka/kafka-topics';
import type { TopicRecord } from '@meterbook/topics/topics';
import { compared, heading, inTurns, measured, Stopwatch, tell, type Measured } from './measure';
import { kafkaTopics, listsOf, partitions, usageRecords, usageTopic } from './workload';

const rounds = 3;
const accounts = 2000;
/** Publishes at a time, and records of each, as requests of usage come in. */
const callers = 8;
const recordsOfCall = 500;
const recordsOfList = 2000;
/** What the adapter gives its own producer and consumer (`kafka-publisher.ts`, `kafka-session.ts`). */
const allReplicas = -1;
const acknowledgeTimeoutMs = 8000;
const fetchWaitMs = 100;
const fetchPartitionBytes = 1024 * 1024;
const sessionTimeoutMs = 30_000;

type Publish = (records: readonly TopicRecord[]) => Promise<unknown>;

/** Publishing and consuming usage through `KafkaTopics` beside kafkajs alone, on the same topic. */
export async function compareTopics(brokers: readonly string[], run: string, records: number): Promise<void> {
  const prefix = `${run}-topics.`;
  const kafkaTopic = `${prefix}${usageTopic}`;
  const topics = kafkaTopics(brokers, prefix);
  await topics.prepare([usageTopic]);
  const producer = await bareProducer(brokers);
  const usages = usageRecords(run, records, accounts);
  heading(`usage records of ${Buffer.byteLength(usages[0]?.value ?? '')} bytes over Kafka`);
  const ours: Publish = (list) => topics.publish(usageTopic, list);
  const bare: Publish = (list) => publishBare(producer, kafkaTopic, list);
  for (const [size, atATime, what] of [
    [recordsOfList, 1, `publish, lists of ${recordsOfList}, one after the other`],
    [recordsOfCall, callers, `publish, lists of ${recordsOfCall}, ${callers} at a time`],
  ] as const) {
    const lists = listsOf(usages, size);
    const sums = await inTurns(rounds, {
      bare: () => measured(() => publishAll(lists, atATime, bare)),
      ours: () => measured(() => publishAll(lists, atATime, ours)),
    });
    compared(what, sums.bare, sums.ours);
  }
  await producer.disconnect();
  tell('published; consuming it');
  // Two shapes of lists, by two publishers, once to warm up and in each round.
  const published = records * 4 * (1 + rounds);
  let group = 0;
  const sums = await inTurns(rounds, {
    bare: () => consumeBare(brokers, kafkaTopic, `${prefix}bare-${group++}`, published),
    ours: () => consume(topics, `ours-${group++}`, published),
  });
  compared('consume, as texts, and commit each batch', sums.bare, sums.ours);
  await topics.close();
}

/** A producer with the settings of the adapter's own. */
export async function bareProducer(brokers: readonly string[]): Promise<Producer> {
  const producer = bareKafka(brokers).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  return producer;
}

export function publishBare(producer: Producer, topic: string, list: readonly TopicRecord[]): Promise<unknown> {
  return producer.send({ topic, acks: allReplicas, timeout: acknowledgeTimeoutMs, messages: list.map(toMessage) });
}

/** Publishes lists, some at a time; resolves with the number of records when all are acknowledged. */
export async function publishAll(
  lists: readonly (readonly TopicRecord[])[],
  atATime: number,
  publish: Publish,
): Promise<number> {
  const waiting = lists.values();
  const caller = async (): Promise<void> => {
    for (const list of waiting) await publish(list);
  };
  await Promise.all(Array.from({ length: atATime }, caller));
  return lists.reduce((sum, { length }) => sum + length, 0);
}

function toMessage({ key, value, headers }: TopicRecord): Message {
  return { key, value, headers: headers ?? {} };
}

function bareKafka(brokers: readonly string[]): Kafka {
  return new Kafka(clientSettings({ brokers, clientId: 'bench-bare' }));
}

/** Counts what is delivered, from the first delivery to the last. */
class Deliveries {
  readonly all: Promise<Measured>;
  private done: (measured: Measured) => void = () => undefined;
  private watch: Stopwatch | undefined;
  private count = 0;

  constructor(private readonly expected: number) {
    this.all = new Promise((resolve) => (this.done = resolve));
  }

  take(records: number): void {
    this.watch ??= new Stopwatch();
    this.count += records;
    if (this.count >= this.expected) this.done(this.watch.read(this.count));
  }
}

async function consume(topics: KafkaTopics, group: string, expected: number): Promise<Measured> {
  const stop = new AbortController();
  const deliveries = new Deliveries(expected);
  const consuming = topics.consume(
    group,
    [usageTopic],
    async ({ records }) => deliveries.take(records.length),
    stop.signal,
  );
  const all = await Promise.race([deliveries.all, consuming]);
  stop.abort();
  await consuming;
  if (!all) throw new Error('the consumer ended early');
  return all;
}

async function consumeBare(
  brokers: readonly string[],
  topic: string,
  groupId: string,
  expected: number,
): Promise<Measured> {
  const deliveries = new Deliveries(expected);
  const consumer = bareKafka(brokers).consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: sessionTimeoutMs / 10,
    maxWaitTimeInMs: fetchWaitMs,
    maxBytesPerPartition: fetchPartitionBytes,
    allowAutoTopicCreation: false,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: partitions,
    eachBatch: async (payload) => {
      const { batch } = payload;
      const texts = batch.messages.map(({ key, value }) => ({ key: key?.toString(), value: value?.toString() }));
      deliveries.take(texts.length);
      const last = batch.lastOffset();
      payload.resolveOffset(last);
      const offset = String(Number(last) + 1);
      await payload.commitOffsetsIfNecessary({
        topics: [{ topic, partitions: [{ partition: batch.partition, offset }] }],
      });
    },
  });
  const all = await deliveries.all;
  await consumer.disconnect();
  return all;
}
