import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '@meterbook/runtime/system-clock';
import type { DeliveredRecord } from '../topics';
import { EmbeddedTopics } from './embedded-topics';

const clock = new SystemClock();
const pageBytes = 4096;
const publishes = 60;
const recordsOfPublish = 3;
const count = publishes * recordsOfPublish;
const valueOf = (n: number): string => `${n}-${'x'.repeat((n * 131) % 3000)}`;

describe('a topic one page of whose file is garbage', () => {
  let directory: string;
  let whole: Buffer;
  const open = (folder: string): EmbeddedTopics => new EmbeddedTopics(folder, clock, { prefix: '', partitions: 1 });

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-topics-'));
    const topics = open(join(directory, 'whole'));
    for (let n = 0; n < count; n += recordsOfPublish)
      await topics.publish(
        'usage',
        Array.from({ length: recordsOfPublish }, (_, i) => ({ key: 'a', value: valueOf(n + i) })),
      );
    await topics.close();
    whole = readFileSync(join(directory, 'whole', 'usage.db'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  /** Everything that is delivered, up to the last offset; undefined where the topic is refused. */
  const delivered = async (folder: string): Promise<DeliveredRecord[] | undefined> => {
    let topics: EmbeddedTopics | undefined;
    const records: DeliveredRecord[] = [];
    try {
      topics = open(folder);
      const stop = new AbortController();
      const take = async (batch: { readonly records: readonly DeliveredRecord[] }): Promise<void> => {
        records.push(...batch.records);
        if ((records.at(-1)?.offset ?? 0) >= count - 1) stop.abort();
      };
      await topics.consume('g', ['usage'], take, stop.signal);
      return records;
    } catch (error) {
      expect(String(error)).toMatch(/malformed|not a database|damaged/);
      return undefined;
    } finally {
      await topics?.close();
    }
  };

  it.each([0x00, 0xa5, 0xff])('delivers everything else in order, or is refused whole: %i', async (garbage) => {
    let [refused, contained] = [0, 0];
    for (let page = 1; page * pageBytes < whole.length; page++) {
      const folder = join(directory, `page-${garbage}-${page}`);
      cpSync(join(directory, 'whole'), folder, { recursive: true });
      const file = Buffer.from(whole);
      file.fill(garbage, page * pageBytes, (page + 1) * pageBytes);
      writeFileSync(join(folder, 'usage.db'), file);
      const records = await delivered(folder);
      if (records) {
        contained += 1;
        const offsets = records.map(({ offset }) => offset);
        expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
        const times = records.map(({ timestamp }) => timestamp);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(times[0]).toBeGreaterThan(0);
        const kept = records.filter(({ headers }) => headers['damaged'] === undefined);
        for (const { offset, value } of kept) expect([page, offset, value]).toEqual([page, offset, valueOf(offset)]);
        // An inner page of the table holds the way to all that is below it.
        if (records.length > 1) expect(kept.length).toBeGreaterThan(0);
        if (kept.length < count) expect(records.some(({ headers }) => headers['damaged'] !== undefined)).toBe(true);
      } else refused += 1;
      rmSync(folder, { recursive: true });
    }
    expect(refused).toBeLessThan(6);
    expect(contained).toBeGreaterThan(50);
  });
});
