import type { Database } from '@meterbook/runtime/sqlite';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { walletOf } from '@meterbook/domain/entries/legs';
import { noTimedItems } from '@meterbook/domain/entries/timed-items';
import { entriesOf } from '@meterbook/domain/entries/postings';
import { storedInstant } from '@meterbook/domain/time/instant';
import { comparePositions, type EventStore, type Position } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import { accountPrefix } from '@meterbook/books/stream-kinds';
import { toBooked } from '../../projections/booked-event';
import type { BookedEvent } from '../../projections/projection';
import type { ProjectionSnapshot } from '../../projections/projection-reader';
import { LineBook } from '../../projections/trial-balance/line-book';
import { occurredDay } from '../../projections/trial-balance/line-shifts';
import { DAY_MS } from '../../projections/trial-balance/line-state';
import { OccurredLines } from '../../projections/trial-balance/occurred-lines';
import { StoredLines, type LinesSource } from '../../projections/trial-balance/read-lines';
import { eachLine, trialBalance } from '../../projections/trial-balance/trial-balance';
import { partEntriesOf, type PartEntry } from '../../projections/trial-balance/wallet-part-legs';

/**
 * A platform's lines by what had occurred by an instant that lies on a quarter of an hour (milliseconds since 1970; null for all),
 * whenever it was booked. What occurs and is booked on the day of that instant is read from the store, and all else from the lines.
 */
export async function occurredBy(
  atMs: number | null,
  platform: string,
  snapshot: ProjectionSnapshot,
  scratch: Database,
  store: EventStore,
  clock: Clock,
): Promise<LinesSource> {
  const { database } = snapshot;
  if (atMs === null) return new OccurredLines(database, platform, null, undefined);
  const day = Math.floor(atMs / DAY_MS);
  const began = database
    .prepare<[number], { after: Position | 'start' }>('SELECT after_position AS after FROM days WHERE day = ?')
    .get(day);
  if (!began || atMs % DAY_MS === 0) return new OccurredLines(database, platform, atMs, undefined);
  scratch.exec(trialBalance.schema);
  const kept = new StoredLines(database, platform, null);
  const book = new LineBook(scratch);
  book.startDay(day);
  for await (const events of bookedOn(day, platform, began.after, snapshot, store)) {
    scratch.transaction(() => {
      for (const { event, account } of events)
        for (const { occurredAtMs, legs } of allEntriesOf(event, account, kept)) {
          if (occurredDay(occurredAtMs) === day && occurredAtMs <= atMs)
            eachLine(platform, legs, (key, view, amount) => book.post(key, view, amount));
        }
      book.write();
    })();
    await clock.sleep(0);
  }
  return new OccurredLines(database, platform, atMs, new StoredLines(scratch, platform, null));
}

/** What occurred of an event and when, with what it moves of the parts of a wallet. */
function allEntriesOf(event: AccountEvent, account: string, kept: StoredLines): readonly PartEntry[] {
  const entries = entriesOf(event, account).map(({ occurredAt, legs }) => ({
    occurredAtMs: storedInstant(occurredAt),
    legs,
  }));
  if (!('wallet' in event) || event.type === 'WalletRecharged') return entries;
  // Which lots were granted is known of all that there are by now: a lot is of one kind for ever.
  const wallet = kept.line(walletOf(account), event.currency)?.timed ?? noTimedItems;
  return [...entries, ...partEntriesOf(event, account, wallet)];
}

/** A platform's events that were booked on a day (counted from 1970) which begins after a position, as far as the projection has come. */
async function* bookedOn(
  day: number,
  platform: string,
  after: Position | 'start',
  { progress, damaged }: ProjectionSnapshot,
  store: EventStore,
): AsyncIterable<BookedEvent[]> {
  const end = (day + 1) * DAY_MS;
  const done = new AbortController();
  try {
    for await (const batch of store.subscribe([`${accountPrefix}${platform}/`], after, done.signal)) {
      const events = batch.events.filter(
        ({ bookedAt, position }) => bookedAt < end && comparePositions(position, progress.position) <= 0,
      );
      yield events.filter(({ stream, position }) => !damaged.holds(stream, position)).map(toBooked);
      const isBeyond = events.length < batch.events.length || comparePositions(batch.position, progress.position) >= 0;
      if (isBeyond) return;
    }
  } finally {
    done.abort();
  }
}
