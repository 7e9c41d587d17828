import { join } from 'node:path';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { Child } from '@meterbook/runtime/testing/child';
import { KafkaTopics } from '@meterbook/topics/kafka/kafka-topics';
import { clusterForTests, START_TIMEOUT_MS, type KafkaCluster } from '../kafka/kafka-cluster';
import { eventually } from './eventually';

const script = join(__dirname, 'kafka-child.ts');
const clock = new SystemClock();
/** The least that a broker with default settings allows. */
const SESSION_TIMEOUT_MS = 6000;

describe('members of a group in processes of their own', () => {
  const prefix = `processes-${clock.now()}.`;
  let cluster: Pick<KafkaCluster, 'brokers' | 'destroy'>;
  let topics: KafkaTopics;
  let topic: string;
  let children: Child[];
  let published: number;

  const child = (mode = 'go'): Child => {
    const started = new Child(script, cluster.brokers.join(','), prefix, topic, String(SESSION_TIMEOUT_MS), mode);
    children.push(started);
    return started;
  };
  const publish = async (count: number): Promise<void> => {
    const numbers = Array.from({ length: count }, (_, i) => published + i);
    await topics.publish(
      topic,
      numbers.map((number) => ({ key: `key-${number % 23}`, value: String(number) })),
    );
    published += count;
  };
  const linesOf = (one: Child, kind: string): string[] => one.lines.filter((line) => line.startsWith(kind));
  const handled = (...members: Child[]): Set<string> =>
    new Set(members.flatMap((one) => linesOf(one, 'end').flatMap((line) => line.split(' ').slice(3))));
  const behind = async (): Promise<number> => (await topics.lag(topic, [topic])).reduce((sum, { lag }) => sum + lag, 0);

  beforeAll(async () => {
    cluster = await clusterForTests();
  }, START_TIMEOUT_MS);
  afterAll(() => cluster.destroy(), START_TIMEOUT_MS);

  let tests = 0;
  beforeEach(() => {
    topics = new KafkaTopics(clock, {
      brokers: cluster.brokers,
      clientId: 'processes',
      prefix,
      partitions: 4,
      replicationFactor: 1,
      minInsyncReplicas: 1,
    });
    topic = `numbers-${(tests += 1)}`;
    children = [];
    published = 0;
  });
  afterEach(async () => {
    for (const one of children) {
      one.signal('SIGCONT');
      await one.kill();
    }
    await topics.close();
  });

  it('share the partitions, and lose nothing of one that is killed', async () => {
    const first = child();
    const second = child();
    await eventually('both are given records', async () => {
      await publish(40);
      return linesOf(first, 'end').length > 0 && linesOf(second, 'end').length > 0;
    });
    await publish(2000);
    await first.until((lines) => lines.filter((line) => line.startsWith('begin')).length >= 5);
    await first.kill();
    await publish(100);
    await eventually('the other one has dealt with the rest', async () => (await behind()) === 0);
    expect(handled(first, second).size).toBe(published);
    // Killed in a handler, most likely: then somebody else dealt with that batch again.
    const unfinished = linesOf(first, 'begin').length - linesOf(first, 'end').length;
    expect(unfinished).toBeLessThanOrEqual(4);
  });

  it('take over from one that sleeps, whose late commits change nothing', async () => {
    const sleeper = child('wait');
    await publish(200);
    await sleeper.until((lines) => lines.filter((line) => line.startsWith('begin')).length === 4);
    sleeper.signal('SIGSTOP');
    const other = child();
    await eventually('the other one has dealt with everything', async () => (await behind()) === 0);
    expect(handled(other).size).toBe(published);
    sleeper.tell('go');
    sleeper.signal('SIGCONT');
    await sleeper.until((lines) => lines.filter((line) => line.startsWith('end')).length === 4);
    await sleeper.until((lines) => lines.filter((line) => line.startsWith('aborted')).length === 4);
    expect(await behind()).toBe(0);
    // Both go on as members of the group.
    await eventually('both are given records', async () => {
      await publish(40);
      return linesOf(sleeper, 'end').length > 4 && (await behind()) === 0;
    });
    expect(handled(sleeper, other).size).toBe(published);
  });

  it('wait for what runs before they join anew, and commit it', async () => {
    const first = child('wait');
    await publish(40);
    await first.until((lines) => lines.filter((line) => line.startsWith('begin')).length === 4);
    const second = child();
    await first.until((lines) => lines.some((line) => line.startsWith('aborted')));
    expect(linesOf(second, 'begin')).toEqual([]);
    first.tell('go');
    await eventually('everything is dealt with', async () => (await behind()) === 0);
    await eventually('both are given records', async () => {
      await publish(40);
      return linesOf(second, 'end').length > 0;
    });
    // What the first one was told to end was committed, and nobody was given it again.
    const again = [...handled(first)].filter((value) => handled(second).has(value));
    expect(again).toEqual([]);
    second.tell('stop');
    expect(await second.exited).toBe(0);
  });

  it('commit nothing of what ended after the group was joined anew', async () => {
    const first = child('wait');
    await publish(200);
    await first.until((lines) => lines.filter((line) => line.startsWith('begin')).length === 4);
    // Its handlers do not end when they are told to, and it joins without them in the end.
    const second = child();
    const rows = async (): Promise<number[]> => (await topics.lag(topic, [topic])).map(({ lag }) => lag);
    await eventually('the second one has dealt with its two partitions', async () => {
      return (await rows()).filter((lag) => lag === 0).length === 2;
    });
    const ofSecond = (await rows()).flatMap((lag, partition) => (lag === 0 ? [partition] : []));
    const begun = linesOf(first, 'begin').length;
    expect(begun).toBe(4);
    first.tell('go');
    await first.until((lines) => lines.filter((line) => line.startsWith('end')).length >= 4);
    await eventually('the first one has dealt with its two partitions', async () => (await behind()) === 0);
    const late = linesOf(first, 'end').filter((line) => ofSecond.includes(Number(line.split(' ')[1])));
    expect(late).toHaveLength(2);
    expect(handled(first, second).size).toBe(published);
  });
});
