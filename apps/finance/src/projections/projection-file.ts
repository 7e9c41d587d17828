import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import SQLite from 'better-sqlite3';
import type { Position, SubscriptionBatch } from '@meterbook/event-store/event-store';
import { sqliteCode } from '@meterbook/runtime/sqlite-failure';
import { toBooked } from './booked-event';
import type { Fold, Projection } from './projection';

/** Pages of 4 KiB in the write-ahead log after which it is moved into the file (64 MiB). */
const autoCheckpointPages = 16_384;
/** Page cache of the one connection that writes, KiB. */
const cacheKib = 131_072;
/** How long a connection waits for another one of the same file, milliseconds. */
const busyTimeoutMs = 10_000;

const schema = `
  CREATE TABLE layout (projections TEXT NOT NULL);
  CREATE TABLE progress (
    position TEXT NOT NULL, booked_at INTEGER NOT NULL, watermark INTEGER NOT NULL, events INTEGER NOT NULL
  );
  INSERT INTO progress VALUES ('start', -1, -1, 0);`;

/** How far a file has come along the store. Instants are the store's, in milliseconds, −1 before the first. */
export interface Progress {
  /** Every event at or before it is folded. */
  readonly position: Position | 'start';
  /** When the last folded event was booked. */
  readonly bookedAt: number;
  /** What is booked before this instant is folded, for ever. */
  readonly watermark: number;
  /** Events folded so far. */
  readonly events: number;
}

/** One SQLite file that holds a set of projections and the one position that all their rows stand for. */
export class ProjectionFile {
  private readonly folds: readonly Fold[];
  private readonly save: SQLite.Statement<[string, number, number, number]>;
  private current: Progress;

  private constructor(
    readonly path: string,
    readonly database: SQLite.Database,
    projections: readonly Projection[],
  ) {
    this.current = readProgress(database);
    this.save = database.prepare('UPDATE progress SET position = ?, booked_at = ?, watermark = ?, events = ?');
    this.folds = projections.map((projection) => projection.open(database));
  }

  /** An empty file, whatever stood there before. */
  static create(path: string, projections: readonly Projection[]): ProjectionFile {
    removeProjectionFile(path);
    mkdirSync(dirname(path), { recursive: true });
    const database = openToWrite(path);
    database.transaction(() => {
      database.exec(schema);
      for (const projection of projections) database.exec(projection.schema);
      database.prepare('INSERT INTO layout VALUES (?)').run(layoutOf(projections));
    })();
    return new ProjectionFile(path, database, projections);
  }

  /** The file as it was left; undefined where it is missing, broken or of another layout, and so of no use. */
  static open(path: string, projections: readonly Projection[]): ProjectionFile | undefined {
    let database: SQLite.Database | undefined;
    try {
      database = openToWrite(path, true);
      const layout = database.prepare<[], { projections: string }>('SELECT projections FROM layout').get();
      if (layout?.projections === layoutOf(projections)) return new ProjectionFile(path, database, projections);
    } catch (error) {
      if (sqliteCode(error) === undefined) throw error;
    }
    database?.close();
    return undefined;
  }

  get progress(): Progress {
    return this.current;
  }

  /** Rows and position in one transaction. After a failure the file must be opened anew: memory is ahead of it. */
  fold(batch: SubscriptionBatch): void {
    const last = batch.events.at(-1);
    const watermark = Math.max(this.current.watermark, last?.bookedAt ?? -1, batch.caughtUp ? batch.observedAt : -1);
    if (!last && batch.position === this.current.position && watermark === this.current.watermark) return;
    const next: Progress = {
      position: batch.position,
      bookedAt: last?.bookedAt ?? this.current.bookedAt,
      watermark,
      events: this.current.events + batch.events.length,
    };
    const booked = batch.events.map(toBooked);
    this.database.transaction(() => {
      if (booked.length > 0) for (const fold of this.folds) fold.fold(booked);
      this.save.run(next.position, next.bookedAt, next.watermark, next.events);
    })();
    this.current = next;
  }

  close(): void {
    this.database.close();
  }
}

export function readProgress(database: SQLite.Database): Progress {
  const row = database
    .prepare<[], Progress>('SELECT position, booked_at AS bookedAt, watermark, events FROM progress')
    .get();
  if (!row) throw new Error(`${database.name} has no progress`);
  return row;
}

/** A connection that only reads; the caller closes it. Throws where the file is missing. */
export function openToRead(path: string): SQLite.Database {
  return new SQLite(path, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
}

export function removeProjectionFile(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
}

function openToWrite(path: string, fileMustExist = false): SQLite.Database {
  const database = new SQLite(path, { fileMustExist, timeout: busyTimeoutMs });
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.pragma(`wal_autocheckpoint = ${autoCheckpointPages}`);
  database.pragma(`cache_size = -${cacheKib}`);
  return database;
}

function layoutOf(projections: readonly Projection[]): string {
  return JSON.stringify(projections.map(({ name, layout }) => [name, layout]));
}
