import type SQLite from 'better-sqlite3';
import type { Clock } from '@meterbook/runtime/clock';
import { sqliteCode } from '@meterbook/runtime/sqlite-failure';
import type { ProjectionControl } from './projection-control';
import { openToRead, readProgress, type Progress } from './projection-file';

/** How long a report waits for the projections to pass its instant before it says that it is not final. */
const maxWaitMs = 1000;
/** How often it looks meanwhile, milliseconds. */
const lookEveryMs = 10;
/** Tries to open the live file while it is being swapped. */
const maxOpenAttempts = 20;

/** The live set as of one moment, whatever is written meanwhile. */
export interface ProjectionSnapshot {
  readonly database: SQLite.Database;
  readonly progress: Progress;
  close(): void;
}

/** The readers' side of a set of projections. */
export class ProjectionReader {
  private watched: { readonly path: string; readonly database: SQLite.Database } | undefined;

  constructor(
    private readonly control: ProjectionControl,
    private readonly clock: Clock,
  ) {}

  /** How far the live set has come; null before there is one. */
  progress(): Progress | null {
    const path = this.control.livePath();
    if (path !== this.watched?.path) {
      this.watched?.database.close();
      const database = path === undefined ? undefined : openOrMissing(path);
      this.watched = path !== undefined && database ? { path, database } : undefined;
    }
    return this.watched ? readProgress(this.watched.database) : null;
  }

  /** True once everything booked by an instant is in the live set, for ever; waits up to a second for it. */
  async isFinalAt(atMs: number): Promise<boolean> {
    for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
      if ((this.progress()?.watermark ?? -1) > atMs) return true;
      if (waitedMs >= maxWaitMs) return false;
      await this.clock.sleep(lookEveryMs);
    }
  }

  /** Holds the live set as it is now; the caller closes it. Undefined before there is one. */
  snapshot(): ProjectionSnapshot | undefined {
    for (let attempt = 0; attempt < maxOpenAttempts; attempt++) {
      const path = this.control.livePath();
      if (path === undefined) return undefined;
      const database = openOrMissing(path);
      if (!database) continue;
      database.exec('BEGIN');
      return { database, progress: readProgress(database), close: () => database.close() };
    }
    throw new Error('the live projections cannot be opened');
  }

  close(): void {
    this.watched?.database.close();
    this.watched = undefined;
  }
}

/** Undefined where a rebuild has just swapped the file away. */
function openOrMissing(path: string): SQLite.Database | undefined {
  try {
    return openToRead(path);
  } catch (error) {
    if (sqliteCode(error) === 'SQLITE_CANTOPEN') return undefined;
    throw error;
  }
}
