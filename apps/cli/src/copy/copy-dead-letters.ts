import { readDeadLetterRecord, readDeadLetterText, type DeadLetterRecord } from '@meterbook/messages/dead-letter';
import { recordsOfText, type DeadLetterPart } from '@meterbook/messages/dead-letter-parts';
import { TOPICS } from '@meterbook/messages/topic-table';
import type { Clock } from '@meterbook/runtime/clock';
import type { BatchHandler, TopicRecord, Topics } from '@meterbook/topics/topics';

/** How often is looked whether everything was read, milliseconds. */
const LOOK_EVERY_MS = 50;

/** An id that a copy gave: how often the letter was copied, and the id that it had at first. */
const copiedIdPattern = /^copy(\d{1,6})\.(.+)$/;

/**
 * The id of a letter in the copy. The id of a new letter is where its usage stands on its topic, and the topics of a copy begin at 0 again: a
 * letter that kept its id would be taken for another one.
 */
export function copiedId(id: string): string {
  const [, times, first] = copiedIdPattern.exec(id) ?? [];
  return first === undefined ? `copy1.${id}` : `copy${Number(times) + 1}.${first}`;
}

/** Whether an id was given by a copy. */
export function isCopiedId(id: string): boolean {
  return copiedIdPattern.test(id);
}

/** The records of a topic of dead letters as a copy has them. Those that nobody could read are passed over. */
export class CopiedLetters {
  /** Parts of letters that are not whole yet, by the id and the digest of their text. */
  private readonly parts = new Map<string, string[]>();

  /** What one record becomes: none where the rest of its letter is still to come. */
  take(record: TopicRecord): readonly TopicRecord[] {
    const said = readDeadLetterRecord(record);
    if (said?.kind !== 'dead-letter-part') return said ? renamed(record.key, said) : [];
    const whole = this.putTogether(said);
    const letter = whole === undefined ? undefined : readDeadLetterText(whole);
    return letter ? renamed(record.key, letter) : [];
  }

  private putTogether({ id, digest, part, parts, text }: DeadLetterPart): string | undefined {
    const place = `${id} ${digest}`;
    const texts = this.parts.get(place) ?? [];
    texts[part - 1] = text;
    this.parts.set(place, texts);
    if (part !== parts) return undefined;
    this.parts.delete(place);
    return Array.from({ length: parts }, (_, i) => texts[i]).includes(undefined) ? undefined : texts.join('');
  }
}

function renamed(key: string, said: Exclude<DeadLetterRecord, DeadLetterPart>): TopicRecord[] {
  const id = copiedId(said.id);
  return recordsOfText(key, id, JSON.stringify({ ...said, id }));
}

/**
 * Copies every dead letter and every word about one, in order. Begun again, it writes them once more, which comes to the same: whoever
 * reads them goes by the last word. Resolves with the number of records that were read.
 */
export async function copyDeadLetters(
  source: Topics,
  target: Topics,
  reading: { readonly group: string; readonly clock: Clock; readonly asked: AbortSignal },
): Promise<number> {
  const letters = new CopiedLetters();
  let read = 0;
  await readTopic(source, TOPICS.deadLetters, reading, async (records) => {
    read += records.length;
    const copied = records.flatMap((record) => letters.take(record));
    if (copied.length > 0) await target.publish(TOPICS.deadLetters, copied);
  });
  return read;
}

/** Reads a topic from its beginning up to where it ends, as a group that nobody else is in. Ends early where it is asked to. */
export async function readTopic(
  topics: Topics,
  topic: string,
  { group, clock, asked }: { readonly group: string; readonly clock: Clock; readonly asked: AbortSignal },
  handle: (records: readonly TopicRecord[]) => Promise<void>,
): Promise<void> {
  const isBehind = async (): Promise<boolean> => (await topics.lag(group, [topic])).some(({ lag }) => lag > 0);
  if (!(await isBehind())) return;
  const done = new AbortController();
  const stop = AbortSignal.any([asked, done.signal]);
  const failures: unknown[] = [];
  const fail = (error: unknown): void => {
    failures.push(error);
    done.abort();
  };
  // A topic would deliver again for ever what could not be handled; whoever typed the command hears of it.
  const taken: BatchHandler = ({ records }) =>
    handle(records).catch((error: unknown) => {
      fail(error);
      throw error;
    });
  const reading = topics.consume(group, [topic], taken, stop).catch(fail);
  while (!stop.aborted && (await isBehind())) await clock.sleep(LOOK_EVERY_MS, stop);
  done.abort();
  await reading;
  if (failures.length > 0) throw failures[0];
}
