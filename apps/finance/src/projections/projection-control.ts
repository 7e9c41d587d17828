import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import type { Log } from '@meterbook/runtime/log';
import { isSqliteBusy, sqliteCode } from '@meterbook/runtime/sqlite-failure';
import { removeProjectionFile } from './projection-file';

/** Rebuilds that are remembered, the newest first. */
const maxRebuilds = 100;
/** How long one side waits for the other, milliseconds. */
const busyTimeoutMs = 10_000;

const schema = `
  CREATE TABLE IF NOT EXISTS live_files (projection TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS failures (projection TEXT PRIMARY KEY, detail TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS rebuilds (
    number INTEGER PRIMARY KEY, rebuild_id TEXT NOT NULL UNIQUE, projection TEXT NOT NULL, state TEXT NOT NULL,
    position TEXT NOT NULL, target TEXT NOT NULL, progress REAL NOT NULL,
    identical INTEGER, rows INTEGER, checksum TEXT, difference TEXT, detail TEXT
  );`;

/** Told where the file was of no use and a new one was made, which knows of no set and no rebuild. */
export type ControlRenewed = (file: string, why: unknown) => void;

/** The first row in which two sets differ, as JSON; null on the side that has no such row. */
export interface Difference {
  readonly table: string;
  readonly live: string | null;
  readonly rebuilt: string | null;
}

export interface RebuildStatus {
  readonly rebuildId: string;
  readonly projection: string;
  readonly state: 'running' | 'swapped' | 'failed';
  /** How far the second set has come, and how far it has to go. */
  readonly position: string;
  readonly target: string;
  /** 0 to 1. */
  readonly progress: number;
  /** Whether old and new were the same at the same position; null before the comparison, and where a stream could not be read. */
  readonly identical: boolean | null;
  readonly rows: number | null;
  /** SHA-256, hex, of the new set's rows in the order of their keys. */
  readonly checksum: string | null;
  readonly difference: Difference | null;
  /** What went wrong, or what the comparison could not look at. */
  readonly detail: string | null;
}

export interface RebuildResult {
  /** Null where the new set stands without a stream that cannot be read. */
  readonly identical: boolean | null;
  readonly rows: number;
  readonly checksum: string;
  readonly difference: Difference | null;
  readonly detail: string | null;
}

interface Row extends Omit<RebuildStatus, 'identical' | 'difference'> {
  readonly identical: number | null;
  readonly difference: string | null;
}

const columns =
  'rebuild_id AS rebuildId, projection, state, position, target, progress, identical, rows, checksum, difference, detail';

/**
 * Which file of each projection is live, which of them fails, and the rebuilds asked for. The loop and the HTTP side may run in
 * different threads or processes; this file and the projections' are all they share.
 */
export class ProjectionControl {
  private readonly database: SQLite.Database;

  /** @param directory of the finance files; it is made where it is missing */
  constructor(
    private readonly directory: string,
    onRenewed: ControlRenewed = () => undefined,
  ) {
    mkdirSync(directory, { recursive: true });
    const file = join(directory, 'control.db');
    try {
      this.database = opened(file);
    } catch (error) {
      if (sqliteCode(error) === undefined || isSqliteBusy(error)) throw error;
      // Nothing stands in it that could not be made again: the projections are filled anew.
      removeProjectionFile(file);
      this.database = opened(file);
      onRenewed(file, error);
    }
  }

  /** The file that readers use; undefined before the first was made. */
  livePath(projection: string): string | undefined {
    const generation = this.generation(projection);
    return generation === 0 ? undefined : this.pathOf(projection, generation);
  }

  /** Where the next file goes: never a name that a reader may hold. */
  nextPath(projection: string): string {
    return this.pathOf(projection, this.generation(projection) + 1);
  }

  /** Makes the file at `nextPath` the live one. A crash before or after leaves exactly one valid live file. */
  swap(projection: string, rebuildId: string | null, result: RebuildResult | null): void {
    this.database
      .transaction(() => {
        this.database
          .prepare('INSERT OR REPLACE INTO live_files VALUES (?, ?)')
          .run(projection, this.generation(projection) + 1);
        if (rebuildId === null || !result) return;
        const { identical, rows, checksum, difference, detail } = result;
        this.database
          .prepare(
            `UPDATE rebuilds SET state = 'swapped', progress = 1, identical = ?, rows = ?, checksum = ?, difference = ?, detail = ?
             WHERE rebuild_id = ?`,
          )
          .run(
            identical === null ? null : Number(identical),
            rows,
            checksum,
            difference && JSON.stringify(difference),
            detail,
            rebuildId,
          );
      })
      .immediate();
  }

