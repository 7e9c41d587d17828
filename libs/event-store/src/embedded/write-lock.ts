import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import type { Clock } from '@meterbook/runtime/clock';
import { isSqliteBusy } from '@meterbook/runtime/sqlite-failure';

/** How long whoever waits for its turn, or for the lock, sleeps between two tries. */
const RETRY_MS = 1;

/**
 * The right to write to a database, shared by threads and processes. SQLite's own lock goes to whoever asks in the right
 * moment, and a busy writer, which holds it nearly all the time, would keep the others out for seconds. So each first takes
 * the turn, a lock in a file of its own that nothing is ever written to, and keeps it until it has the lock itself: whoever
 * wrote last comes behind those that wait. The operating system takes both locks from a process that dies.
 */
export class WriteLock {
  private readonly turn: Database;

  constructor(
    private readonly database: Database,
    turnFile: string,
    private readonly clock: Clock,
    /** How long other statements of the database wait for another process, milliseconds. */
    private readonly busyTimeoutMs: number,
  ) {
    this.turn = openDatabase(turnFile, { timeout: 0 });
  }

  /** Opens a transaction as the only writer; this thread goes on with other things until it can. */
  async take(): Promise<void> {
    while (!began(this.turn)) await this.clock.sleep(RETRY_MS);
    try {
      while (!this.tryTake()) await this.clock.sleep(RETRY_MS);
    } finally {
      this.turn.exec('ROLLBACK');
    }
  }

  /** The same without waiting; false where another has it. */
  tryTake(): boolean {
    this.database.exec('PRAGMA busy_timeout = 0');
    try {
      return began(this.database);
    } finally {
      this.database.exec(`PRAGMA busy_timeout = ${this.busyTimeoutMs}`);
    }
  }

  close(): void {
    this.turn.close();
  }
}

function began(database: Database): boolean {
  try {
    database.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (isSqliteBusy(error)) return false;
    throw error;
  }
}
