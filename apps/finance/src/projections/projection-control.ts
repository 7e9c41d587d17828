import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '@meterbook/runtime/log';
import { removeDatabase } from '@meterbook/runtime/disposable-file';
import { OwnControlFile, SharedControlFile, type ControlFile } from './control-file';

/** Rebuilds that are remembered, the newest first. */
const MAX_REBUILDS = 100;
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
  /** Events folded into the second set; null before the first. */
  readonly events: number | null;
  /** Of them in a second so far, and the milliseconds that the rest takes at that rate; null before anything was folded. */
  readonly eventsPerSecond: number | null;
  readonly remainingMs: number | null;
  /** Whether old and new were the same at the same position; null before the comparison, and where a stream could not be read. */
  readonly identical: boolean | null;
  readonly rows: number | null;
  /** SHA-256, hex, of the new set's rows in the order of their keys. */
  readonly checksum: string | null;
  readonly difference: Difference | null;
  /** What went wrong, or what the comparison could not look at. */
  readonly detail: string | null;
}

/** How far a rebuild is. */
export type RebuildProgress = Pick<
  RebuildStatus,
  'rebuildId' | 'position' | 'target' | 'progress' | 'events' | 'eventsPerSecond' | 'remainingMs'
>;

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
  'rebuild_id AS rebuildId, projection, state, position, target, progress, events, per_second AS eventsPerSecond, ' +
  'remaining_ms AS remainingMs, identical, rows, checksum, difference, detail';

/**
 * Which file of each projection is live, which of them fails, and the rebuilds asked for. The loop and the HTTP side may run in
 * different threads or processes; this file and the projections' are all they share.
 */
export class ProjectionControl {
  private constructor(
    private readonly directory: string,
    private readonly file: ControlFile,
  ) {}

  /** For the loop that owns a directory; it is made where it is missing. */
  static own(directory: string, log: Log): ProjectionControl {
    return new ProjectionControl(directory, new OwnControlFile(directory, log));
  }

  /** For everybody else: nothing is known while the owner has not made the file, or while it is of no use. */
  static shared(directory: string): ProjectionControl {
    return new ProjectionControl(directory, new SharedControlFile(directory));
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
    this.file.use((database) =>
      database
        .transaction(() => {
          database
            .prepare('INSERT OR REPLACE INTO live_files VALUES (?, ?)')
            .run(projection, this.generation(projection) + 1);
          if (rebuildId === null || !result) return;
          const { identical, rows, checksum, difference, detail } = result;
          database
            .prepare(
              `UPDATE rebuilds SET state = 'swapped', progress = 1, remaining_ms = 0, identical = ?, rows = ?, checksum = ?, difference = ?, detail = ?
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
        .immediate(),
    );
  }

  /** Removes what a crash left behind, and what earlier releases kept: every file of the projection but the live one. */
  removeOthers(projection: string): void {
    const live = this.generation(projection);
    for (const file of readdirSync(this.directory)) {
      const [, name, generation] = /^(.+)-(\d+)\.db$/.exec(file) ?? [];
      if (name === 'books' || (name === projection && Number(generation) !== live))
        removeDatabase(join(this.directory, file));
    }
  }

  /** Notes that a projection does not move on, and why; null once it does. */
  noteFailure(projection: string, detail: string | null): void {
    this.file.use((database) =>
      detail === null
        ? database.prepare('DELETE FROM failures WHERE projection = ?').run(projection)
        : database.prepare('INSERT OR REPLACE INTO failures VALUES (?, ?)').run(projection, detail),
    );
  }

  /** Why a projection does not move on; undefined where it does. */
  failureOf(projection: string): string | undefined {
    return this.file.use((database) =>
      database.prepare<[string], string>('SELECT detail FROM failures WHERE projection = ?').pluck().get(projection),
    );
  }

  /** Asks for a rebuild; while one is under way that one is the answer. Undefined while there is no file to ask in. */
  request(projection: string, rebuildId: string): string | undefined {
    return this.file.use((database) =>
      database
        .transaction(() => {
          const running = this.running(projection);
          if (running) return running.rebuildId;
          database
            .prepare(
              `INSERT INTO rebuilds (rebuild_id, projection, state, position, target, progress) VALUES (?, ?, 'running', 'start', 'start', 0)`,
            )
            .run(rebuildId, projection);
          database
            .prepare(
              `DELETE FROM rebuilds WHERE state <> 'running' AND number <= (SELECT max(number) FROM rebuilds) - ?`,
            )
            .run(MAX_REBUILDS);
          return rebuildId;
        })
        .immediate(),
    );
  }

  /** The rebuild of a projection that has not ended: also one that a crash interrupted, which then starts over. */
  running(projection: string): RebuildStatus | undefined {
    const row = this.file.use((database) =>
      database
        .prepare<[string], Row>(
          `SELECT ${columns} FROM rebuilds WHERE state = 'running' AND projection = ? ORDER BY number LIMIT 1`,
        )
        .get(projection),
    );
    return row && toStatus(row);
  }

  rebuild(projection: string, rebuildId: string): RebuildStatus | undefined {
    const row = this.file.use((database) =>
      database
        .prepare<[string, string], Row>(`SELECT ${columns} FROM rebuilds WHERE projection = ? AND rebuild_id = ?`)
        .get(projection, rebuildId),
    );
    return row && toStatus(row);
  }

  advance({ rebuildId, position, target, progress, events, eventsPerSecond, remainingMs }: RebuildProgress): void {
    this.file.use((database) =>
      database
        .prepare(
          `UPDATE rebuilds SET position = ?, target = ?, progress = ?, events = ?, per_second = ?, remaining_ms = ?
           WHERE rebuild_id = ?`,
        )
        .run(position, target, progress, events, eventsPerSecond, remainingMs, rebuildId),
    );
  }

  fail(rebuildId: string, detail: string): void {
    this.file.use((database) =>
      database.prepare(`UPDATE rebuilds SET state = 'failed', detail = ? WHERE rebuild_id = ?`).run(detail, rebuildId),
    );
  }

  close(): void {
    this.file.close();
  }

  private generation(projection: string): number {
    return (
      this.file.use((database) =>
        database
          .prepare<[string], number>('SELECT generation FROM live_files WHERE projection = ?')
          .pluck()
          .get(projection),
      ) ?? 0
    );
  }

  private pathOf(projection: string, generation: number): string {
    return join(this.directory, `${projection}-${generation}.db`);
  }
}

function toStatus(row: Row): RebuildStatus {
  return {
    ...row,
    identical: row.identical === null ? null : row.identical === 1,
    difference: row.difference === null ? null : (JSON.parse(row.difference) as Difference),
  };
}
