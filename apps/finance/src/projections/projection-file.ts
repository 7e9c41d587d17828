import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { removeDatabase } from '@meterbook/runtime/disposable-file';
import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';
import type { Position } from '@meterbook/event-store/event-store';
import { isSqliteBusy, sqliteCode } from '@meterbook/runtime/sqlite-failure';
import { damagedSchema, DamagedTable } from './damaged-table';
import { damageOf, type Damage, type LastEvent, type ReadBatch } from './event-reader';
import { FoldFailed } from './fold-failed';
import type { BookedEvent, Fold, Projection } from './projection';

/** Pages of 4 KiB in the write-ahead log after which it is moved into the file (64 MiB). */
const AUTO_CHECKPOINT_PAGES = 16_384;
/** Page cache of the one connection that writes, KiB. */
const CACHE_KIB = 131_072;
/** How long a connection waits for another one of the same file, milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;

/** Version of the tables that stand in every file. */
const FILE_LAYOUT = 2;

const schema = `
  CREATE TABLE layout (projections TEXT NOT NULL);
  CREATE TABLE progress (
    position TEXT NOT NULL, booked_at INTEGER NOT NULL, watermark INTEGER NOT NULL, events INTEGER NOT NULL,
    last_stream TEXT, last_revision INTEGER, last_hash TEXT
  );
  INSERT INTO progress VALUES ('start', -1, -1, 0, NULL, NULL, NULL);
  ${damagedSchema}`;

/** How far a file has come along the store. Instants are the store's, in milliseconds, −1 before the first. */
export interface Progress {
  /** Every event at or before it is folded, but for those of damaged streams. */
  readonly position: Position | 'start';
  /** When the last event at or before the position was booked. */
  readonly bookedAt: number;
  /** What is booked before this instant is folded, for ever. */
  readonly watermark: number;
  /** Events folded so far. */
  readonly events: number;
}

/** One SQLite file that holds a projection, the one position that all its rows stand for, and the streams they stand without. */
export class ProjectionFile {
  readonly damaged: DamagedTable;
  private readonly save: Statement<[string, number, number, number, string | null, number | null, string | null]>;
  private readonly rows: Fold;
  private current: Progress;

  private constructor(
    readonly path: string,
    readonly database: Database,
    private readonly projection: Projection,
  ) {
    this.current = readProgress(database);
    this.save = database.prepare(
      `UPDATE progress SET position = ?, booked_at = ?, watermark = ?, events = ?, last_stream = coalesce(?, last_stream),
       last_revision = coalesce(?, last_revision), last_hash = coalesce(?, last_hash)`,
    );
    this.damaged = new DamagedTable(database);
    this.rows = projection.open(database);
  }

