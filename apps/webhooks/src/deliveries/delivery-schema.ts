import { join } from 'node:path';
import { DamagedFile, openDisposable, refuseDamagedPages } from '@meterbook/runtime/disposable-file';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';

/** Version of the tables: another one is thrown away, and the last hour is sent again. */
const LAYOUT = 1;
const BUSY_TIMEOUT_MS = 10_000;

const tables = `
  CREATE TABLE progress (position TEXT NOT NULL, since INTEGER NOT NULL);
  CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    endpoint TEXT NOT NULL, account TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
    queued_at INTEGER NOT NULL, state INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER, status INTEGER, error TEXT
  );
  CREATE UNIQUE INDEX delivery_ids ON deliveries (endpoint, id);
  CREATE INDEX delivery_waiting ON deliveries (endpoint, seq) WHERE state = 0;
  CREATE INDEX delivery_listed ON deliveries (endpoint, seq);
  CREATE INDEX delivery_ended ON deliveries (ended_at) WHERE state <> 0;
  CREATE TABLE held_back (
    endpoint TEXT NOT NULL, account TEXT NOT NULL, first_at INTEGER NOT NULL, next_at INTEGER NOT NULL,
    failures INTEGER NOT NULL, PRIMARY KEY (endpoint, account)
  ) WITHOUT ROWID;
  CREATE TABLE low (
    endpoint TEXT NOT NULL, account TEXT NOT NULL, is_low INTEGER NOT NULL, changes_at INTEGER, PRIMARY KEY (endpoint, account)
  ) WITHOUT ROWID;
  CREATE INDEX low_changes ON low (changes_at) WHERE changes_at IS NOT NULL;
  CREATE TABLE periods (
    account TEXT PRIMARY KEY, revision INTEGER NOT NULL, ends_at INTEGER NOT NULL, due_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX periods_due ON periods (due_at);
  CREATE TABLE learned (endpoint TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE behind (endpoint TEXT PRIMARY KEY, position TEXT NOT NULL) WITHOUT ROWID;
  PRAGMA user_version = ${LAYOUT};`;

/** What becomes of a delivery. */
export const DELIVERY_STATES = ['waiting', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export function deliveriesFileIn(directory: string): string {
  return join(directory, 'deliveries.db');
}

/**
 * Opens the file of deliveries, for the loop that owns its directory. A missing one is made; one that cannot be read is thrown
 * away and made anew.
 *
 * @param sinceMs what was booked earlier, milliseconds since 1970, is not delivered where the file is made
 * @param thrownAway told of that, with the path
 */
export function openDeliveries(
  directory: string,
  sinceMs: number,
  thrownAway: (path: string, error: unknown) => void,
): Database {
  return openDisposable(deliveriesFileIn(directory), (path) => opened(path, sinceMs), thrownAway);
}

function opened(path: string, sinceMs: number): Database {
  const database = openDatabase(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    const version = database.pragma('user_version', { simple: true });
    if (version !== LAYOUT && version !== 0) throw new DamagedFile('it is of another version');
    if (version === 0) make(database, sinceMs);
    refuseDamagedPages(database);
    if (database.prepare('SELECT position FROM progress').get() === undefined)
      throw new DamagedFile('it has no position');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function make(database: Database, sinceMs: number): void {
  database
    .transaction(() => {
      database.exec(tables);
      database.prepare(`INSERT INTO progress VALUES ('start', ?)`).run(sinceMs);
    })
    .immediate();
}
