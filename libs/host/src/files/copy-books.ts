import { copyFrames } from '@meterbook/event-store/embedded/copy-frames';
import { copyTopic } from '@meterbook/topics/embedded/copy-topic';
import type { DataFolder } from './data-folder';
import { copyKeptFiles } from './kept-files';
import type { Extents } from './witness';

/** What a copy came to. */
export interface BooksCopied {
  /** Events and records that were added. */
  readonly events: number;
  readonly records: number;
  /** Positions in the store that are no longer what was written there; they were copied as they are. */
  readonly faults: readonly number[];
}

/** Told of each commit: how many records or events stand in the copy. It may let others have their turn, or throw to stop. */
export type CopyTurn = (what: 'records' | 'events', done: number, of: number) => Promise<void>;

/** The same extents in another folder: topics are told by their paths. */
export function extentsIn(to: string, from: string, { store, topics }: Extents): Extents {
  const moved = Object.entries(topics).map(([file, extent]) => [to + file.slice(from.length), extent] as const);
  return { store, topics: Object.fromEntries(moved) };
}

/**
 * Adds to the files of one folder what they lack of another's, keys included, up to extents of that one in which the store is as new as the topics, or
 * newer. Derived files, groups and locks are left out; whoever opens the copy makes them again. Throws `NoCopyOf`, `NoCopyOfTopic` and
 * `FileDamaged`.
 */
export async function copyBooks(
  from: DataFolder,
  to: DataFolder,
  extents: Extents,
  turn: CopyTurn,
): Promise<BooksCopied> {
  const topics = Object.entries(extents.topics);
  const of = topics.flatMap(([, { ends }]) => ends).reduce((sum, end) => sum + end, 0);
  let records = 0;
  copyKeptFiles(from.directory, to.directory);
  for (const [file, extent] of topics) {
    records += await copyTopic(file, to.directory + file.slice(from.directory.length), extent, (added) =>
      turn('records', records + added, of),
    );
  }
  const { store } = extents;
  if (store === null || from.store === null || to.store === null) return { events: 0, records, faults: [] };
  const copied = await copyFrames(from.store, to.store, store, (position) => turn('events', position, store.next));
  return { ...copied, records };
}
