import { partitionOf } from './murmur2';
import { clock, DEADLINE_MS, eventually, LOOK_EVERY_MS, Member } from './testing/member';
import {
  MAX_RECORD_BYTES,
  RecordTooLarge,
  type DeliveryFailure,
  type DeliveryListener,
  type DeliveryRecovery,
  type TopicRecord,
  type Topics,
} from './topics';

/** Partitions of each topic that a contract uses. */
export const CONTRACT_PARTITIONS = 4;

/** An engine under test. */
export interface TopicsUnderTest {
  /** Opens the same topics each time, as another process would. */
  open(listener?: DeliveryListener): Topics | Promise<Topics>;
  /** Names a topic of `CONTRACT_PARTITIONS` partitions that nobody has used yet. Groups are named after it. */
  freshTopic(): Promise<string>;
  destroy(): Promise<void>;
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** A key of each partition: `keys[2]` goes to partition 2. */
const keys = Array.from({ length: CONTRACT_PARTITIONS }, (_, partition) => {
  let i = 0;
  while (partitionOf(`p/acct-${i}`, CONTRACT_PARTITIONS) !== partition) i += 1;
  return `p/acct-${i}`;
});

const numbered = (from: number, to: number, key?: string): TopicRecord[] =>
  Array.from({ length: to - from }, (_, i) => ({ key: key ?? `p/acct-${(from + i) % 23}`, value: String(from + i) }));

const sorted = (values: readonly string[]): string[] => [...new Set(values)].sort((a, b) => Number(a) - Number(b));
const upTo = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

/** What all topics must do; each adapter's spec runs it. */
export function describeTopics(name: string, make: () => TopicsUnderTest | Promise<TopicsUnderTest>): void {
  describe(`${name}: the topics contract`, () => {
    let engine: TopicsUnderTest;
    let topics: Topics;
    let topic: string;
    const opened: Topics[] = [];
    const failures: DeliveryFailure[] = [];
    const recoveries: DeliveryRecovery[] = [];
    const releases: DeliveryRecovery[] = [];
    const another = async (): Promise<Topics> => {
      const one = await engine.open({
        failed: (failure) => failures.push(failure),
        recovered: (recovery) => recoveries.push(recovery),
        released: (place) => releases.push(place),
      });
      opened.push(one);
      return one;
    };

    beforeEach(async () => {
      failures.length = 0;
      recoveries.length = 0;
      releases.length = 0;
      engine = await make();
      topics = await another();
      topic = await engine.freshTopic();
    });
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close();
      await engine.destroy();
    });

    it('delivers what was published, whole, on the partition of its key, with offsets from 0', async () => {
      const records: TopicRecord[] = [
        { key: 'p/acct-1', value: '{"a":"tab\\t"}', headers: { type: 'Noted', 'accepted-at': '1' } },
        { key: 'p/账户-2', value: 'lines\nand\ttabs, ü 你好 💀 \u0000 "quoted"', headers: { note: 'ü\n\t你' } },
        { key: 'with space\tand tab', value: '', headers: {} },
        { key: 'p/acct-1', value: 'x'.repeat(300_000) },
      ];
      await topics.publish(topic, []);
      await topics.publish(topic, records);
      const member = new Member(topics, `${topic}-g`, topic);
      await member.has(4);
      await member.stop();
      const offsets = new Map<number, number>();
      for (const expected of records) {
        const record = member.records.find(({ value }) => value === expected.value);
        const partition = partitionOf(expected.key, CONTRACT_PARTITIONS);
        const offset = offsets.get(partition) ?? 0;
        offsets.set(partition, offset + 1);
        expect(record).toMatchObject({ topic, partition, offset, key: expected.key, headers: expected.headers ?? {} });
      }
      expect(member.records).toHaveLength(4);
    });

    it('carries bytes that are no UTF-8', async () => {
      const value = '{"broken":"\udcff\udcc3 ü \udced\udcb2\udc80"}';
      await topics.publish(topic, [{ key: 'p/acct-1', value }]);
      const member = new Member(topics, `${topic}-g`, topic);
      await member.has(1);
      await member.stop();
      expect(member.values).toEqual([value]);
    });

    it('keeps the order of a key, over lists and publishes, with timestamps that never fall', async () => {
      for (let i = 0; i < 20; i += 1) await topics.publish(topic, numbered(i * 50, (i + 1) * 50));
      const member = new Member(topics, `${topic}-g`, topic);
      await member.has(1000);
      await member.stop();
      for (const key of new Set(member.records.map((record) => record.key))) {
        const ofKey = member.records.filter((record) => record.key === key);
        expect(ofKey.map(({ value }) => value)).toEqual(
          upTo(1000).filter((value) => `p/acct-${Number(value) % 23}` === key),
        );
      }
      for (let partition = 0; partition < CONTRACT_PARTITIONS; partition += 1) {
        const ofPartition = member.records.filter((record) => record.partition === partition);
        expect(ofPartition.map(({ offset }) => offset)).toEqual(ofPartition.map((_, i) => i));
        const timestamps = ofPartition.map(({ timestamp }) => timestamp);
        expect(timestamps).toEqual([...timestamps].sort((a, b) => a - b));
        expect(Math.abs(clock.now() - (timestamps[0] ?? 0))).toBeLessThan(10 * DEADLINE_MS);
      }
    });

    it('takes many publishes at once', async () => {
      await Promise.all(upTo(200).map((value) => topics.publish(topic, [{ key: `p/${value}`, value }])));
      const member = new Member(topics, `${topic}-g`, topic);
      await member.has(200);
      await member.stop();
      expect(sorted(member.values)).toEqual(upTo(200));
      expect(member.records).toHaveLength(200);
    });

    it('refuses a record that is too large, and takes nothing of its list', async () => {
      const large = { key: 'p/acct-1', value: 'x'.repeat(MAX_RECORD_BYTES) };
      const refused = topics.publish(topic, [{ key: 'p/acct-1', value: 'small' }, large]);
      await expect(refused).rejects.toMatchObject({ name: 'RecordTooLarge', index: 1, bytes: MAX_RECORD_BYTES + 10 });
      await expect(refused).rejects.toBeInstanceOf(RecordTooLarge);
      await topics.publish(topic, [{ key: 'p/acct-1', value: 'later' }]);
      const member = new Member(topics, `${topic}-g`, topic);
      await member.has(1);
      await member.stop();
      expect(member.values).toEqual(['later']);
    });

    it('wakes a consumer that waits, for what another process published as well', async () => {
      const member = new Member(topics, `${topic}-g`, topic);
      const other = await another();
      for (let i = 0; i < 20; i += 1) {
        await (i % 2 === 0 ? topics : other).publish(topic, numbered(i, i + 1));
        await member.has(i + 1);
      }
      await member.stop();
      expect(member.values).toEqual(upTo(20));
    });

    it('delivers everything to each group', async () => {
      await topics.publish(topic, numbered(0, 100));
      const one = new Member(topics, `${topic}-one`, topic);
      const two = new Member(topics, `${topic}-two`, topic);
      await Promise.all([one.has(100), two.has(100)]);
      await Promise.all([one.stop(), two.stop()]);
      expect([sorted(one.values), sorted(two.values)]).toEqual([upTo(100), upTo(100)]);
    });

    it('delivers several topics to one consumer', async () => {
      const second = await engine.freshTopic();
      await topics.publish(topic, numbered(0, 10));
      await topics.publish(second, numbered(10, 20));
      const values: string[] = [];
      const abort = new AbortController();
      const ended = topics.consume(
        `${topic}-g`,
        [topic, second],
        async (batch) => {
          for (const record of batch.records) {
            expect(record.topic).toBe(batch.topic);
            expect(batch.topic).toBe(Number(record.value) < 10 ? topic : second);
            values.push(record.value);
          }
        },
        abort.signal,
      );
      await eventually('both topics are delivered', () => values.length >= 20);
      abort.abort();
      await ended;
      expect(sorted(values)).toEqual(upTo(20));
    });

    it('goes on where the group stopped', async () => {
      await topics.publish(topic, numbered(0, 100));
      const before = new Member(topics, `${topic}-g`, topic);
      await before.has(100);
      await before.stop();
      await topics.publish(topic, numbered(100, 150));
      const after = new Member(await another(), `${topic}-g`, topic);
      await after.has(50);
      await after.stop();
      expect(sorted(after.values)).toEqual(upTo(150).slice(100));
    });

    it('shares the partitions among members, and gives those of one that leaves to the others', async () => {
      const first = new Member(topics, `${topic}-g`, topic);
      const second = new Member(await another(), `${topic}-g`, topic);
      let published = 0;
      const publish = async (): Promise<void> => {
        await topics.publish(topic, numbered(published, published + 23));
        published += 23;
      };
      await eventually('both members are given records', async () => {
        await publish();
        return first.records.length > 0 && second.records.length > 0;
      });
      await first.stop();
      const ofFirst = first.records.length;
      await publish();
      await eventually('the second member has all that the first has not', () => {
        const all = sorted([...first.values, ...second.values]);
        return all.length === published;
      });
      await publish();
      await eventually('the second member has every partition', () =>
        upTo(published)
          .slice(-23)
          .every((value) => second.values.includes(value)),
      );
      await second.stop();
      expect(first.records).toHaveLength(ofFirst);
    });

    it('delivers a batch that failed again, in order, while other partitions go on, and reports it', async () => {
      const bad = keys[1] ?? '';
      await topics.publish(topic, [...numbered(0, 5, bad), ...numbered(5, 10, keys[2])]);
      const attempts: string[][] = [];
      let mended = false;
      const member = new Member(topics, `${topic}-g`, topic, async ({ partition, records }) => {
        if (partition !== 1) return;
        attempts.push(records.map(({ value }) => value));
        if (!mended) throw new Error('the store is down');
      });
      await member.has(5);
      await eventually('three failures are reported', () => failures.length >= 3);
      expect(sorted(member.values)).toEqual(upTo(10).slice(5));
      expect(await topics.lag(`${topic}-g`, [topic])).toContainEqual({ topic, partition: 1, lag: 5, committed: 0 });
      expect(recoveries).toEqual([]);
      mended = true;
      await member.has(10);
      await eventually('the recovery is reported', () => recoveries.length > 0);
      await member.stop();
      const place = { group: `${topic}-g`, topic, partition: 1 };
      expect(failures.slice(0, 3)).toMatchObject([1, 2, 3].map((attempt) => ({ ...place, offset: 0, attempt })));
      expect(failures[0]?.error).toEqual(new Error('the store is down'));
      expect(failures[1]?.retryInMs).toBeGreaterThan(0);
      expect(recoveries).toEqual([place]);
      for (const attempt of attempts) expect(attempt[0]).toBe('0');
      expect(member.records.filter(({ partition }) => partition === 1).map(({ value }) => value)).toEqual(upTo(5));
    });

    it('does not say of a partition that fails that it moves on where its member only ends', async () => {
      await topics.publish(topic, numbered(0, 3, keys[1]));
      const failing = new Member(topics, `${topic}-g`, topic, async () => {
        throw new Error('the store is down');
      });
      await eventually('a failure is reported', () => failures.length > 0);
      await failing.stop();
      expect(releases).toEqual([{ group: `${topic}-g`, topic, partition: 1 }]);
      expect(recoveries).toEqual([]);
    });

    it('commits nothing of a batch that did not end well', async () => {
      await topics.publish(topic, numbered(0, 3, keys[0]));
      let entered = 0;
      const failing = new Member(topics, `${topic}-g`, topic, async (_batch, signal) => {
        entered += 1;
        await untilAborted(signal);
        throw new Error('stopped half-way');
      });
      await eventually('the handler is called', () => entered > 0);
      await failing.stop();
      const next = new Member(await another(), `${topic}-g`, topic);
      await next.has(3);
      await next.stop();
      expect(next.values).toEqual(upTo(3));
      expect(failures).toEqual([]);
    });

    it('waits for a running handler when it is stopped, and commits what that has dealt with', async () => {
      await topics.publish(topic, numbered(0, 3, keys[0]));
      let entered = 0;
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const slow = new Member(topics, `${topic}-g`, topic, async () => {
        entered += 1;
        await released;
      });
      await eventually('the handler is called', () => entered > 0);
      let stopped = false;
      const stopping = slow.stop().then(() => (stopped = true));
      await clock.sleep(10 * LOOK_EVERY_MS);
      expect(stopped).toBe(false);
      release();
      await stopping;
      expect(slow.values).toEqual(upTo(3));
      expect((await topics.lag(`${topic}-g`, [topic])).every(({ lag }) => lag === 0)).toBe(true);
    });

    it('calls a handler for one batch of a partition at a time', async () => {
      const inside = new Map<number, number>();
      const most = new Map<number, number>();
      const member = new Member(topics, `${topic}-g`, topic, async ({ partition }) => {
        const count = (inside.get(partition) ?? 0) + 1;
        inside.set(partition, count);
        most.set(partition, Math.max(count, most.get(partition) ?? 0));
        await clock.sleep(1);
        inside.set(partition, count - 1);
      });
      for (let i = 0; i < 20; i += 1) await topics.publish(topic, numbered(i * 23, (i + 1) * 23));
      await member.has(460);
      await member.stop();
      expect([...most.values()]).toEqual(keys.map(() => 1));
      expect(member.records).toHaveLength(460);
    });

    it('says how far a group is behind', async () => {
      expect(await topics.lag(`${topic}-g`, [topic])).toEqual([]);
      await topics.publish(topic, [...numbered(0, 3, keys[0]), ...numbered(3, 5, keys[3])]);
      const behind = await topics.lag(`${topic}-g`, [topic]);
      expect(behind).toEqual([
        { topic, partition: 0, lag: 3, committed: 0 },
        { topic, partition: 3, lag: 2, committed: 0 },
      ]);
      const member = new Member(topics, `${topic}-g`, topic);
      await member.has(5);
      await member.stop();
      expect((await topics.lag(`${topic}-g`, [topic])).map(({ lag }) => lag)).toEqual([0, 0]);
      await topics.publish(topic, numbered(5, 6, keys[3]));
      expect(await topics.lag(`${topic}-g`, [topic])).toContainEqual({ topic, partition: 3, lag: 1, committed: 2 });
    });

    it('ends every consumer when it is closed, and takes nothing any more', async () => {
      const other = await another();
      const values: string[] = [];
      const ended = other.consume(
        `${topic}-g`,
        [topic],
        async ({ records }) => {
          values.push(...records.map(({ value }) => value));
        },
        new AbortController().signal,
      );
      await topics.publish(topic, numbered(0, 1));
      await eventually('the record is delivered', () => values.length > 0);
      await other.close();
      await ended;
      await expect(other.publish(topic, numbered(1, 2))).rejects.toThrow('closed');
    });
  });
}
