import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import type { Log } from '@meterbook/runtime/log';
import type { Random } from '@meterbook/runtime/random';
import { isSqliteBusy, sqliteCode, sqliteFailure } from '@meterbook/runtime/sqlite-failure';

const fileIdBytes = 12;
/** Raised whenever the tables change: an older file is emptied and filled anew from the topic. */
const schemaVersion = 2;

const schema = `
  DROP TABLE IF EXISTS letters; DROP TABLE IF EXISTS parts; DROP TABLE IF EXISTS progress; DROP TABLE IF EXISTS file;
  CREATE TABLE letters (
    id TEXT PRIMARY KEY, accepted_at INTEGER NOT NULL, occurred_at INTEGER NOT NULL, platform TEXT, account TEXT, reason TEXT NOT NULL, letter TEXT NOT NULL
  );
  CREATE INDEX letters_by_time ON letters (accepted_at, id);
  CREATE INDEX letters_by_reason ON letters (reason, accepted_at, id);
  CREATE INDEX letters_by_platform ON letters (platform, accepted_at, id);
  CREATE INDEX letters_by_platform_and_reason ON letters (platform, reason, accepted_at, id);
  CREATE INDEX letters_of_account ON letters (reason, platform, account, accepted_at, id);
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
  mkdirSync(dirname(path), { recursive: true });
  try {
    return opened(path, random, log);
  } catch (error) {
    if (sqliteCode(error) === undefined || isSqliteBusy(error)) throw error;
    log.warn({ err: error, file: path }, 'The index of dead letters is damaged: it is thrown away.');
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
    return opened(path, random, log);
  }
}

function opened(path: string, random: Random, log: Log): DeadLetterFile {
  const database = openDatabase(path);
  try {
    database.pragma('journal_mode = WAL');
    // The group's offset must never be ahead of the file.
    database.pragma('synchronous = FULL');
    const isOurs = database.pragma('user_version', { simple: true }) === schemaVersion;
    if (isOurs) refuseDamage(database);
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

function refuseDamage(database: Database): void {
  const found = database.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw sqliteFailure(String(found), 'SQLITE_CORRUPT');
}

/** Empties the file and gives it a new id. */
export function startOver(database: Database, random: Random): void {
  database.transaction(() => {
    database.exec(schema);
    database
      .prepare('INSERT INTO file (id) VALUES (?)')
      .run(Buffer.from(random.bytes(fileIdBytes)).toString('base64url'));
    database.pragma(`user_version = ${schemaVersion}`);
  })();
}
