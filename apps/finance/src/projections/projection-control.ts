import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { removeProjectionFile } from './projection-file';

/** Rebuilds that are remembered, the newest first. */
const maxRebuilds = 100;
/** How long one side waits for the other, milliseconds. */
const busyTimeoutMs = 10_000;

const schema = `
  CREATE TABLE IF NOT EXISTS live (generation INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS rebuilds (
    number INTEGER PRIMARY KEY, rebuild_id TEXT NOT NULL UNIQUE, projection TEXT NOT NULL, state TEXT NOT NULL,
    position TEXT NOT NULL, target TEXT NOT NULL, progress REAL NOT NULL,
    identical INTEGER, rows INTEGER, checksum TEXT, difference TEXT, detail TEXT
  );`;

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
  /** Whether old and new were the same at the same position; null before the comparison. */
  readonly identical: boolean | null;
  readonly rows: number | null;
  /** SHA-256, hex, of the new set's rows in the order of their keys. */
  readonly checksum: string | null;
  readonly difference: Difference | null;
  /** What went wrong, where it failed. */
  readonly detail: string | null;
}

export interface RebuildResult {
  readonly identical: boolean;
  readonly rows: number;
  readonly checksum: string;
  readonly difference: Difference | null;
}

interface Row extends Omit<RebuildStatus, 'identical' | 'difference'> {
  readonly identical: number | null;
  readonly difference: string | null;
}

const columns =
  'rebuild_id AS rebuildId, projection, state, position, target, progress, identical, rows, checksum, difference, detail';

/**
 * Which file of the set is live, and the rebuilds asked for. The loop and the HTTP side may run in different threads or
 * processes; this file and the set's are all they share.
 */
export class ProjectionControl {
  private readonly database: SQLite.Database;

  /** @param directory of the finance files; it is made where it is missing */
  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true });
    this.database = new SQLite(join(directory, 'control.db'), { timeout: busyTimeoutMs });
    this.database.pragma('journal_mode = WAL');
    this.database.pragma('synchronous = FULL');
    this.database.exec(schema);
  }

  /** The file that readers use; undefined before the first was made. */
  livePath(): string | undefined {
    const generation = this.generation();
    return generation === 0 ? undefined : this.pathOf(generation);
  }

  /** Where the next file goes: never a name that a reader may hold. */
  nextPath(): string {
    return this.pathOf(this.generation() + 1);
  }

  /** Makes the file at `nextPath` the live one. A crash before or after leaves exactly one valid live file. */
  swap(rebuildId: string | null, result: RebuildResult | null): void {
    this.database
      .transaction(() => {
        const next = this.generation() + 1;
        this.database.prepare('DELETE FROM live').run();
        this.database.prepare('INSERT INTO live VALUES (?)').run(next);
        if (rebuildId === null || !result) return;
        const difference = result.difference && JSON.stringify(result.difference);
        this.database
          .prepare(
            `UPDATE rebuilds SET state = 'swapped', progress = 1, identical = ?, rows = ?, checksum = ?, difference = ? WHERE rebuild_id = ?`,
          )
          .run(result.identical ? 1 : 0, result.rows, result.checksum, difference, rebuildId);
      })
      .immediate();
  }

  /** Removes what a crash left behind: every set file but the live one. */
  removeOthers(): void {
    const live = this.generation();
    for (const file of readdirSync(this.directory)) {
      const generation = /^books-(\d+)\.db$/.exec(file)?.[1];
      if (generation !== undefined && Number(generation) !== live) removeProjectionFile(join(this.directory, file));
    }
  }

  /** Asks for a rebuild; while one is under way that one is the answer. */
  request(projection: string, rebuildId: string): string {
    return this.database
      .transaction(() => {
        const running = this.running();
        if (running?.projection === projection) return running.rebuildId;
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

  /** The oldest rebuild that has not ended: also one that a crash interrupted, which then starts over. */
  running(): RebuildStatus | undefined {
    const row = this.database
      .prepare<[], Row>(`SELECT ${columns} FROM rebuilds WHERE state = 'running' ORDER BY number LIMIT 1`)
      .get();
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

  private generation(): number {
    return this.database.prepare<[], { generation: number }>('SELECT generation FROM live').get()?.generation ?? 0;
  }

  private pathOf(generation: number): string {
    return join(this.directory, `books-${generation}.db`);
  }
}

function toStatus(row: Row): RebuildStatus {
  return {
    ...row,
    identical: row.identical === null ? null : row.identical === 1,
    difference: row.difference === null ? null : (JSON.parse(row.difference) as Difference),
  };
}
