import type { Database, Statement } from '@meterbook/runtime/sqlite';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { storedInstant } from '@meterbook/domain/time/instant';
import type { BookedEvent } from '../projection';

/** Every zone's midnight lies on a quarter of an hour. */
const QUARTER_MS = 900_000;
/** In no zone does a month begin further from its beginning in UTC. */
const MAX_OFFSET_MS = 16 * 3_600_000;

export const lateSchema = `
  CREATE TABLE late_events (
    number INTEGER PRIMARY KEY, platform TEXT NOT NULL, account TEXT NOT NULL, revision INTEGER NOT NULL,
    booked_at INTEGER NOT NULL, first_occurred INTEGER NOT NULL, last_occurred INTEGER NOT NULL
  );
  CREATE INDEX late_by_booking ON late_events (platform, booked_at, number);`;

/** An event that was booked when a month in which some of it occurred was over in some zone. Instants are milliseconds since 1970. */
export interface LateEvent {
  /** In store order. */
  readonly number: number;
  readonly account: string;
  readonly revision: number;
}

/** Notes which events came after the end of a month: so that what came late is found without a look at all that was booked since. */
export class LateEvents {
  private readonly save: Statement<[number, string, string, number, number, number, number]>;
  private next: number;
  private rows: [number, string, string, number, number, number, number][] = [];
  /** The first month of UTC that begins after `since`, and the last instant for which that is so. */
  private month = { since: 0, begins: -1 };

  constructor(database: Database) {
    this.save = database.prepare('INSERT INTO late_events VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.next = 1 + (database.prepare<[], number>('SELECT max(number) FROM late_events').pluck().get() ?? -1);
  }

  take({ platform, account, revision, bookedAt, event }: BookedEvent): void {
    let [first, last] = [Infinity, -Infinity];
    for (const occurredAt of occurrencesOf(event)) {
      if (occurredAt < first) first = occurredAt;
      if (occurredAt > last) last = occurredAt;
    }
    if (!this.isLate(first, bookedAt)) return;
    this.rows.push([this.next++, platform, account, revision, bookedAt, first, last]);
  }

  /** Inside the caller's transaction. */
  write(): void {
    for (const row of this.rows) this.save.run(...row);
    this.rows = [];
  }

  /** Whether a month has begun in between, in whatever zone. */
  private isLate(occurredAt: number, bookedAt: number): boolean {
    if (Math.floor(occurredAt / QUARTER_MS) >= Math.floor(bookedAt / QUARTER_MS)) return false;
    return bookedAt >= this.monthAfter(occurredAt - MAX_OFFSET_MS) - MAX_OFFSET_MS;
  }

  private monthAfter(atMs: number): number {
    if (atMs < this.month.since || atMs >= this.month.begins) {
      const date = new Date(atMs);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      this.month = { since: Date.UTC(year, month, 1), begins: Date.UTC(year, month + 1, 1) };
    }
    return this.month.begins;
  }
}

/** What of a platform occurred in a time and was booked at its end or later, event by event; of some it is only a part. */
export function lateEventsIn(
  database: Database,
  platform: string,
  { from, to }: { readonly from: number; readonly to: number },
): Iterable<LateEvent> {
  return database
    .prepare<[string, number, number, number], LateEvent>(
      `SELECT number, account, revision FROM late_events
       WHERE platform = ? AND booked_at >= ? AND first_occurred < ? AND last_occurred >= ? ORDER BY booked_at, number`,
    )
    .iterate(platform, to, to, from);
}

/** When what an event books occurred; nothing for one that books nothing. */
function* occurrencesOf(event: AccountEvent): Iterable<number> {
  if (!('wallet' in event)) return;
  if (event.type === 'UsageCharged') for (const { occurredAt } of event.charges) yield storedInstant(occurredAt);
  else yield storedInstant(event.occurredAt);
}
