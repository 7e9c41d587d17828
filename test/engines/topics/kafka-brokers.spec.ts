import { SystemClock } from '@meterbook/runtime/system-clock';
import { DeliveryHealth } from '@meterbook/topics/delivery-health';
import { KafkaTopics } from '@meterbook/topics/kafka/kafka-topics';
import type { DeliveredRecord } from '@meterbook/topics/topics';
import { KafkaCluster, START_TIMEOUT_MS } from '../kafka/kafka-cluster';
import { eventually } from './eventually';

const clock = new SystemClock();
const PARTITIONS = 4;
const KEYS = 23;
const LIST = 10;
const PAUSE_MS = 5;
/** A consumer whose broker was lost joins anew as another member, for which the group waits until the old one's time is over. */
const SESSION_TIMEOUT_MS = 6000;
const TEST_TIMEOUT_MS = 180_000;

/** Publishes numbers, one list after the other, and sends a list again until it is acknowledged; keeps which are. */
class Publisher {
  readonly acknowledged: number[] = [];
  failures = 0;
  private next = 0;
  private stopped = false;
  private readonly ended: Promise<void>;

  constructor(
    private readonly topics: KafkaTopics,
    private readonly topic: string,
  ) {
    this.ended = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.ended;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const numbers = Array.from({ length: LIST }, (_, i) => this.next + i);
      try {
        await this.topics.publish(
          this.topic,
          numbers.map((number) => ({ key: `key-${number % KEYS}`, value: String(number) })),
        );
        this.acknowledged.push(...numbers);
        this.next += LIST;
        await clock.sleep(PAUSE_MS);
      } catch {
        this.failures += 1;
        await clock.sleep(100);
      }
    }
  }
}

/** First arrivals of each number, by key, in the order they came. */
function firstArrivals(records: readonly DeliveredRecord[]): Map<string, number[]> {
  const seen = new Set<string>();
  const byKey = new Map<string, number[]>();
  for (const { key, value } of records) {
    if (seen.has(value)) continue;
    seen.add(value);
    byKey.set(key, [...(byKey.get(key) ?? []), Number(value)]);
  }
  return byKey;
}

describe('when brokers are lost', () => {
  let cluster: KafkaCluster;
  let topics: KafkaTopics;
  let health: DeliveryHealth;
  let records: DeliveredRecord[];
  let stop: AbortController;
  let consuming: Promise<void>;
  let publisher: Publisher;

  const open = async (brokers: number): Promise<void> => {
    cluster = await KafkaCluster.start(brokers);
    health = new DeliveryHealth();
    topics = new KafkaTopics(clock, {
      brokers: cluster.brokers,
      clientId: 'brokers',
      prefix: 'brokers.',
      partitions: PARTITIONS,
      replicationFactor: brokers,
      minInsyncReplicas: Math.max(1, brokers - 1),
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      listener: health,
    });
    records = [];
    stop = new AbortController();
    await topics.prepare(['numbers']);
    consuming = topics.consume('group', ['numbers'], async (batch) => void records.push(...batch.records), stop.signal);
    publisher = new Publisher(topics, 'numbers');
    await eventually('records flow', () => records.length > 500);
  };
  const expectEverything = async (): Promise<void> => {
    await publisher.stop();
    const { acknowledged } = publisher;
    await eventually('all that was acknowledged is delivered', () => {
      const there = new Set(records.map(({ value }) => value));
      return acknowledged.every((number) => there.has(String(number)));
    });
    for (const numbers of firstArrivals(records).values()) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    await eventually('everything is committed', async () =>
      (await topics.lag('group', ['numbers'])).every(({ lag }) => lag === 0),
    );
    expect(health.current()).toEqual([]);
  };

  afterEach(async () => {
    await publisher.stop();
    stop.abort();
    await consuming;
    await topics.close();
    await cluster.destroy();
  }, TEST_TIMEOUT_MS);

  it(
    'delivers every acknowledged record, in order, although one of three brokers is killed and another one stopped',
    async () => {
      await open(3);
      for (const broker of [0, 1]) {
        if (broker === 1) await cluster.stopBroker(broker);
        else cluster.signal(broker, 'SIGKILL');
        const before = records.length;
        await eventually('records flow without it', () => records.length > before + 500);
        await cluster.restart();
        const after = records.length;
        await eventually('records flow with it', () => records.length > after + 500);
      }
      await expectEverything();
    },
    START_TIMEOUT_MS + TEST_TIMEOUT_MS,
  );

  it(
    'goes on by itself when the only broker comes back, and says meanwhile that nothing moves',
    async () => {
      await open(1);
      cluster.signal(0, 'SIGKILL');
      await eventually('every partition is reported', () => health.current().length === PARTITIONS);
      await eventually('a publish is refused', () => publisher.failures > 0);
      await eventually('it is tried again and again', () => health.current().every(({ attempt }) => attempt > 1));
      await expect(topics.lag('group', ['numbers'])).rejects.toThrow();
      await cluster.restart();
      const before = records.length;
      await eventually('records flow', () => records.length > before + 500);
      await expectEverything();
    },
    START_TIMEOUT_MS + TEST_TIMEOUT_MS,
  );

  it(
    'goes on when the only broker wakes from a sleep that is longer than any request may take',
    async () => {
      await open(1);
      cluster.signal(0, 'SIGSTOP');
      await eventually('every partition is reported', () => health.current().length === PARTITIONS);
      cluster.signal(0, 'SIGCONT');
      const before = records.length;
      await eventually('records flow', () => records.length > before + 500);
      await expectEverything();
    },
    START_TIMEOUT_MS + TEST_TIMEOUT_MS,
  );
});
