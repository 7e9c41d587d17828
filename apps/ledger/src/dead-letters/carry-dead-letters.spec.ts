import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeadLetter, DeadLetterRecord } from '@meterbook/messages/dead-letter';
import { TOPICS } from '@meterbook/messages/topic-table';
import { createLog } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import { CarryDeadLetters, LOOK_EVERY_MS } from './carry-dead-letters';
import { DeadLetterIndex } from './dead-letter-index';
import { IndexDeadLetters } from './index-dead-letters';

const keptMs = 4 * LOOK_EVERY_MS;
const stepMs = 1_000;

describe('dead letters that grow old', () => {
  const clock = new ManualClock();
  const stop = new AbortController();
  let directory: string;
  let topics: EmbeddedTopics;
  let index: DeadLetterIndex;
  let loops: Promise<void>[];

  const letter = (id: string, event = '{}'): DeadLetter => ({
    kind: 'dead-letter',
    id,
    reason: 'unknown_account',
    detail: '',
    platform: 'p',
    account: 'a',
    acceptedAt: new Date(clock.now()).toISOString(),
    key: 'k',
    event,
  });
  const say = (said: DeadLetterRecord): Promise<void> =>
    topics.publish(TOPICS.deadLetters, [{ key: 'k', value: JSON.stringify(said) }]);
  const passed = async (ms: number): Promise<void> => {
    for (let done = 0; done < ms; done += stepMs) await clock.advance(stepMs);
  };
  const openIndex = (name: string): DeadLetterIndex =>
    new DeadLetterIndex(join(directory, name), new SystemRandom(), createLog('fatal'));
  const ids = (of: DeadLetterIndex): string[] =>
    of.queries.list({ platforms: null, reason: null, after: null }).letters.map((listed) => listed.letter.id);
  /** What the topic still holds, as a new index reads it. */
  const readAnew = async (name: string): Promise<DeadLetterIndex> => {
    const anew = openIndex(name);
    const ended = new AbortController();
    const loop = new IndexDeadLetters(topics, anew).run(ended.signal);
    await passed(5 * stepMs);
    ended.abort();
    await passed(stepMs);
    await loop;
    return anew;
  };

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-carry-'));
    topics = new EmbeddedTopics(directory, clock, {
      prefix: '',
      partitions: 1,
      retentionMs: { [TOPICS.deadLetters]: keptMs },
    });
    index = openIndex('one.db');
    loops = [
      new IndexDeadLetters(topics, index).run(stop.signal),
      new CarryDeadLetters(topics, index, clock, keptMs, new SystemRandom()).run(stop.signal),
    ];
  });
  afterAll(async () => {
    stop.abort();
    await passed(stepMs);
    await Promise.all(loops);
    index.close();
    await topics.close();
    rmSync(directory, { recursive: true });
  });

  it('outlive the retention of their topic while they wait, and no longer', async () => {
    const large = letter('t-0-4', `"${'x'.repeat(2_000_000)}"`);
    for (const id of ['t-0-1', 't-0-2', 't-0-3']) await say(letter(id));
    index.hear(large, clock.now());
    await say({ kind: 'resolved', id: 't-0-2' });
    await say({ kind: 'dismissed', id: 't-0-3', reason: 'a test', by: 'x', at: new Date(clock.now()).toISOString() });
    await passed(5 * stepMs);
    expect(ids(index)).toEqual(['t-0-4', 't-0-1']);
    expect(index.find('t-0-3')?.dismissal).toMatchObject({ reason: 'a test' });
    for (let round = 1; round <= 3; round += 1) {
      await passed(2 * keptMs);
      const anew = await readAnew(`anew-${round}.db`);
      expect([round, ids(anew)]).toEqual([round, ['t-0-4', 't-0-1']]);
      expect(anew.find('t-0-4')?.letter.event).toBe(large.event);
      expect(anew.find('t-0-3')).toBeUndefined();
      expect(anew.waiting()).toEqual(index.waiting());
      anew.close();
    }
    expect(index.find('t-0-3')).toBeUndefined();
    // What was dealt with is forgotten with its records.
    expect(index.platformOfSettled('t-0-2')).toBeUndefined();
  }, 60_000);

  it('stay dealt with where an index that was behind carries them on', async () => {
    const other = openIndex('other.db');
    let offset = 0;
    const take = (...said: readonly DeadLetterRecord[]): void =>
      other.take({
        topic: 't',
        partition: 0,
        records: said.map((one) => ({
          topic: 't',
          partition: 0,
          offset: offset++,
          timestamp: clock.now(),
          headers: {},
          key: 'k',
          value: JSON.stringify(one),
        })),
      });
    const [charged, dismissed] = [letter('t-1-1'), letter('t-1-2')];
    take(charged, dismissed, { kind: 'resolved', id: charged.id });
    take({ kind: 'dismissed', id: dismissed.id, reason: 'x', by: 'x', at: dismissed.acceptedAt });
    take({ ...charged, carried: true }, { ...dismissed, carried: true });
    expect(ids(other)).toEqual([]);
    // Word of the ledger itself is news.
    take(charged);
    expect(ids(other)).toEqual([charged.id]);
    other.close();
  });
});
