import type { Database } from '@meterbook/runtime/sqlite';
import { comparePositions, type EventStore, type Position } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { accountPrefix } from '@meterbook/books/stream-kinds';
import { toBooked } from '../../projections/booked-event';
import type { BookedEvent } from '../../projections/projection';
import type { ProjectionSnapshot } from '../../projections/projection-reader';
import { DAY_MS } from '../../projections/trial-balance/line-state';
import { ContinuedLines, StoredLines, type LinesSource } from '../../projections/trial-balance/read-lines';
import { trialBalance, TrialBalanceFold } from '../../projections/trial-balance/trial-balance';
import type { Basis } from '../axes';
import { occurredBy } from './occurred-by';

/**
 * A platform's lines by what was booked, or had occurred, by an instant (milliseconds since 1970; null for all that is booked). What
 * has to be added up for it stands in `scratch`, an empty database.
 */
export async function linesBy(
  basis: Basis,
  asOf: number | null,
  platform: string,
  snapshot: ProjectionSnapshot,
  scratch: Database,
  store: EventStore,
  clock: Clock,
): Promise<LinesSource> {
  return basis === 'occurred'
    ? occurredBy(asOf, platform, snapshot, scratch, store, clock)
    : bookedBy(asOf ?? Infinity, platform, snapshot, scratch, store, clock);
}

/** The lines as they are; as a day found them; or the latter with that day's events up to the instant. */
async function bookedBy(
  asOf: number,
  platform: string,
  snapshot: ProjectionSnapshot,
  scratch: Database,
  store: EventStore,
  clock: Clock,
): Promise<LinesSource> {
  const { database, progress } = snapshot;
  if (asOf >= progress.bookedAt) return new StoredLines(database, platform, null);
  const wholeDays = Math.floor((asOf + 1) / DAY_MS);
  const earlier = new StoredLines(database, platform, wholeDays);
  if ((asOf + 1) % DAY_MS === 0) return earlier;
  const began = database
    .prepare<[number], { after: Position | 'start' }>('SELECT after_position AS after FROM days WHERE day = ?')
    .get(wholeDays);
  if (!began) return earlier;
  scratch.exec(trialBalance.schema);
  const fold = new TrialBalanceFold(scratch, ({ ledgerAccount, commodity }) => earlier.line(ledgerAccount, commodity));
  for await (const events of eventsUntil(asOf, platform, began.after, snapshot, store)) {
    scratch.transaction(() => {
      for (const event of events) fold.take(event);
      fold.write();
    })();
    await clock.sleep(0);
  }
  return new ContinuedLines(earlier, new StoredLines(scratch, platform, null));
}

/** A platform's events after a position that were booked by an instant; the projection has come further than that. */
async function* eventsUntil(
  asOf: number,
  platform: string,
  after: Position | 'start',
  { progress, damaged }: ProjectionSnapshot,
  store: EventStore,
): AsyncIterable<BookedEvent[]> {
  const done = new AbortController();
  try {
    for await (const batch of store.subscribe([`${accountPrefix}${platform}/`], after, done.signal)) {
      const events = batch.events.filter((event) => event.bookedAt <= asOf);
      yield events.filter(({ stream, position }) => !damaged.holds(stream, position)).map(toBooked);
      if (events.length < batch.events.length || comparePositions(batch.position, progress.position) >= 0) return;
    }
  } finally {
    done.abort();
  }
}
