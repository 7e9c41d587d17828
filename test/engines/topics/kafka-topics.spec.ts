import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigResourceTypes, Kafka, logLevel, type Admin, type Consumer, type Producer } from 'kafkajs';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { DeliveryHealth } from '@meterbook/topics/delivery-health';
import type { KafkaTopicsOptions } from '@meterbook/topics/kafka/kafka-options';
import { KafkaTopics } from '@meterbook/topics/kafka/kafka-topics';
import type { DeliveredRecord, TopicRecord } from '@meterbook/topics/topics';
import { clusterForTests, jarsFolder, START_TIMEOUT_MS, type KafkaCluster } from '../kafka/kafka-cluster';
import { eventually } from './eventually';

const run = promisify(execFile);
const clock = new SystemClock();
const PARTITIONS = 4;
const MONTH_MS = 30 * 86_400_000;

const numbered = (from: number, to: number, key: string): TopicRecord[] =>
  Array.from({ length: to - from }, (_, i) => ({ key, value: String(from + i) }));

/** The part of kafkajs that joins a group. */
interface KafkajsGroup {
  readonly assigners: readonly { protocol(subscription: { readonly topics: readonly string[] }): unknown }[];
  readonly topicsSubscribed: readonly string[];
  heartbeat(): Promise<void>;
  joinAndSync(): Promise<void>;
}
const kafkajsGroup = jest.requireActual<{ readonly prototype: KafkajsGroup }>('kafkajs/src/consumer/consumerGroup');
/** Says that it is about to join, as kafkajs does before each try. */
function mayJoin({ assigners, topicsSubscribed }: KafkajsGroup): boolean {
  try {
    for (const assigner of assigners) assigner.protocol({ topics: topicsSubscribed });
    return true;
  } catch {
    return false;
  }
}
const refusal = (type: string): Error => Object.assign(new Error(type), { type, retriable: true });