  /** Removes what a crash left behind, and what earlier releases kept: every file of the projection but the live one. */
  removeOthers(projection: string): void {
    const live = this.generation(projection);
    for (const file of readdirSync(this.directory)) {
      const [, name, generation] = /^(.+)-(\d+)\.db$/.exec(file) ?? [];
      if (name === 'books' || (name === projection && Number(generation) !== live))
        removeProjectionFile(join(this.directory, file));
    }
  }

  /** Notes that a projection does not move on, and why; null once it does. */
  noteFailure(projection: string, detail: string | null): void {
    if (detail === null) this.database.prepare('DELETE FROM failures WHERE projection = ?').run(projection);
    else this.database.prepare('INSERT OR REPLACE INTO failures VALUES (?, ?)').run(projection, detail);
  }

  /** Why a projection does not move on; undefined where it does. */
  failureOf(projection: string): string | undefined {
    return this.database
      .prepare<[string], string>('SELECT detail FROM failures WHERE projection = ?')
      .pluck()
      .get(projection);
  }

  /** Asks for a rebuild; while one is under way that one is the answer. */
  request(projection: string, rebuildId: string): string {
    return this.database
      .transaction(() => {
        const running = this.running(projection);
        if (running) return running.rebuildId;
        this.database
          .prepare(
            `INSERT INTO rebuilds (rebuild_id, projection, state, position, target, progress) VALUES (?, ?, 'running', 'start', 'start', 0)`,
          )
          .run(rebuildId, projection);
        this.database
          .prepare(`DELETE FROM rebuilds WHERE state <> 'running' AND number <= (SELECT max(number) FROM rebuilds) - ?`)
          .run(maxRebuilds);
        return rebuildId;
      })
      .immediate();
  }

  /** The rebuild of a projection that has not ended: also one that a crash interrupted, which then starts over. */
  running(projection: string): RebuildStatus | undefined {
    const row = this.database
      .prepare<[string], Row>(
        `SELECT ${columns} FROM rebuilds WHERE state = 'running' AND projection = ? ORDER BY number LIMIT 1`,
      )
      .get(projection);
    return row && toStatus(row);
  }

  rebuild(projection: string, rebuildId: string): RebuildStatus | undefined {
    const row = this.database
      .prepare<[string, string], Row>(`SELECT ${columns} FROM rebuilds WHERE projection = ? AND rebuild_id = ?`)
      .get(projection, rebuildId);
    return row && toStatus(row);
  }

  advance(rebuildId: string, position: string, target: string, progress: number): void {
    this.database
      .prepare('UPDATE rebuilds SET position = ?, target = ?, progress = ? WHERE rebuild_id = ?')
      .run(position, target, progress, rebuildId);
  }

  fail(rebuildId: string, detail: string): void {
    this.database
      .prepare(`UPDATE rebuilds SET state = 'failed', detail = ? WHERE rebuild_id = ?`)
      .run(detail, rebuildId);
  }

  close(): void {
    this.database.close();
  }

  private generation(projection: string): number {
    return (
      this.database
        .prepare<[string], number>('SELECT generation FROM live_files WHERE projection = ?')
        .pluck()
        .get(projection) ?? 0
    );
  }

  private pathOf(projection: string, generation: number): string {
    return join(this.directory, `${projection}-${generation}.db`);
  }
}

/** The control file of a folder; the log is told where it was of no use. */
export function openControl(directory: string, log: Log): ProjectionControl {
  return new ProjectionControl(directory, (file, err) =>
    log.error({ file, err }, 'A file was of no use and is made anew; the projections are filled again.'),
  );
}

/** The control file with its tables. Throws where it is no database, or one that is cut short. */
function opened(file: string): SQLite.Database {
  const database = new SQLite(file, { timeout: busyTimeoutMs });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.exec(schema);
    for (const table of ['live_files', 'failures', 'rebuilds']) database.prepare(`SELECT * FROM ${table}`).all();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function toStatus(row: Row): RebuildStatus {
  return {
    ...row,
    identical: row.identical === null ? null : row.identical === 1,
    difference: row.difference === null ? null : (JSON.parse(row.difference) as Difference),
  };
}
