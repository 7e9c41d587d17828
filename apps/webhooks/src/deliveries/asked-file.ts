import { join } from 'node:path';
import { openDisposable } from '@meterbook/runtime/disposable-file';
import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';

const BUSY_TIMEOUT_MS = 5_000;
/** What is taken of it at a time. */
const MAX_TAKEN = 100;
/** What may wait in it, over all endpoints. */
export const MAX_ASKED = 10_000;

/** What the HTTP side asks of the loop that delivers: a test, or a delivery once more. */
export interface Asked {
  readonly seq: number;
  readonly endpoint: string;
  readonly id: string;
  /** Null for a delivery that is known. */
  readonly body: string | null;
}

/**
 * What somebody asked for by HTTP and the loop has still to do, in a file of its own, so that the loop's file has one writer.
 * It is disposable: what is lost with it is asked for again.
 */
export class AskedFile {
  private database: Database | undefined;

  constructor(private readonly directory: string) {}

  /** False where too much waits already. */
  put(endpoint: string, id: string, body: string | null): boolean {
    const database = this.open();
    const { waiting } = database.prepare<[], { waiting: number }>('SELECT count(*) AS waiting FROM asked').get() ?? {
      waiting: 0,
    };
    if (waiting >= MAX_ASKED) return false;
    database.prepare('INSERT INTO asked (endpoint, id, body) VALUES (?, ?, ?)').run(endpoint, id, body);
    return true;
  }

  /** What was asked for first; it stays until it is told to be done. */
  next(): readonly Asked[] {
    const list: Statement<[number], Asked> = this.open().prepare(
      'SELECT seq, endpoint, id, body FROM asked ORDER BY seq LIMIT ?',
    );
    return list.all(MAX_TAKEN);
  }

  done(upTo: number): void {
    this.open().prepare('DELETE FROM asked WHERE seq <= ?').run(upTo);
  }

  close(): void {
    this.database?.close();
    this.database = undefined;
  }

  private open(): Database {
    return (this.database ??= openDisposable(join(this.directory, 'asked.db'), opened));
  }
}

function opened(path: string): Database {
  const database = openDatabase(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.exec(
      'CREATE TABLE IF NOT EXISTS asked (seq INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, id TEXT NOT NULL, body TEXT)',
    );
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
