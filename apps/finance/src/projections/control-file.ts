import { statSync } from 'node:fs';
import { join } from 'node:path';
import { openDisposable } from '@meterbook/runtime/disposable-file';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import type { Log } from '@meterbook/runtime/log';
import { sqliteCode } from '@meterbook/runtime/sqlite-failure';

/** How long one side waits for the other, milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;

const tables = ['live_files', 'failures', 'rebuilds'] as const;
const schema = `
  CREATE TABLE IF NOT EXISTS live_files (projection TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS failures (projection TEXT PRIMARY KEY, detail TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS rebuilds (
    number INTEGER PRIMARY KEY, rebuild_id TEXT NOT NULL UNIQUE, projection TEXT NOT NULL, state TEXT NOT NULL,
    position TEXT NOT NULL, target TEXT NOT NULL, progress REAL NOT NULL,
    identical INTEGER, rows INTEGER, checksum TEXT, difference TEXT, detail TEXT
  );`;

/** The control file of a finance directory as one of its users has it. */
export interface ControlFile {
  /** Does something with the file; undefined where there is none that could be used. */
  use<T>(work: (database: Database) => T): T | undefined;
  close(): void;
}

/** The file of the loop that owns the directory: a missing one is made, and so is a new one in place of what is no database. */
export class OwnControlFile implements ControlFile {
  private readonly database: Database;

  constructor(directory: string, log: Log) {
    // Nothing stands in it that could not be made again: the projections are filled anew.
    this.database = openDisposable(join(directory, 'control.db'), made, (file, err) =>
      log.error({ file, err }, 'A file was of no use and is made anew; the projections are filled again.'),
    );
  }

  use<T>(work: (database: Database) => T): T {
    return work(this.database);
  }

  close(): void {
    this.database.close();
  }
}

/**
 * The file of everybody else. It is opened when it is there, and again when the owner has made another one; nobody but the owner
 * makes or removes it, or two would mend it at the same moment, each throwing away what the other has just made.
 */
export class SharedControlFile implements ControlFile {
  private readonly path: string;
  private opened: { readonly inode: bigint; readonly database: Database } | undefined;

  constructor(directory: string) {
    this.path = join(directory, 'control.db');
  }

  use<T>(work: (database: Database) => T): T | undefined {
    try {
      const database = this.open();
      return database && work(database);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.close();
      return undefined;
    }
  }

  close(): void {
    this.opened?.database.close();
    this.opened = undefined;
  }

  private open(): Database | undefined {
    const inode = statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino;
    if (this.opened && this.opened.inode === inode) return this.opened.database;
    this.close();
    if (inode === undefined) return undefined;
    const database = openDatabase(this.path, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    this.opened = { inode, database };
    return database;
  }
}

/** The file with its tables. Throws where it is no database, or one that is cut short. */
function made(file: string): Database {
  const database = openDatabase(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.exec(schema);
    addMissing(database);
    for (const table of tables) database.prepare(`SELECT * FROM ${table}`).all();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What an earlier version did not tell of a rebuild. */
function addMissing(database: Database): void {
  const columns = database.pragma('table_info(rebuilds)') as readonly { readonly name: string }[];
  for (const name of ['events', 'per_second', 'remaining_ms'])
    if (!columns.some((column) => column.name === name)) database.exec(`ALTER TABLE rebuilds ADD COLUMN ${name} REAL`);
}

/** Pages that make no sense, tables that are not these, or a file that another one has taken the place of. A full disk is none of it. */
function isDamage(error: unknown): boolean {
  const code = sqliteCode(error) ?? '';
  const codes = ['SQLITE_ERROR', 'SQLITE_NOTADB', 'SQLITE_CANTOPEN', 'SQLITE_READONLY_DBMOVED'];
  return codes.includes(code) || code.startsWith('SQLITE_CORRUPT');
}