  /** An empty file, whatever stood there before. */
  static create(path: string, projection: Projection): ProjectionFile {
    removeDatabase(path);
    mkdirSync(dirname(path), { recursive: true });
    const database = openToWrite(path);
    try {
      database.transaction(() => {
        database.exec(schema);
        database.exec(projection.schema);
        database.prepare('INSERT INTO layout VALUES (?)').run(layoutOf(projection));
      })();
      return new ProjectionFile(path, database, projection);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** The file as it was left; undefined where it is missing, broken or of another layout, and so of no use. */
  static open(path: string, projection: Projection): ProjectionFile | undefined {
    let database: Database | undefined;
    try {
      database = openToWrite(path, true);
      const layout = database.prepare<[], { projections: string }>('SELECT projections FROM layout').get();
      if (layout?.projections === layoutOf(projection)) return new ProjectionFile(path, database, projection);
    } catch (error) {
      if (sqliteCode(error) === undefined || isSqliteBusy(error)) {
        database?.close();
        throw error;
      }
    }
    database?.close();
    return undefined;
  }

  get progress(): Progress {
    return this.current;
  }

  /**
   * Rows, damage and position in one transaction; what of damage is new. An event that makes no sense damages its stream. Throws
   * `FoldFailed` where the rows could not be written: the file must be opened anew then, since memory is ahead of it.
   */
  fold(batch: ReadBatch): readonly Damage[] {
    const watermark = Math.max(
      this.current.watermark,
      batch.last?.bookedAt ?? -1,
      batch.caughtUp ? batch.observedAt : -1,
    );
    const isNews = batch.last !== null || batch.damaged.length > 0;
    if (!isNews && batch.position === this.current.position && watermark === this.current.watermark) return [];
    const found: Damage[] = [];
    try {
      const next = this.database.transaction(() => {
        const events = this.takeAll(batch, found);
        if (isNews) this.rows.write();
        const { position, last } = batch;
        const bookedAt = Math.max(this.current.bookedAt, last?.bookedAt ?? -1);
        const progress = { position, bookedAt, watermark, events: this.current.events + events };
        const { stream = null, revision = null, hash = null } = last ?? {};
        this.save.run(position, bookedAt, watermark, progress.events, stream, revision, hash);
        return progress;
      })();
      this.current = next;
      return found;
    } catch (error) {
      this.damaged.recount();
      throw error instanceof FoldFailed ? error : new FoldFailed(this.projection.name, this.failing(batch), error);
    }
  }

  /** The last event that the file has seen; undefined before the first. */
  lastEvent(): Pick<LastEvent, 'stream' | 'revision' | 'hash'> | undefined {
    return this.database
      .prepare<[], Pick<LastEvent, 'stream' | 'revision' | 'hash'>>(
        `SELECT last_stream AS stream, last_revision AS revision, last_hash AS hash FROM progress WHERE last_stream IS NOT NULL`,
      )
      .get();
  }

  close(): void {
    this.database.close();
  }

  private takeAll({ events, damaged }: ReadBatch, found: Damage[]): number {
    for (const damage of damaged) if (this.damaged.add(damage)) found.push(damage);
    let taken = 0;
    for (const booked of events) {
      if (this.damaged.holds(booked.stream, booked.position)) continue;
      try {
        this.rows.take(booked);
        taken += 1;
      } catch (error) {
        if (sqliteCode(error) !== undefined) throw new FoldFailed(this.projection.name, booked, error);
        const damage = damageOf({ ...booked, type: booked.event.type }, error);
        this.damaged.add(damage);
        found.push(damage);
      }
    }
    return taken;
  }

  /** The event at which a batch fails whose rows cannot be written, found one by one from what the file holds; null where none does. */
  private failing({ events }: ReadBatch): BookedEvent | null {
    let last: BookedEvent | null = null;
    try {
      const fold = this.projection.open(this.database);
      this.database.transaction(() => {
        for (const booked of events) {
          if (this.damaged.holds(booked.stream, booked.position)) continue;
          last = booked;
          fold.take(booked);
          fold.write();
        }
        last = null;
        throw new Error('only tried');
      })();
    } catch {
      // What was tried is taken back in any case; the failure itself is told by whoever asked.
    }
    return last;
  }
}

export function readProgress(database: Database): Progress {
  const row = database
    .prepare<[], Progress>('SELECT position, booked_at AS bookedAt, watermark, events FROM progress')
    .get();
  if (!row) throw new Error(`${database.name} has no progress`);
  return row;
}

/** A connection that only reads; the caller closes it. Throws where the file is missing. */
export function openToRead(path: string): Database {
  return openDatabase(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
}

function openToWrite(path: string, fileMustExist = false): Database {
  const database = openDatabase(path, { fileMustExist, timeout: BUSY_TIMEOUT_MS });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma(`wal_autocheckpoint = ${AUTO_CHECKPOINT_PAGES}`);
    database.pragma(`cache_size = -${CACHE_KIB}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function layoutOf({ name, layout }: Projection): string {
  return JSON.stringify([
    [name, layout],
    ['file', FILE_LAYOUT],
  ]);
}
