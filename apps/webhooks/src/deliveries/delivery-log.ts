import { statSync } from 'node:fs';
import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';
import { deliveriesFileIn, DELIVERY_STATES, type DeliveryState } from './delivery-schema';

const BUSY_TIMEOUT_MS = 1_000;

/** A delivery as it is shown. Times are milliseconds since 1970. */
export interface ShownDelivery {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly body: string;
  readonly queuedAt: number;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly endedAt: number | null;
  /** Status of the last answer; null where there was none. */
  readonly status: number | null;
  /** Why the last attempt failed; null where it did not. */
  readonly error: string | null;
}

interface Row extends Omit<ShownDelivery, 'state'> {
  readonly state: number;
}

interface Open {
  readonly inode: bigint;
  readonly database: Database;
  readonly list: Statement<[string, number, number], Row>;
  readonly find: Statement<[string, string], Row>;
}

const columns =
  'seq, id, type, body, queued_at AS queuedAt, state, attempts, ended_at AS endedAt, status, error FROM deliveries';

/**
 * Deliveries as the HTTP side reads them. The file is the loop's, which may make it anew at any time: it is opened when it is
 * there, and again when it is another one. While it cannot be read, no delivery is known.
 */
export class DeliveryLog {
  private readonly path: string;
  private opened: Open | undefined;

  /** @param directory of the file, the same as the loop's */
  constructor(directory: string) {
    this.path = deliveriesFileIn(directory);
  }

  /** Those of an endpoint before a place, the newest first. */
  list(endpoint: string, before: number, limit: number): readonly ShownDelivery[] {
    return this.ask(({ list }) => list.all(endpoint, before, limit).map(toShown)) ?? [];
  }

  /** One of them; undefined where it is not known, or not any more. */
  find(endpoint: string, id: string): ShownDelivery | undefined {
    return this.ask(({ find }) => {
      const row = find.get(endpoint, id);
      return row && toShown(row);
    });
  }

  close(): void {
    this.opened?.database.close();
    this.opened = undefined;
  }

  private ask<R>(question: (open: Open) => R): R | undefined {
    try {
      const open = this.open();
      return open && question(open);
    } catch {
      this.close();
      return undefined;
    }
  }

  private open(): Open | undefined {
    const inode = statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino;
    if (this.opened && this.opened.inode === inode) return this.opened;
    this.close();
    if (inode === undefined) return undefined;
    const database = openDatabase(this.path, { readonly: true, timeout: BUSY_TIMEOUT_MS });
    try {
      const list = database.prepare<[string, number, number], Row>(
        `SELECT ${columns} WHERE endpoint = ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
      );
      const find = database.prepare<[string, string], Row>(`SELECT ${columns} WHERE endpoint = ? AND id = ?`);
      return (this.opened = { inode, database, list, find });
    } catch (error) {
      database.close();
      throw error;
    }
  }
}

function toShown(row: Row): ShownDelivery {
  return { ...row, state: DELIVERY_STATES[row.state] ?? 'failed' };
}
