import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDeadLetterRecord, toDeadLetter, type DeadLetter } from '@meterbook/messages/dead-letter';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import type { TopicRecord } from '@meterbook/topics/topics';
import { copiedId, CopiedLetters, copyDeadLetters, readTopic } from './copy-dead-letters';

const clock = new SystemClock();
const topic = 'usage.dead-letters';

/** The records of a letter about usage that stood at an offset. */
const letter = (offset: number, value = '{"id":"u"}'): TopicRecord[] =>
  toDeadLetter({
    kind: 'dead',
    record: { topic: 'usage.recorded', partition: 3, offset, timestamp: 17, key: 'p/a', value, headers: {} },
    platform: 'p',
    account: 'a',
    reason: 'unknown_model',
    detail: 'it is not there',
  });
const word = (kind: string, offset: number): TopicRecord => ({
  key: 'p/a',
  value: JSON.stringify({
    kind,
    id: `usage.recorded-3-${offset}`,
    reason: 'r',
    by: 'b',
    at: '2026-01-01T00:00:00.000Z',
  }),
});

describe('dead letters in a copy', () => {
  let directory: string;
  const open = (name: string): EmbeddedTopics =>
    new EmbeddedTopics(join(directory, name), clock, { prefix: '', partitions: 4 });
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'meterbook-letters-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const reading = (group: string) => ({ group, clock, asked: new AbortController().signal });
  const recordsIn = async (topics: EmbeddedTopics): Promise<TopicRecord[]> => {
    const all: TopicRecord[] = [];
    await readTopic(topics, topic, reading('spec'), async (records) => void all.push(...records));
    return all;
  };

  it('have ids that no new letter can have, copied once, twice, and back', () => {
    const once = copiedId('usage.recorded-3-17');
    expect([once, copiedId(once), copiedId(copiedId(once))]).toEqual([
      'copy1.usage.recorded-3-17',
      'copy2.usage.recorded-3-17',
      'copy3.usage.recorded-3-17',
    ]);
  });

  it('say what they said, word for word and in order', async () => {
    const [from, to] = [open('from'), open('to')];
    const large = JSON.stringify({ id: 'u', text: 'ü"'.repeat(400_000) });
    const said = [...letter(1), ...letter(2, large), word('dismissed', 1), ...letter(4), word('resolved', 4)];
    expect(letter(2, large).length).toBeGreaterThan(1);
    await from.publish(topic, [...said, { key: 'p/a', value: 'nothing that anybody could read' }]);
    expect(await copyDeadLetters(from, to, reading('copy'))).toBe(said.length + 1);
    const copied = new CopiedLetters();
    const expected = said.flatMap((record) => copied.take(record));
    expect(await recordsIn(to)).toMatchObject(expected);
    const first = readDeadLetterRecord(expected[0] ?? word('', 0)) as DeadLetter;
    expect(first).toEqual({
      ...(readDeadLetterRecord(said[0] ?? word('', 0)) as DeadLetter),
      id: 'copy1.usage.recorded-3-1',
    });
    await from.close();
    await to.close();
  });

  it('are read to the end of their topic, also where nothing is in it, and what cannot be written is told', async () => {
    const [from, to] = [open('from'), open('to')];
    expect(await copyDeadLetters(from, to, reading('empty'))).toBe(0);
    await from.publish(topic, Array.from({ length: 500 }, (_, i) => letter(i)).flat());
    await to.close();
    await expect(copyDeadLetters(from, to, reading('failing'))).rejects.toThrow('the topics are closed');
    await from.close();
  });
});
