import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { openDatabase, type Database } from './sqlite';
import { isCutShort } from './database-length';
import { DiskFull } from './disk-full';
import { isMissing, PathUnfit, whyNotThere } from './path-failure';
import { isSqliteBusy, sqliteCode } from './sqlite-failure';

/** How long a look waits, if nobody says otherwise, for another process, which may be recovering the file after a crash, milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;

/** A file under `DATA_DIR` is no database any more, or a part of one. */
export class FileDamaged extends Error {
  override readonly name = 'FileDamaged';
  readonly remedy = 'Nothing was changed. See "Files that do not fit together" in docs/operating.md.';

  constructor(
    readonly file: string,
    /** SQLite's code, or what else is wrong. */
    why: string,
  ) {
    super(`${file} is damaged or not a database (${why}).`);
  }
}

/**
 * Looks into a database file and lets go of it. Undefined where there is no such file; throws `FileDamaged` where it cannot be
 * read, `PathUnfit` where this user may not, and `DiskFull` where there is no room to open it. A file that is cut short is found out,
 * one that is damaged inside is not.
 */
export function lookIntoDatabase<T>(
  file: string,
  look: (database: Database) => T,
  busyTimeoutMs = BUSY_TIMEOUT_MS,
): T | undefined {
  if (!isThere(file)) return undefined;
  let database: Database | undefined;
  refuseOfOthers(file);
  try {
    refuseCutShort(file);
    database = openDatabase(file, { fileMustExist: true, timeout: busyTimeoutMs });
    // Whatever is wrong with the file as a whole, its header or its length, shows at the first page that is read.
    database.pragma('schema_version');
    return look(database);
  } catch (error) {
    if (error instanceof FileDamaged || sqliteCode(error) === undefined || isSqliteBusy(error)) throw error;
    throw DiskFull.of(error) ?? notOpened(file, error) ?? new FileDamaged(file, sqliteCode(error) ?? '');
  } finally {
    database?.close();
  }
}

/** A folder of another user is not an empty one. */
function isThere(file: string): boolean {
  try {
    statSync(file);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw notOurs(file, error);
  }
}

/** A file of another user is not a damaged one: nobody should have to look for a backup. */
function refuseOfOthers(file: string): void {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw notOurs(file, error);
  }
}

function notOurs(file: string, error: unknown): PathUnfit {
  return new PathUnfit(
    `${resolve(file)} cannot be read and written: ${whyNotThere(error)}.`,
    'Start as the user who owns the files, or give them to this one.',
    error,
  );
}

/** What SQLite keeps beside a file cannot be made or opened, which says nothing about the file; undefined for any other failure. */
function notOpened(file: string, error: unknown): PathUnfit | undefined {
  const code = sqliteCode(error) ?? '';
  if (code !== 'SQLITE_CANTOPEN' && !code.startsWith('SQLITE_READONLY')) return undefined;
  return new PathUnfit(
    `${resolve(file)} cannot be opened, or nothing be written beside it (${code}).`,
    'Give the folder that it is in to this user, and see that no limit on open files is reached.',
    error,
  );
}

function refuseCutShort(file: string): void {
  if (isCutShort(file)) throw new FileDamaged(file, 'it is cut short');
}

export function hasTable(database: Database, table: string): boolean {
  return database.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`).get(table) !== undefined;
}
