import type { Database } from '@meterbook/runtime/sqlite';
import type { Clock } from '@meterbook/runtime/clock';
import { sqliteCode } from '@meterbook/runtime/sqlite-failure';
import { DamagedTable } from './damaged-table';
import type { Damage } from './event-reader';
import type { ProjectionControl } from './projection-control';
import { openToRead, readProgress, type Progress } from './projection-file';

/** How long a report waits for the projections to pass its instant before it says that it is not final. */
const MAX_WAIT_MS = 1000;
/** How often it looks meanwhile, milliseconds. */
const LOOK_EVERY_MS = 10;
/** Tries to open the live file while it is being swapped. */
const MAX_OPEN_ATTEMPTS = 20;

/** A projection as of one moment, whatever is written meanwhile. */
export interface ProjectionSnapshot {
  readonly database: Database;
  readonly progress: Progress;
  /** The streams that it stands without. */
  readonly damaged: DamagedTable;
  close(): void;
}

/** The readers' side of the projections. */
export class ProjectionReader {
  private readonly watched = new Map<string, { readonly path: string; readonly database: Database }>();

  constructor(
    private readonly control: ProjectionControl,
    private readonly clock: Clock,
  ) {}

  /** How far a projection has come; null before there is one. */
  progress(projection: string): Progress | null {
    const database = this.watchedFile(projection);
    return database ? readProgress(database) : null;
  }

  /** The streams that a projection stands without: how many, and the first of their names. */
  damaged(projection: string, limit: number): { readonly count: number; readonly streams: readonly Damage[] } {
    const database = this.watchedFile(projection);
    if (!database) return { count: 0, streams: [] };
    const table = new DamagedTable(database);
    return { count: table.count, streams: table.count === 0 ? [] : table.list('', limit) };
  }

  /** Reads a little of a projection as it is now; undefined before there is one. */
  peek<T>(projection: string, read: (database: Database) => T): T | undefined {
    const database = this.watchedFile(projection);
    return database && read(database);
  }

  /** Why a projection does not move on; undefined where it does. */
  failureOf(projection: string): string | undefined {
    return this.control.failureOf(projection);
  }

  /** True once everything booked by an instant is in a projection, for ever; waits up to a second for it. */
  async isFinalAt(projection: string, atMs: number): Promise<boolean> {
    for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
      if ((this.progress(projection)?.watermark ?? -1) > atMs) return true;
      if (waitedMs >= MAX_WAIT_MS) return false;
      await this.clock.sleep(LOOK_EVERY_MS);
    }
  }

  /** Holds a projection as it is now; the caller closes it. Undefined before there is one. */
  snapshot(projection: string): ProjectionSnapshot | undefined {
    for (let attempt = 0; attempt < MAX_OPEN_ATTEMPTS; attempt++) {
      const path = this.control.livePath(projection);
      if (path === undefined) return undefined;
      const database = openOrMissing(path);
      if (!database) continue;
      database.exec('BEGIN');
      const progress = readProgress(database);
      return { database, progress, damaged: new DamagedTable(database), close: () => database.close() };
    }
    throw new Error(`the file of ${projection} cannot be opened`);
  }

  close(): void {
    for (const { database } of this.watched.values()) database.close();
    this.watched.clear();
  }

  private watchedFile(projection: string): Database | undefined {
    const path = this.control.livePath(projection);
    const watched = this.watched.get(projection);
    if (path === watched?.path) return watched?.database;
    watched?.database.close();
    const database = path === undefined ? undefined : openOrMissing(path);
    if (path !== undefined && database) this.watched.set(projection, { path, database });
    else this.watched.delete(projection);
    return database;
  }
}

/** Undefined where a rebuild has just swapped the file away. */
function openOrMissing(path: string): Database | undefined {
  try {
    return openToRead(path);
  } catch (error) {
    if (sqliteCode(error) === 'SQLITE_CANTOPEN') return undefined;
    throw error;
  }
}
