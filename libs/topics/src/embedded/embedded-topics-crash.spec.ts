import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { Child } from '@meterbook/runtime/testing/child';
import { EmbeddedTopics } from './embedded-topics';
import type { DeliveredRecord } from '../topics';

const script = join(__dirname, 'testing/topics-child.ts');
const clock = new SystemClock();
const topic = 'numbers';
/** Longer than any test may take: nobody gets a partition because time has passed. */
const neverMs = 3_600_000;

describe('embedded topics, when a process dies or sleeps', () => {
  let directory: string;
  let topics: EmbeddedTopics;
  let children: Child[];
  const child = (...args: string[]): Child => {
    const [role = '', ...rest] = args;
    const started = new Child(script, role, directory, topic, ...rest);
    children.push(started);
    return started;
  };
  const open = (leaseMs: number): EmbeddedTopics =>
    new EmbeddedTopics(directory, clock, { prefix: '', partitions: 4, leaseMs });
  const behind = async (): Promise<number> =>
    (await topics.lag('group', [topic])).reduce((sum, { lag }) => sum + lag, 0);
  /** Everything that is left for the group. */
  const consumeAll = async (): Promise<DeliveredRecord[]> => {
    const records: DeliveredRecord[] = [];
    const stop = new AbortController();
    const ended = topics.consume('group', [topic], async (batch) => void records.push(...batch.records), stop.signal);
    while ((await behind()) > 0) await clock.sleep(10);
    stop.abort();
    await ended;
    return records;
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-topics-'));
    topics = open(neverMs);
    children = [];
  });
  afterEach(async () => {
    for (const one of children) await one.kill();
    await topics.close();
    rmSync(directory, { recursive: true });
  });

  it('has every acknowledged record, once and in order, wherever its publishers were killed', async () => {
    const acknowledged: number[] = [];
    for (const [round, acknowledgements] of [1, 9, 30, 77, 200].entries()) {
      // Two publishers at a time on the same file.
      const pair = [0, 1].map((i) => child('publish', String(neverMs), String((2 * round + i) * 1_000_000)));
      await Promise.all(pair.map((one) => one.until((lines) => lines.length >= acknowledgements)));
      await Promise.all(pair.map((one) => one.kill()));
      for (const { lines } of pair)
        acknowledged.push(...lines.flatMap((line) => line.replace('acknowledged ', '').split(' ').map(Number)));
    }
    const records = await consumeAll();
    const numbers = records.map(({ value }) => Number(value));
    const there = new Set(numbers);
    expect(there.size).toBe(numbers.length);
    expect(acknowledged.length).toBeGreaterThan(3000);
    expect(acknowledged.filter((number) => !there.has(number))).toEqual([]);
    for (let partition = 0; partition < 4; partition += 1) {
      const offsets = records.filter((record) => record.partition === partition).map(({ offset }) => offset);
      expect(offsets).toEqual(offsets.map((_, i) => i));
    }
    for (let publisher = 0; publisher < 10; publisher += 1)
      for (let key = 0; key < 7; key += 1) {
        const ofKey = records.filter((record) => record.key === `key-${key}`).map(({ value }) => Number(value));
        const ofPublisher = ofKey.filter((number) => Math.floor(number / 1_000_000) === publisher);
        expect(ofPublisher).toEqual([...ofPublisher].sort((a, b) => a - b));
      }
  });

  it('goes on at the committed offset at once when its consumer was killed', async () => {
    await topics.publish(
      topic,
      Array.from({ length: 2000 }, (_, i) => ({ key: `key-${i}`, value: String(i) })),
    );
    const seen = new Set<string>();
    for (const batches of [1, 12, 31]) {
      const consumer = child('consume', String(neverMs));
      await consumer.until((lines) => lines.filter((line) => line.startsWith('begin')).length >= batches);
      await consumer.kill();
      const next = await firstBatches(4);
      for (const [partition, offset] of next) {
        const begun = consumer.lines
          .filter((line) => line.startsWith(`begin ${partition} `))
          .map((line) => line.split(' '));
        const last = begun.at(-1)?.slice(2).map(Number);
        if (!last) continue;
        // The batch that was under way comes again, unless it ended and was committed in the last moment.
        const [start = 0, ...values] = last;
        expect([start, start + values.length]).toContain(offset);
      }
      for (const line of consumer.lines)
        if (line.startsWith('begin')) for (const value of line.split(' ').slice(3)) seen.add(value);
    }
    for (const { value } of await consumeAll()) seen.add(value);
    expect(seen.size).toBe(2000);
  });

  it('lets a process that slept past its lease commit nothing', async () => {
    const leaseMs = 1500;
    await topics.publish(topic, [{ key: 'key', value: '0' }]);
    const sleeper = child('consume', String(leaseMs), 'wait');
    await sleeper.until((lines) => lines.length > 0);
    sleeper.signal('SIGSTOP');
    const values: string[] = [];
    const stop = new AbortController();
    const other = open(leaseMs);
    const ended = other.consume(
      'group',
      [topic],
      async ({ records }) => void values.push(...records.map(({ value }) => value)),
      stop.signal,
    );
    while (values.length === 0) await clock.sleep(10);
    await topics.publish(topic, [{ key: 'key', value: '1' }]);
    while ((await behind()) > 0) await clock.sleep(10);
    stop.abort();
    await ended;
    await other.close();
    // It finds `go` when it wakes, so that its handler ends well and its commit is tried.
    sleeper.tell('go');
    sleeper.signal('SIGCONT');
    await sleeper.until(
      (lines) => lines.some((line) => line.startsWith('end')) && lines.some((line) => line.startsWith('aborted')),
    );
    sleeper.tell('stop');
    expect(await sleeper.exited).toBe(0);
    expect(await behind()).toBe(0);
    expect(values).toEqual(['0', '1']);
    expect(sleeper.lines.filter((line) => line.startsWith('begin'))).toHaveLength(1);
  });

  /** The offset at which each partition goes on; nothing of it is committed. */
  async function firstBatches(partitions: number): Promise<Map<number, number>> {
    const offsets = new Map<number, number>();
    const stop = new AbortController();
    const ended = topics.consume(
      'group',
      [topic],
      async ({ partition, records }, signal) => {
        offsets.set(partition, records[0]?.offset ?? -1);
        if (offsets.size === partitions) stop.abort();
        await new Promise((_, reject) => {
          const refuse = (): void => reject(new Error('not now'));
          if (signal.aborted) refuse();
          else signal.addEventListener('abort', refuse);
        });
      },
      stop.signal,
    );
    await ended;
    return offsets;
  }
});
