import { join } from 'node:path';
import { hasTable, lookIntoDatabase } from '@meterbook/runtime/database-file';

/** How far the store's file goes: the hash of its last frame stands for every event before `next`. */
export interface StoreExtent {
  /** Position of the event that comes next: the number of events there are. */
  readonly next: number;
  readonly hash: string;
}

interface FrameEnd {
  readonly position: number;
  readonly events: number;
  readonly hash: string;
}

export function storeFile(directory: string): string {
  return join(directory, 'events.db');
}

/** The extent of the store in a folder; undefined where its file is missing. Throws `FileDamaged`. */
export function storeExtent(directory: string): StoreExtent | undefined {
  return extentBefore(directory, Number.MAX_SAFE_INTEGER);
}

/** True where the store begins with exactly the events that an extent stands for. Throws `FileDamaged`. */
export function storeHolds(directory: string, { next, hash }: StoreExtent): boolean {
  if (next === 0) return true;
  const extent = extentBefore(directory, next);
  return extent?.next === next && extent.hash === hash;
}

function extentBefore(directory: string, position: number): StoreExtent | undefined {
  return lookIntoDatabase(storeFile(directory), (database) => {
    const last = hasTable(database, 'frames')
      ? database
          .prepare<[number], FrameEnd>(
            'SELECT position, events, hash FROM frames WHERE position < ? ORDER BY position DESC LIMIT 1',
          )
          .get(position)
      : undefined;
    return last ? { next: last.position + last.events, hash: last.hash } : { next: 0, hash: '' };
  });
}
