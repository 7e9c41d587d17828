import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import type { Clock } from '@meterbook/runtime/clock';
import { isSqliteBusy } from '@meterbook/runtime/sqlite-failure';

/** How long opening and reading wait for another process, which may be recovering the file after a crash. */
const BUSY_TIMEOUT_MS = 10_000;
/** How long a writer sleeps between two tries for the lock of another process. */
const LOCK_RETRY_MS = 1;

/** Opens a file whose commits are durable at once (`FULL`), or once the log is moved into the file: after a power cut the last may be gone (`NORMAL`). */
export function openTopicDatabase(
  path: string,
  pageBytes: number,
  autoCheckpointPages: number,
  synchronous: 'FULL' | 'NORMAL',
): Database {
  mkdirSync(dirname(path), { recursive: true });
  const database = openDatabase(path, { timeout: BUSY_TIMEOUT_MS });
  database.pragma(`page_size = ${pageBytes}`);
  database.pragma('journal_mode = WAL');
  database.pragma(`synchronous = ${synchronous}`);
  database.pragma(`wal_autocheckpoint = ${autoCheckpointPages}`);
  return database;
}

/** Runs `work` as one transaction, as the file's only writer. While another process writes, this thread goes on with other things. */
export async function inTransaction<T>(database: Database, clock: Clock, work: () => T): Promise<T> {
  while (!begin(database)) await clock.sleep(LOCK_RETRY_MS);
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function begin(database: Database): boolean {
  database.exec('PRAGMA busy_timeout = 0');
  try {
    database.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (isSqliteBusy(error)) return false;
    throw error;
  } finally {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}
