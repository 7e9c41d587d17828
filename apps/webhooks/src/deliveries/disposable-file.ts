import { mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from '@meterbook/runtime/sqlite';
import { sqliteCode } from '@meterbook/runtime/sqlite-failure';

/** A file whose contents make no sense, for whatever reason SQLite does not see. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
}

/**
 * Opens a file that holds nothing which has to be kept: one that cannot be read is thrown away and made anew.
 *
 * @param thrownAway told of that, with the path
 */
export function openDisposable(
  path: string,
  open: (path: string) => Database,
  thrownAway: (path: string, error: unknown) => void = () => undefined,
): Database {
  mkdirSync(dirname(path), { recursive: true });
  // What was never written to cannot be prepared while somebody has it open.
  if (statSync(path, { throwIfNoEntry: false })?.size === 0) remove(path);
  try {
    return open(path);
  } catch (error) {
    if (!isDamage(error)) throw error;
    thrownAway(path, error);
    remove(path);
    return open(path);
  }
}

function remove(path: string): void {
  for (const part of ['', '-wal', '-shm']) rmSync(`${path}${part}`, { force: true });
}

/** Pages that make no sense, or tables that are not those of this layout. */
function isDamage(error: unknown): boolean {
  if (error instanceof DamagedFile) return true;
  const code = sqliteCode(error);
  return code === 'SQLITE_ERROR' || code === 'SQLITE_NOTADB' || (code?.startsWith('SQLITE_CORRUPT') ?? false);
}
