import { createHash } from 'node:crypto';
import type { Database } from '@meterbook/runtime/sqlite';
import type { Clock } from '@meterbook/runtime/clock';
import type { ProjectionTable } from './projection';
import type { Difference } from './projection-control';
import { openToRead } from './projection-file';

/** Rows compared between two turns of whatever else this thread does. */
const ROWS_PER_TURN = 2000;

export interface Comparison {
  readonly identical: boolean;
  /** Rows of the rebuilt file. */
  readonly rows: number;
  /** SHA-256, hex, over its rows in the order of their keys. */
  readonly checksum: string;
  /** The first row that differs. */
  readonly difference: Difference | null;
}

/** Two files held at the state they had when this was made, whatever is written to them since. */
export class SetSnapshots {
  private readonly live: Database;
  private readonly rebuilt: Database;

  /** Both files must stand at the same position now. */
  constructor(livePath: string, rebuiltPath: string) {
    this.live = held(livePath);
    this.rebuilt = held(rebuiltPath);
  }

  /** Walks both row by row in key order: counts and checksum of the rebuilt rows, and the first row that differs. */
  async compare(tables: readonly ProjectionTable[], clock: Clock, signal: AbortSignal): Promise<Comparison> {
    const digest = createHash('sha256');
    let rows = 0;
    let difference: Difference | null = null;
    for (const table of tables) {
      digest.update(`${table.name}\n`);
      const live = rowsOf(this.live, table);
      for (const rebuilt of rowsOf(this.rebuilt, table)) {
        rows += 1;
        digest.update(`${rebuilt}\n`);
        const other: string | null = difference ? rebuilt : next(live);
        if (other !== rebuilt) difference = { table: table.name, live: other, rebuilt };
        if (rows % ROWS_PER_TURN === 0) await clock.sleep(0, signal);
        signal.throwIfAborted();
      }
      const surplus: string | null = difference ? null : next(live);
      if (surplus !== null) difference = { table: table.name, live: surplus, rebuilt: null };
      live.return(undefined);
    }
    return { identical: difference === null, rows, checksum: digest.digest('hex'), difference };
  }

  close(): void {
    this.live.close();
    this.rebuilt.close();
  }
}

function held(path: string): Database {
  const database = openToRead(path);
  database.exec('BEGIN');
  database.prepare('SELECT position FROM progress').get();
  return database;
}

/** What a table holds, row by row in the order of its key, as two sets are compared by it. */
export function* rowsOf(database: Database, { name, key, contentOf }: ProjectionTable): Generator<string, undefined> {
  const rows = database.prepare<[], unknown[]>(`SELECT * FROM ${name} ORDER BY ${key.join(', ')}`).raw();
  for (const row of rows.iterate())
    if (contentOf) yield* contentOf(row);
    else yield JSON.stringify(row);
  return undefined;
}

function next(rows: Generator<string, undefined>): string | null {
  return rows.next().value ?? null;
}