describe('Kafka topics', () => {
  const prefix = `topics-${clock.now()}.`;
  let cluster: Pick<KafkaCluster, 'brokers' | 'destroy'>;
  let admin: Admin;
  let opened: KafkaTopics[];
  let topic: string;
  let tests = 0;

  const client = (): Kafka => new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING });
  const open = (options: Partial<KafkaTopicsOptions> = {}): KafkaTopics => {
    const topics = new KafkaTopics(clock, {
      brokers: cluster.brokers,
      clientId: 'topics',
      prefix,
      partitions: PARTITIONS,
      replicationFactor: 1,
      minInsyncReplicas: 1,
      ...options,
    });
    opened.push(topics);
    return topics;
  };
  /** A topic that somebody else made. */
  const made = (settings: Record<string, string>, numPartitions = PARTITIONS): Promise<boolean> =>
    admin.createTopics({
      topics: [
        {
          topic: `${prefix}${topic}`,
          numPartitions,
          replicationFactor: 1,
          configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
        },
      ],
    });
  const consume = async (topics: KafkaTopics, count: number): Promise<DeliveredRecord[]> => {
    const records: DeliveredRecord[] = [];
    const stop = new AbortController();
    const ended = topics.consume(topic, [topic], async (batch) => void records.push(...batch.records), stop.signal);
    await eventually(`${count} records are delivered`, () => records.length >= count);
    stop.abort();
    await ended;
    return records;
  };

  beforeAll(async () => {
    cluster = await clusterForTests();
    admin = client().admin();
    await admin.connect();
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await admin.disconnect();
    await cluster.destroy();
  }, START_TIMEOUT_MS);
  beforeEach(() => {
    opened = [];
    topic = `topic-${(tests += 1)}`;
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const topics of opened) await topics.close();
  });

  it('are refused where fewer brokers are there than are to hold each record, with both numbers', async () => {
    const topics = open({ replicationFactor: 3, minInsyncReplicas: 2 });
    await expect(topics.prepare([topic])).rejects.toMatchObject({ name: 'TooFewBrokers', brokers: 1, asked: 3 });
  });

  it('makes a missing topic as it is demanded, and warns of its one replica', async () => {
    const warnings = await open({ partitionsOf: { [topic]: 2 }, retentionMs: { [topic]: MONTH_MS } }).prepare([topic]);
    expect(warnings).toEqual([`topic ${topic} has one replica: a lost disk loses acknowledged records`]);
    const [found] = (await admin.fetchTopicMetadata({ topics: [`${prefix}${topic}`] })).topics;
    expect(found?.partitions).toHaveLength(2);
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: `${prefix}${topic}` }],
    });
    const settings = Object.fromEntries(
      (resources[0]?.configEntries ?? []).map(({ configName, configValue }) => [configName, configValue]),
    );
    expect(settings).toMatchObject({
      'cleanup.policy': 'delete',
      'message.timestamp.type': 'LogAppendTime',
      'min.insync.replicas': '1',
      'retention.bytes': '-1',
      'retention.ms': String(MONTH_MS),
      'unclean.leader.election.enable': 'false',
    });
  });

  it('makes a topic once, however many processes start at the same time', async () => {
    await Promise.all(Array.from({ length: 5 }, () => open().prepare([topic])));
    const topics = open();
    await topics.publish(topic, numbered(0, 5, 'a'));
    expect(await consume(topics, 5)).toHaveLength(5);
  });

  it('refuses topics that lose records or reorder them, and says everything that is wrong', async () => {
    await made({ 'retention.ms': '1000', 'cleanup.policy': 'compact', 'unclean.leader.election.enable': 'true' }, 3);
    const topics = open({ retentionMs: { [topic]: MONTH_MS } });
    await expect(topics.prepare([topic])).rejects.toMatchObject({
      name: 'TopicsUnfit',
      faults: [
        `topic ${topic} has 3 partitions, not 4: its keys would change place`,
        `topic ${topic} may lose acknowledged records: unclean.leader.election.enable=true`,
        `topic ${topic} would drop records of a key: cleanup.policy=compact`,
        `topic ${topic} lets its producers set the time of a record: message.timestamp.type=CreateTime`,
        `topic ${topic} deletes records after 1000 ms, too early: retention.ms has to be ${MONTH_MS}`,
      ],
    });
    await expect(topics.publish(topic, numbered(0, 1, 'a'))).rejects.toMatchObject({ name: 'TopicsUnfit' });
    const consumed = topics.consume(topic, [topic], async () => undefined, new AbortController().signal);
    await expect(consumed).rejects.toMatchObject({ name: 'TopicsUnfit' });
  });

  it('refuses to publish when somebody adds partitions meanwhile', async () => {
    const topics = open();
    await topics.publish(topic, numbered(0, 1, 'a'));
    await admin.createPartitions({ topicPartitions: [{ topic: `${prefix}${topic}`, count: 5 }] });
    // The running producer learns of it with its next look at the cluster; a new one at once.
    await expect(open().publish(topic, numbered(1, 2, 'a'))).rejects.toMatchObject({ name: 'TopicsUnfit' });
  });

  it('delivers what other clients publish: without key or value, with bytes in headers, at the time of the broker', async () => {
    const topics = open();
    await topics.prepare([topic]);
    const producer = client().producer({ createPartitioner: () => () => 1 });
    await producer.connect();
    const headers = { plain: 'a', broken: Buffer.from([0xff]), twice: ['1', '2'] };
    await producer.send({
      topic: `${prefix}${topic}`,
      messages: [
        { key: null, value: null, timestamp: '1000' },
        { key: 'k', value: 'v', headers, timestamp: '2000' },
      ],
    });
    await producer.disconnect();
    const records = await consume(topics, 2);
    expect(records).toMatchObject([
      { partition: 1, offset: 0, key: '', value: '', headers: {} },
      { partition: 1, offset: 1, key: 'k', value: 'v', headers: { plain: 'a', broken: '\udcff', twice: '2' } },
    ]);
    for (const { timestamp } of records) expect(Math.abs(clock.now() - timestamp)).toBeLessThan(600_000);
  });

  it("gives each key the partition that Java's client gives it", async () => {
    const topics = open();
    await topics.prepare([topic]);
    const keys = [
      ...Array.from({ length: 40 }, (_, i) => `apibox/acct-${i * 7919}`),
      'ü',
      '账户/账户',
      '💀',
      'abc',
      'a',
    ];
    const { stdout } = await run('java', [
      ...['-Xmx512m', '-cp', `${await jarsFolder()}/*`, join(__dirname, '../kafka/ProduceKeys.java')],
      ...[cluster.brokers.join(','), `${prefix}${topic}`, ...keys],
    ]);
    const byJava = stdout.trim().split('\n').map(Number);
    await topics.publish(
      topic,
      keys.map((key) => ({ key, value: 'ours' })),
    );
    const ours = (await consume(topics, 2 * keys.length)).filter(({ value }) => value === 'ours');
    expect(keys.map((key) => ours.find((record) => record.key === key)?.partition)).toEqual(byJava);
    expect(new Set(byJava).size).toBe(PARTITIONS);
  });

  it('splits a list that is larger than a batch, and keeps its order', async () => {
    const topics = open();
    const value = 'x'.repeat(3000);
    const list = Array.from({ length: 3000 }, (_, i) => ({ key: 'one', value: `${i} ${value}` }));
    await topics.publish(topic, list);
    const records = await consume(topics, list.length);
    expect(records.map((record) => record.value)).toEqual(list.map((record) => record.value));
  });

  it('rejects a publish of which the answer leaves a partition out, and goes on with a new producer', async () => {
    const topics = open();
    await topics.prepare([topic]);
    const producer = jest.spyOn(Kafka.prototype, 'producer');
    await topics.publish(topic, numbered(0, 1, 'slow'));
    const first = producer.mock.results[0]?.value as Producer;
    const send = jest.spyOn(first, 'send');
    // What kafkajs answers when the leader of a partition moved to a broker that had answered already.
    send.mockImplementationOnce(async () => [{ topicName: topic, partition: 1, errorCode: 0 }]);
    const list = [...numbered(1, 2, 'slow'), ...numbered(1, 2, 'other')];
    await expect(topics.publish(topic, list)).rejects.toThrow('records of partition 2 were not acknowledged');
    await topics.publish(topic, list);
    expect(producer).toHaveBeenCalledTimes(2);
    expect(await consume(topics, 3)).toHaveLength(3);
  });

  it('refuses what is too much at once, and takes it a little later', async () => {
    const topics = open({ maxQueuedBytes: 100_000 });
    await topics.prepare([topic]);
    const list = numbered(0, 10, 'a').map(({ key }) => ({ key, value: 'x'.repeat(9000) }));
    const first = topics.publish(topic, list);
    await expect(topics.publish(topic, list)).rejects.toMatchObject({ name: 'TopicsBusy', topic });
    await first;
    await topics.publish(topic, list);
    expect(await consume(topics, 20)).toHaveLength(20);
  });

  it('commits after each batch of a large fetch', async () => {
    const topics = open({ maxBatchRecords: 10 });
    await topics.publish(topic, numbered(0, 35, 'one'));
    const sizes: number[] = [];
    const stop = new AbortController();
    const ended = topics.consume(
      topic,
      [topic],
      async ({ records }) => {
        sizes.push(records.length);
        if (sizes.length >= 3) throw new Error('the store is down');
      },
      stop.signal,
    );
    await eventually('the third batch failed twice', () => sizes.length >= 4);
    expect((await topics.lag(topic, [topic])).map(({ lag }) => lag)).toEqual([15]);
    stop.abort();
    await ended;
    expect(sizes.slice(0, 4)).toEqual([10, 10, 10, 10]);
    expect((await consume(topics, 15)).map(({ value }) => Number(value))[0]).toBe(20);
  });

  it('goes on with the other partitions while one has more than may wait, and takes that up again', async () => {
    const topics = open({ maxBatchBytes: 50_000, maxBatchRecords: 50 });
    await topics.prepare([topic]);
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const records: DeliveredRecord[] = [];
    const stop = new AbortController();
    const ended = topics.consume(
      topic,
      [topic],
      async (batch) => {
        if (batch.records[0]?.key === 'slow') await released;
        records.push(...batch.records);
      },
      stop.signal,
    );
    const value = 'x'.repeat(1000);
    // Three fetches' worth for a partition whose handler does not end.
    await topics.publish(
      topic,
      Array.from({ length: 3000 }, () => ({ key: 'slow', value })),
    );
    for (let i = 0; i < 5; i += 1) {
      await topics.publish(topic, [{ key: 'other', value: String(i) }]);
      await eventually('the other partition is delivered', () => records.length === i + 1);
    }
    release();
    await eventually('the slow one is delivered', () => records.length === 3005);
    stop.abort();
    await ended;
    const ofSlow = records.filter(({ key }) => key === 'slow').map(({ offset }) => offset);
    expect(ofSlow).toEqual(ofSlow.map((_, i) => i));
  });

  it('restarts a consumer that does not go on although there is lag, and reports it', async () => {
    const spy = jest.spyOn(Kafka.prototype, 'consumer');
    const started = (): Consumer[] => spy.mock.results.map(({ value }) => value as Consumer);
    const failed: unknown[] = [];
    const health = new DeliveryHealth();
    const listener = {
      failed: (failure: Parameters<DeliveryHealth['failed']>[0]) => {
        failed.push(failure);
        health.failed(failure);
      },
      recovered: (recovery: Parameters<DeliveryHealth['recovered']>[0]) => health.recovered(recovery),
    };
    const topics = open({ stallMs: 1000, listener });
    const records: DeliveredRecord[] = [];
    const stop = new AbortController();
    const ended = topics.consume(topic, [topic], async (batch) => void records.push(...batch.records), stop.signal);
    await topics.publish(topic, numbered(0, 5, 'one'));
    await eventually('the first records are delivered', () => records.length === 5);
    // What a kafkajs consumer does that has forgotten a partition.
    started()[0]?.pause([{ topic: `${prefix}${topic}` }]);
    await topics.publish(topic, numbered(5, 10, 'one'));
    await eventually('the others are delivered', () => records.length === 10);
    expect(started()).toHaveLength(2);
    expect(failed).toMatchObject([{ group: topic, topic, offset: 5, attempt: 1, error: { name: 'ConsumerStalled' } }]);
    expect(health.current()).toEqual([]);
    // Without lag it is left alone.
    await clock.sleep(2500);
    stop.abort();
    await ended;
    expect(started()).toHaveLength(2);
  });

  it('restarts a consumer that does not join its group anew, although it was to', async () => {
    const topics = open({ sessionTimeoutMs: 6000 });
    const records: DeliveredRecord[] = [];
    const stop = new AbortController();
    const ended = topics.consume(topic, [topic], async (batch) => void records.push(...batch.records), stop.signal);
    await topics.publish(topic, numbered(0, 5, 'one'));
    await eventually('the first records are delivered', () => records.length === 5);
    // A coordinator that was just elected asks for patience; by then kafkajs has told us that everything is taken back.
    let refused = 0;
    jest.spyOn(kafkajsGroup.prototype, 'heartbeat').mockRejectedValueOnce(refusal('REBALANCE_IN_PROGRESS'));
    jest.spyOn(kafkajsGroup.prototype, 'joinAndSync').mockImplementationOnce(async function (this: KafkajsGroup) {
      await eventually('it may join', () => mayJoin(this));
      refused += 1;
      throw refusal('GROUP_LOAD_IN_PROGRESS');
    });
    await eventually('the join is refused', () => refused === 1);
    await topics.publish(topic, numbered(5, 10, 'one'));
    await eventually('the others are delivered', () => records.length === 10);
    stop.abort();
    await ended;
  });

  it('keeps two members of one group apart, although they share a process', async () => {
    const topics = open();
    const stop = new AbortController();
    const seen: Set<number>[] = [new Set(), new Set()];
    const ended = seen.map((partitions) =>
      topics.consume(topic, [topic], async ({ partition }) => void partitions.add(partition), stop.signal),
    );
    const keys = ['apibox/acct-0', 'apibox/acct-1', 'apibox/acct-2', 'apibox/acct-3', 'a', 'b', 'c', 'd', 'e', 'f'];
    await eventually('each has two partitions', async () => {
      await topics.publish(
        topic,
        keys.map((key) => ({ key, value: '' })),
      );
      return seen.every((partitions) => partitions.size >= 2);
    });
    await eventually('everything is committed', async () =>
      (await topics.lag(topic, [topic])).every(({ lag }) => lag === 0),
    );
    stop.abort();
    await Promise.all(ended);
  });
});
