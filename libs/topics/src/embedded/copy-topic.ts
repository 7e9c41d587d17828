import { FileDamaged } from '@meterbook/runtime/database-file';
import { isPageDamaged } from '@meterbook/runtime/damaged-pages';
import type { Database } from '@meterbook/runtime/sqlite';
import { openTopicDatabase } from './embedded-database';
import { placeOf, type FrameRow, type PartitionEnd } from './frame-reader';
import type { TopicExtent } from './topic-extents';
import { AUTO_CHECKPOINT_PAGES, makeTopicTables, PAGE_BYTES } from './topic-tables';

/** Frames that are added to a copy in one commit. */
const FRAMES_PER_COMMIT = 16;

/** Why a file is no copy of another one, a sentence. */
export class NoCopyOfTopic extends Error {
  override readonly name = 'NoCopyOfTopic';
  readonly remedy = 'Choose an empty folder. Keep the other one: it may be the only copy of other records.';

  constructor(copy: string, original: string) {
    super(`${copy} is no earlier copy of ${original}.`);
  }
}

/**
 * Adds to one topic's file what it lacks of another's, up to an extent of that one, and lets go of what the other has deleted since. A
 * copy that was interrupted is a shorter one, and can be gone on with; groups begin it anew. Resolves with the records that were added.
 * Throws `NoCopyOfTopic`, and `FileDamaged` where records cannot be read: the copy then ends before them.
 */
export async function copyTopic(
  from: string,
  to: string,
  until: TopicExtent,
  turn: (records: number) => Promise<void>,
): Promise<number> {
  const [original, copy] = [open(from), open(to)];
  try {
    begin(original, copy, until, () => new NoCopyOfTopic(to, from));
    let added = 0;
    for (const [partition, end] of until.ends.entries()) {
      for (;;) {
        const records = copyFrames(original, copy, partition, end);
        if (records === 0) break;
        added += records;
        await turn(records);
      }
      follow(original, copy, partition, end);
    }
    return added;
  } catch (error) {
    throw isPageDamaged(error) ? new FileDamaged(from, 'a page of it') : error;
  } finally {
    original.close();
    copy.close();
  }
}

function open(file: string): Database {
  const database = openTopicDatabase(file, PAGE_BYTES, AUTO_CHECKPOINT_PAGES, 'FULL');
  makeTopicTables(database);
  return database;
}

const idOf = (database: Database): string | undefined =>
  database.prepare<[], string>('SELECT id FROM identity').pluck().get();

const endOf = (database: Database, partition: number): PartitionEnd | undefined =>
  database
    .prepare<[number], PartitionEnd>(
      'SELECT partition, next_offset AS next, timestamp FROM partitions WHERE partition = ?',
    )
    .get(partition);

/** A copy bears the id of its original: whoever remembers that takes it for the same. */
function begin(original: Database, copy: Database, until: TopicExtent, unfit: () => Error): void {
  const [id, copied] = [idOf(original), idOf(copy)];
  const count = copy.prepare<[], number>('SELECT count(*) FROM partitions').pluck().get() ?? 0;
  const isAhead = until.ends.some((end, partition) => (endOf(copy, partition)?.next ?? 0) > end);
  const isOther = copied !== undefined && copied !== id;
  if (isOther || isAhead || (count > 0 && count !== until.ends.length)) throw unfit();
  copy.transaction(() => {
    // A file that an earlier version made has none until it is opened.
    if (copied === undefined && id !== undefined) copy.prepare('INSERT INTO identity VALUES (?)').run(id);
    if (count > 0) return;
    for (const partition of until.ends.keys())
      copy.prepare('INSERT INTO partitions (partition, next_offset, timestamp) VALUES (?, 0, 0)').run(partition);
  })();
}

/** Adds the next frames of a partition in one commit; the records in them, 0 where there are none. */
function copyFrames(original: Database, copy: Database, partition: number, end: number): number {
  const first = placeOf(partition, endOf(copy, partition)?.next ?? 0);
  const rows = original
    .prepare<[number, number, number], FrameRow>(
      'SELECT place, records, timestamp, body, sums FROM frames WHERE place >= ? AND place < ? ORDER BY place LIMIT ?',
    )
    .all(first, placeOf(partition, end), FRAMES_PER_COMMIT);
  const last = rows.at(-1);
  if (!last) return 0;
  const insert = copy.prepare('INSERT INTO frames (place, records, timestamp, body, sums) VALUES (?, ?, ?, ?, ?)');
  copy.transaction(() => {
    for (const { place, records, timestamp, body, sums } of rows) insert.run(place, records, timestamp, body, sums);
    setEnd(copy, { partition, next: last.place - placeOf(partition, 0) + last.records, timestamp: last.timestamp });
  })();
  return rows.reduce((sum, { records }) => sum + records, 0);
}

/** What was deleted from the original goes, and a partition of which nothing is left ends where it ends there. */
function follow(original: Database, copy: Database, partition: number, end: number): void {
  const [low, high] = [placeOf(partition, 0), placeOf(partition + 1, 0)];
  const kept =
    original
      .prepare<[number, number], number>(
        'SELECT place FROM frames WHERE place >= ? AND place < ? ORDER BY place LIMIT 1',
      )
      .pluck()
      .get(low, high) ?? placeOf(partition, end);
  const there = endOf(original, partition);
  const here = endOf(copy, partition);
  copy.transaction(() => {
    copy.prepare('DELETE FROM frames WHERE place >= ? AND place < ?').run(low, Math.min(kept, placeOf(partition, end)));
    const timestamp = there?.next === end ? there.timestamp : (here?.timestamp ?? 0);
    setEnd(copy, { partition, next: end, timestamp: Math.max(timestamp, here?.timestamp ?? 0) });
  })();
}

function setEnd(copy: Database, { partition, next, timestamp }: PartitionEnd): void {
  copy
    .prepare('UPDATE partitions SET next_offset = ?, timestamp = ? WHERE partition = ?')
    .run(next, timestamp, partition);
}
