import { DisposableReader } from '@meterbook/runtime/disposable-reader';
import type { Database } from '@meterbook/runtime/sqlite';
import { deliveriesFileIn, DELIVERY_STATES, type DeliveryState } from './delivery-schema';

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

const columns =
  'seq, id, type, body, queued_at AS queuedAt, state, attempts, ended_at AS endedAt, status, error FROM deliveries';

/** Deliveries as the HTTP side reads them: the file is the loop's. While it cannot be read, no delivery is known. */
export class DeliveryLog {
  private readonly file: DisposableReader<ReturnType<typeof prepared>>;

  /** @param directory of the file, the same as the loop's */
  constructor(directory: string) {
    this.file = new DisposableReader(deliveriesFileIn(directory), prepared);
  }

  /** Those of an endpoint before a place, the newest first. */
  list(endpoint: string, before: number, limit: number): readonly ShownDelivery[] {
    return this.file.ask(({ list }) => list.all(endpoint, before, limit).map(toShown)) ?? [];
  }

  /** One of them; undefined where it is not known, or not any more. */
  find(endpoint: string, id: string): ShownDelivery | undefined {
    return this.file.ask(({ find }) => {
      const row = find.get(endpoint, id);
      return row && toShown(row);
    });
  }

  close(): void {
    this.file.close();
  }
}

function prepared(database: Database) {
  return {
    list: database.prepare<[string, number, number], Row>(
      `SELECT ${columns} WHERE endpoint = ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
    ),
    find: database.prepare<[string, string], Row>(`SELECT ${columns} WHERE endpoint = ? AND id = ?`),
  };
}

function toShown(row: Row): ShownDelivery {
  return { ...row, state: DELIVERY_STATES[row.state] ?? 'failed' };
}
