import { openDisposable, refuseDamagedPages } from '@meterbook/runtime/disposable-file';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import type { Log } from '@meterbook/runtime/log';
import type { Random } from '@meterbook/runtime/random';
import { sqliteFailure } from '@meterbook/runtime/sqlite-failure';

const FILE_ID_BYTES = 12;
/** Raised whenever the tables change: an older file is emptied and filled anew from the topic. */
const SCHEMA_VERSION = 3;

/** The tables of this version and of every one before it. */
const tables = ['letters', 'counts', 'totals', 'settled', 'parts', 'progress', 'file'];

/**
 * `place` is another one whenever something new is said of a letter. A platform or a model that is not known is the empty text.
 * `counts` and `totals` are of the letters that wait; `settled` are ids of letters that were dealt with.
 */
const schema = `
  ${tables.map((table) => `DROP TABLE IF EXISTS ${table};`).join(' ')}
  CREATE TABLE letters (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, dismissed INTEGER NOT NULL, accepted_at INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL, written_at INTEGER NOT NULL, platform TEXT NOT NULL, account TEXT, reason TEXT NOT NULL,
    model TEXT NOT NULL, letter TEXT NOT NULL, dismissal TEXT
  );
  CREATE INDEX letters_by_time ON letters (dismissed, accepted_at, id);
  CREATE INDEX letters_by_reason ON letters (dismissed, reason, accepted_at, id);
  CREATE INDEX letters_by_platform ON letters (dismissed, platform, accepted_at, id);
  CREATE INDEX letters_by_platform_and_reason ON letters (dismissed, platform, reason, accepted_at, id);
  CREATE INDEX letters_by_model ON letters (dismissed, reason, model, accepted_at, id);
  CREATE INDEX letters_by_platform_and_model ON letters (dismissed, platform, reason, model, accepted_at, id);
  CREATE INDEX letters_of_account ON letters (dismissed, reason, platform, account, accepted_at, id);
  CREATE INDEX letters_by_age ON letters (dismissed, written_at);
  CREATE TABLE counts (
    reason TEXT NOT NULL, model TEXT NOT NULL, platform TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (reason, model, platform)
  ) WITHOUT ROWID;
  CREATE INDEX counts_by_platform ON counts (platform, reason, model);
  CREATE TABLE totals (reason TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE settled (id TEXT PRIMARY KEY, platform TEXT NOT NULL, settled_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX settled_by_age ON settled (settled_at);
  CREATE TABLE parts (
    id TEXT NOT NULL, digest TEXT NOT NULL, part INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (id, digest, part)
  );
  CREATE TABLE progress (topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL, PRIMARY KEY (topic, partition)) WITHOUT ROWID;
  CREATE TABLE file (id TEXT NOT NULL)`;

/** The opened file and its id: a new one has a new id, so that its consumer group reads the topic from its start. */
export interface DeadLetterFile {
  readonly database: Database;
  readonly id: string;
}

/** Opens the file; where there is none, or one that is damaged or of other tables, a new and empty one takes its place. */
export function openDeadLetterFile(path: string, random: Random, log: Log): DeadLetterFile {
  return openDisposable(
    path,
    () => opened(path, random, log),
    (_path, err) => log.warn({ err, file: path }, 'The index of dead letters is damaged: it is thrown away.'),
  );
}

function opened(path: string, random: Random, log: Log): DeadLetterFile {
  const database = openDatabase(path);
  try {
    database.pragma('journal_mode = WAL');
    // The group's offset must never be ahead of the file.
    database.pragma('synchronous = FULL');
    const isOurs = database.pragma('user_version', { simple: true }) === SCHEMA_VERSION;
    if (isOurs) refuseDamagedPages(database);
    else {
      startOver(database, random);
      log.info({ file: path }, 'The index of dead letters is new: it is filled from its topic.');
    }
    return { database, id: idOf(database) };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The id of the file; throws where it has none. */
export function idOf(database: Database): string {
  const file = database.prepare<[], { id: string }>('SELECT id FROM file').get();
  if (!file) throw sqliteFailure(`${database.name} has no id`, 'SQLITE_CORRUPT');
  return file.id;
}

/** Empties the file and gives it a new id. */
export function startOver(database: Database, random: Random): void {
  database.transaction(() => {
    database.exec(schema);
    database
      .prepare('INSERT INTO file (id) VALUES (?)')
      .run(Buffer.from(random.bytes(FILE_ID_BYTES)).toString('base64url'));
    database.pragma(`user_version = ${SCHEMA_VERSION}`);
  })();
}
