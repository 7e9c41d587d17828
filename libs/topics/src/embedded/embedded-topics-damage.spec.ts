import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { Child } from '@meterbook/runtime/testing/child';
import { EmbeddedTopics } from './embedded-topics';
import type { DeliveredRecord, DeliveryFailure, DeliveryListener } from '../topics';

const clock = new SystemClock();
const script = join(__dirname, 'testing/topics-child.ts');

describe('embedded topics on a damaged or a full disk', () => {
  let directory: string;
  let opened: EmbeddedTopics[];
  const open = (listener?: DeliveryListener): EmbeddedTopics => {
    const topics = new EmbeddedTopics(directory, clock, { prefix: '', partitions: 1, ...(listener && { listener }) });
    opened.push(topics);
    return topics;
  };
  /** Everything of a topic from the group's offset on, as it was delivered. */
  const consume = async (topics: EmbeddedTopics, count: number, topic = 'usage'): Promise<DeliveredRecord[]> => {
    const delivered: DeliveredRecord[] = [];
    const stop = new AbortController();
    await topics.consume(
      'g',
      [topic],
      async ({ records }) => {
        delivered.push(...records);
        if (delivered.length >= count) stop.abort();
      },
      stop.signal,
    );
    return delivered;
  };
  /** Changes the bytes of the only frame behind the topic's back. */
  const damage = (change: (body: string) => string): void => {
    const database = openDatabase(join(directory, 'usage.db'));
    const body = database.prepare<[], string>('SELECT CAST(body AS TEXT) FROM frames').pluck().get() ?? '';
    database.prepare('UPDATE frames SET body = CAST(? AS BLOB)').run(change(body));
    database.close();
  };
  const records = ['1', '2', '3', '4'].map((value) => ({ key: 'a', value: `{"id":${value}}`, headers: { type: 'x' } }));

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-topics-'));
    opened = [];
  });
  afterEach(async () => {
    for (const topics of opened) await topics.close();
    rmSync(directory, { recursive: true });
  });

  it.each<[string, (body: string) => string, (readonly [number, string, boolean])[]]>([
    [
      'its lengths are wrong',
      (body) => body.replace('1 12 8\ta\t{"type":"x"}\t{"id":2}', '1 12 9\ta\t{"type":"x"}\t{"id":2}'),
      [
        [0, '{"id":1}', false],
        [1, '1 12 9\ta\t{"type":"x"}\t{"id":2}\n', true],
        [2, '{"id":3}', false],
        [3, '{"id":4}', false],
      ],
    ],
    [
      'its headers are no JSON',
      (body) => body.replace('{"type":"x"}\t{"id":3}', '{"type"?"x"}\t{"id":3}'),
      [
        [0, '{"id":1}', false],
        [1, '{"id":2}', false],
        [2, '1 12 8\ta\t{"type"?"x"}\t{"id":3}\n', true],
        [3, '{"id":4}', false],
      ],
    ],
    [
      'the line breaks around it are gone',
      (body) => body.replace(/\n/, '-').replace(/\n/, '-'),
      [
        [
          2,
          '1 12 8\ta\t{"type":"x"}\t{"id":1}-1 12 8\ta\t{"type":"x"}\t{"id":2}-1 12 8\ta\t{"type":"x"}\t{"id":3}\n',
          true,
        ],
        [3, '{"id":4}', false],
      ],
    ],
    [
      'the frame ends in the middle of it',
      (body) => body.slice(0, body.indexOf('"id":3')),
      [
        [0, '{"id":1}', false],
        [1, '{"id":2}', false],
        [3, '1 12 8\ta\t{"type":"x"}\t{', true],
      ],
    ],
    ['nothing is left', () => '', [[3, '', true]]],
    [
      'a byte of its value is another',
      (body) => body.replace('"id":2', '"id":7'),
      [
        [0, '{"id":1}', false],
        [1, '1 12 8\ta\t{"type":"x"}\t{"id":7}\n', true],
        [2, '{"id":3}', false],
        [3, '{"id":4}', false],
      ],
    ],
    [
      'bytes are others in two, and the lengths of a third are wrong',
      (body) =>
        body
          .replace('{"type":"x"}\t{"id":1}', '{"type":"y"}\t{"id":1}')
          .replace('1 12 8\ta\t{"type":"x"}\t{"id":2}', '1 12 9\ta\t{"type":"x"}\t{"id":2}')
          .replace('"id":4', '"id":5'),
      [
        [0, '1 12 8\ta\t{"type":"y"}\t{"id":1}\n', true],
        [1, '1 12 9\ta\t{"type":"x"}\t{"id":2}\n', true],
        [2, '{"id":3}', false],
        [3, '1 12 8\ta\t{"type":"x"}\t{"id":5}\n', true],
      ],
    ],
  ])('deliver a damaged record as it stands, and everything else, where %s', async (_, change, expected) => {
    const damaged: number[] = [];
    const topics = open({
      failed: ({ error }) => expect(error).toBeUndefined(),
      recovered: () => undefined,
      damaged: ({ offset }) => damaged.push(offset),
    });
    await topics.publish('usage', records);
    damage(change);
    const delivered = await consume(topics, expected.length);
    expect(delivered.map(({ offset, value, headers }) => [offset, value, 'damaged' in headers])).toEqual(expected);
    expect(damaged).toEqual(expected.filter(([, , isDamaged]) => isDamaged).map(([offset]) => offset));
    await topics.publish('usage', [{ key: 'a', value: 'next' }]);
    expect(await consume(topics, 1)).toMatchObject([{ offset: 4, value: 'next' }]);
  });

  it('deliver what was written before there were sums, and what an earlier version writes into the same file', async () => {
    const old = (sql: string, ...values: unknown[]): void => {
      const database = openDatabase(join(directory, 'usage.db'));
      database.prepare(sql).run(...values);
      database.close();
    };
    const topics = open();
    await topics.publish('usage', records);
    await topics.close();
    opened = [];
    old('ALTER TABLE frames DROP COLUMN sums');
    const again = open();
    expect((await consume(again, 4)).map(({ value }) => value)).toEqual(records.map(({ value }) => value));
    await again.publish('usage', records);
    old('INSERT INTO frames (place, records, timestamp, body) VALUES (8, 1, 0, ?)', Buffer.from('1 2 2\ta\t{}\tup\n'));
    old('UPDATE partitions SET next_offset = 9');
    expect((await consume(again, 5)).map(({ value, headers }) => [value, 'damaged' in headers])).toEqual(
      [...records.map(({ value }) => value), 'up'].map((value) => [value, false]),
    );
  });

  it('notice a change of any byte that is published, be it no UTF-8', async () => {
    const topics = open();
    await topics.publish('usage', [
      { key: 'ä', value: '\udc80\udcff', headers: { ü: '€' } },
      { key: 'b', value: '' },
    ]);
    expect((await consume(topics, 2)).map(({ headers }) => 'damaged' in headers)).toEqual([false, false]);
  });

  it('deliver a damaged frame from the middle on, and never more than a batch', async () => {
    const topics = new EmbeddedTopics(directory, clock, { prefix: '', partitions: 1, maxBatchRecords: 1 });
    opened.push(topics);
    await topics.publish('usage', records);
    damage((body) => body.replace('1 12 8\ta\t{"type":"x"}\t{"id":2}', '1 12 9\ta\t{"type":"x"}\t{"id":2}'));
    expect((await consume(topics, 4)).map(({ offset }) => offset)).toEqual([0, 1, 2, 3]);
  });

  it('refuse by name what a full disk does not take, keep nothing of it, and go on once there is room', async () => {
    const child = new Child(script, 'insist', directory, 'usage', '3600000', '0');
    try {
      await child.until((lines) => lines.includes('acknowledged 3'));
      execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=400000:unlimited']);
      await child.until((lines) => lines.filter((line) => line.startsWith('refused')).length >= 3);
      execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited:unlimited']);
      const refused = child.lines.filter((line) => line.startsWith('refused'));
      expect(refused.every((line) => line.endsWith(' TopicsUnavailable'))).toBe(true);
      const last = Number(refused.at(-1)?.split(' ')[1]);
      await child.until((lines) => lines.includes(`acknowledged ${last + 3}`));
    } finally {
      await child.kill();
    }
    const topics = new EmbeddedTopics(directory, clock, { prefix: '', partitions: 4 });
    opened.push(topics);
    const acknowledged = child.lines.filter((line) => line.startsWith('ack')).map((line) => Number(line.split(' ')[1]));
    const numbers = (await consume(topics, acknowledged.length))
      .map(({ value }) => Number(value))
      .sort((a, b) => a - b);
    expect(numbers.slice(0, acknowledged.length)).toEqual(acknowledged);
  });

  it('wait for room to commit an offset, and deliver the batch once', async () => {
    const failures: DeliveryFailure[] = [];
    const recovered: unknown[] = [];
    const topics = open({ failed: (failure) => failures.push(failure), recovered: (place) => recovered.push(place) });
    await topics.publish('usage', [{ key: 'a', value: '1' }]);
    await topics.lag('g', ['usage']);
    let batches = 0;
    const stop = new AbortController();
    const ended = topics.consume(
      'g',
      ['usage'],
      async () => {
        batches += 1;
        group(`CREATE TRIGGER full BEFORE UPDATE OF committed ON partitions BEGIN SELECT RAISE(ABORT, 'no room'); END`);
      },
      stop.signal,
    );
    while (failures.length < 2) await clock.sleep(5);
    group('DROP TRIGGER full');
    while (recovered.length === 0) await clock.sleep(5);
    stop.abort();
    await ended;
    expect(batches).toBe(1);
    expect(String(failures[0]?.error)).toContain('no room');
    expect(await topics.lag('g', ['usage'])).toEqual([{ topic: 'usage', partition: 0, lag: 0, committed: 1 }]);
  });

  const group = (sql: string): void => {
    const database = openDatabase(join(directory, 'groups/g.db'));
    database.exec(sql);
    database.close();
  };
});
