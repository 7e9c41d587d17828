import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { EmbeddedTopics, type EmbeddedTopicsOptions } from './embedded-topics';
import { CONTRACT_PARTITIONS, describeTopics } from '../topics-contract';

describeTopics('EmbeddedTopics', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-topics-'));
  let topics = 0;
  return {
    open: (listener) =>
      new EmbeddedTopics(directory, new SystemClock(), {
        prefix: 'test.',
        partitions: CONTRACT_PARTITIONS,
        ...(listener ? { listener } : {}),
      }),
    freshTopic: async () => `contract-${(topics += 1)}`,
    destroy: async () => {
      rmSync(directory, { recursive: true });
    },
  };
});

describe('EmbeddedTopics', () => {
  const clock = new SystemClock();
  let directory: string;
  let opened: EmbeddedTopics[];
  const open = (options: Partial<EmbeddedTopicsOptions> = {}): EmbeddedTopics => {
    const topics = new EmbeddedTopics(directory, clock, { prefix: '', partitions: 2, ...options });
    opened.push(topics);
    return topics;
  };
  /** Consumes until `enough`, and returns the values in the order they came. */
  const consume = async (
    topics: EmbeddedTopics,
    group: string,
    topic: string,
    enough: (values: string[]) => boolean,
  ): Promise<string[]> => {
    const values: string[] = [];
    const stop = new AbortController();
    await topics.consume(
      group,
      [topic],
      async ({ records }) => {
        values.push(...records.map(({ value }) => value));
        if (enough(values)) stop.abort();
      },
      stop.signal,
    );
    return values;
  };
  const rows = (file: string, sql: string): unknown[] => {
    const database = openDatabase(join(directory, file));
    try {
      const statement = database.prepare(sql);
      return statement.reader ? statement.all() : [statement.run()];
    } finally {
      database.close();
    }
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-topics-'));
    opened = [];
  });
  afterEach(async () => {
    for (const topics of opened) await topics.close();
    rmSync(directory, { recursive: true });
  });

  it('refuses to open a topic with another number of partitions', async () => {
    await open({ partitionsOf: { control: 1 } }).publish('control', [{ key: 'a', value: '1' }]);
    await expect(open().publish('control', [{ key: 'a', value: '2' }])).rejects.toThrow(
      'topic control was created with 1 partitions and cannot be opened with 2',
    );
    await open({ partitionsOf: { control: 1 } }).publish('control', [{ key: 'a', value: '2' }]);
  });

  it('refuses a name that is no file name', async () => {
    await expect(open().publish('../usage', [{ key: 'a', value: '1' }])).rejects.toThrow('the name of a topic');
    await expect(open().lag('a/b', ['usage'])).rejects.toThrow('the name of a group');
  });

  it('keeps deployments with different prefixes apart', async () => {
    const [eu, us] = [open({ prefix: 'eu.' }), open({ prefix: 'us.' })];
    await eu.publish('usage', [{ key: 'a', value: 'eu' }]);
    await us.publish('usage', [{ key: 'a', value: 'us' }]);
    expect(await consume(eu, 'g', 'usage', () => true)).toEqual(['eu']);
    expect(await consume(us, 'g', 'usage', () => true)).toEqual(['us']);
  });

  it('lets no timestamp fall along a partition when the clock is set back', async () => {
    const manual = new ManualClock(1_000_000);
    const topics = new EmbeddedTopics(directory, manual, { prefix: '', partitions: 1 });
    opened.push(topics);
    await topics.publish('usage', [{ key: 'a', value: '1' }]);
    await manual.advance(-5000);
    await topics.publish('usage', [{ key: 'a', value: '2' }]);
    await manual.advance(5001);
    await topics.publish('usage', [{ key: 'a', value: '3' }]);
    expect(rows('usage.db', 'SELECT timestamp FROM frames ORDER BY place')).toEqual(
      [1_000_000, 1_000_000, 1_000_001].map((timestamp) => ({ timestamp })),
    );
  });

  it('can be read in the console of the database', async () => {
    const topics = open({ partitions: 1 });
    await topics.publish('usage', [
      { key: 'p/a', value: '{"id":1}', headers: { type: 'Noted' } },
      { key: 'p/ü', value: 'two\nlines' },
    ]);
    expect(rows('usage.db', 'SELECT * FROM readable')).toEqual([
      {
        partition: 0,
        base_offset: 0,
        records: 2,
        published: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/) as string,
        lines: '3 16 8\tp/a\t{"type":"Noted"}\t{"id":1}\n4 2 9\tp/ü\t{}\ttwo\nlines\n',
      },
    ]);
  });

  it('says that it is busy when too much waits, takes nothing of that, and everything else once it can', async () => {
    const topics = open({ maxQueuedBytes: 100, partitions: 1 });
    await topics.publish('usage', [{ key: 'a', value: 'first' }]);
    const other = openDatabase(join(directory, 'usage.db'));
    other.exec('BEGIN IMMEDIATE');
    const waiting = [1, 2, 3].map((i) => topics.publish('usage', [{ key: 'a', value: String(i).repeat(30) }]));
    await expect(topics.publish('usage', [{ key: 'a', value: '4' }])).rejects.toMatchObject({
      name: 'TopicsBusy',
      topic: 'usage',
    });
    other.exec('COMMIT');
    other.close();
    await Promise.all(waiting);
    await topics.publish('usage', [{ key: 'a', value: 'last' }]);
    const values = await consume(topics, 'g', 'usage', (all) => all.includes('last'));
    expect(values).toEqual(['first', '1'.repeat(30), '2'.repeat(30), '3'.repeat(30), 'last']);
  });

  it('makes a large batch ready in turns, and writes it whole', async () => {
    const topics = open();
    const values = Array.from({ length: 5_000 }, (_, i) => String(i).padEnd(1_000, '.'));
    let turns = 0;
    let isPublished = false;
    const countTurns = (): void => {
      turns += 1;
      if (!isPublished) setImmediate(countTurns);
    };
    setImmediate(countTurns);
    await topics.publish(
      't',
      values.map((value, i) => ({ key: `k${i % 20}`, value })),
    );
    isPublished = true;
    // Nine pieces of half a MiB, beside the turn that a commit waits for.
    expect(turns).toBeGreaterThanOrEqual(9);
    const seen = await consume(topics, 'g', 't', ({ length }) => length >= values.length);
    expect(seen.sort()).toEqual(values.sort());
  });

  it('delivers batches up to the limits of records and bytes, and no record twice for it', async () => {
    const publisher = open({ partitions: 1 });
    await publisher.publish(
      'usage',
      Array.from({ length: 95 }, (_, i) => ({ key: 'a', value: String(i) })),
    );
    const large = Array.from({ length: 6 }, (_, i) => ({ key: 'a', value: String(95 + i).padEnd(400_000) }));
    for (const record of large) await publisher.publish('usage', [record]);
    const topics = open({ partitions: 1, maxBatchRecords: 10, maxBatchBytes: 1_000_000 });
    const sizes: number[] = [];
    const values: number[] = [];
    const stop = new AbortController();
    await topics.consume(
      'g',
      ['usage'],
      async ({ records }) => {
        sizes.push(records.length);
        values.push(...records.map(({ value }) => Number(value)));
        if (values.length === 101) stop.abort();
      },
      stop.signal,
    );
    expect(values).toEqual(Array.from({ length: 101 }, (_, i) => i));
    expect(sizes).toEqual([10, 10, 10, 10, 10, 10, 10, 10, 10, 7, 2, 2]);
  });

  it('deletes what is old and committed by every group, and nothing else', async () => {
    const kept = { retentionMs: { usage: 1 }, partitions: 1 };
    const topics = open(kept);
    for (let i = 0; i < 40; i += 1) await topics.publish('usage', [{ key: 'a', value: String(i) }]);
    await topics.publish('entries', [{ key: 'a', value: 'kept' }]);
    const count = (file: string): unknown =>
      (rows(file, 'SELECT count(*) AS count FROM frames')[0] as { count: number }).count;
    // A second group has done with the first ten only.
    const slow = open({ ...kept, maxBatchRecords: 10 });
    await consume(slow, 'slow', 'usage', () => true);
    const stop = new AbortController();
    const ended = topics.consume('fast', ['usage', 'entries'], async () => undefined, stop.signal);
    while (count('usage.db') !== 30) await clock.sleep(10);
    await clock.sleep(1500);
    expect([count('usage.db'), count('entries.db')]).toEqual([30, 1]);
    const rest = await consume(slow, 'slow', 'usage', (values) => values.length >= 30);
    expect(rest).toEqual(Array.from({ length: 30 }, (_, i) => String(10 + i)));
    while (count('usage.db') !== 0) await clock.sleep(10);
    stop.abort();
    await ended;
    // A group that comes later starts with what is still there.
    expect(await topics.lag('late', ['usage'])).toEqual([{ topic: 'usage', partition: 0, lag: 0, committed: 0 }]);
    const late = consume(open({ partitions: 1 }), 'late', 'usage', () => true);
    await clock.sleep(100);
    await topics.publish('usage', [{ key: 'a', value: 'new' }]);
    expect(await late).toEqual(['new']);
  });

  it('gives the partitions of a consumer that broke down to the next one', async () => {
    const broken = open({
      partitions: 1,
      listener: {
        failed: () => {
          throw new Error('a fault in the listener');
        },
        recovered: () => undefined,
      },
    });
    await broken.publish('usage', [{ key: 'a', value: '1' }]);
    const failing = broken.consume(
      'g',
      ['usage'],
      () => Promise.reject(new Error('down')),
      new AbortController().signal,
    );
    await expect(failing).rejects.toThrow('a fault in the listener');
    expect(await consume(open({ partitions: 1 }), 'g', 'usage', () => true)).toEqual(['1']);
  });
});
