import { mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from './sqlite';
import { sqliteCode } from './sqlite-failure';

/** A file whose contents make no sense, for whatever reason SQLite does not see. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
}

/**
 * Opens a database file that holds nothing which has to be kept: a missing one is made, and one that cannot be read is thrown away
 * and made anew. It is for the one who keeps the file; who only reads it uses `DisposableReader`.
 *
 * @param open opens the file and makes its tables, and lets go of it where that fails
 * @param thrownAway told of that, with the path
 */
export function openDisposable<Opened>(
  path: string,
  open: (path: string) => Opened,
  thrownAway: (path: string, error: unknown) => void = () => undefined,
): Opened {
  mkdirSync(dirname(path), { recursive: true });
  // What was never written to cannot be prepared while somebody has it open.
  if (statSync(path, { throwIfNoEntry: false })?.size === 0) removeDatabase(path);
  try {
    return open(path);
  } catch (error) {
    if (!isDamage(error)) throw error;
    thrownAway(path, error);
    removeDatabase(path);
    return open(path);
  }
}

/** Throws `DamagedFile` where pages of an open file contradict each other. */
export function refuseDamagedPages(database: Database): void {
  const found = database.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw new DamagedFile(`its pages contradict each other: ${String(found)}`);
}

/** Removes a database file, with what SQLite keeps beside it; nothing happens where there is none. */
export function removeDatabase(path: string): void {
  for (const part of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${part}`, { force: true });
}

/** Pages that make no sense, or tables that are not those of this layout. */
function isDamage(error: unknown): boolean {
  if (error instanceof DamagedFile) return true;
  const code = sqliteCode(error);
  return code === 'SQLITE_ERROR' || code === 'SQLITE_NOTADB' || (code?.startsWith('SQLITE_CORRUPT') ?? false);
}
