import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import { instantMs } from '@meterbook/domain/time/instant';
import { eventAt, accountStream } from '@meterbook/books/account-stream';
import type { EventStore } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { ProjectionReader } from '../projections/projection-reader';
import { lateEventsIn, type LateEvent } from '../projections/trial-balance/late-events';
import { LineBook } from '../projections/trial-balance/line-book';
import { rollup } from '../projections/trial-balance/line-names';
import { StoredLines } from '../projections/trial-balance/read-lines';
import { trialBalance } from '../projections/trial-balance/trial-balance';
import { bookedEntriesOf, legsText, type BookedEntry } from '../reports/entries/booked-entry';
import { amountsOf, Totals } from '../reports/trial-balance/trial-balance-report';
import type { AskedLate } from './closing-request';
import { lateCursor, type LatePlace } from './late-cursor';

/** Events whose legs are summed up before they are written to the scratch book. */
const EVENTS_PER_WRITE = 1000;
/** Accounts named that cannot be read. */
const MAX_NAMED = 100;

/** What occurred in a period and was booked after it: summed up as a trial balance, and a page of its entries. Nothing is derived. */
export class LateReport {
  constructor(
    private readonly store: EventStore,
    private readonly reader: ProjectionReader,
  ) {}

  async *json(asked: AskedLate): AsyncIterable<string> {
    const scratch = openDatabase('');
    try {
      scratch.exec(trialBalance.schema);
      const { items, next, damaged } = await this.walk(asked, scratch);
      yield `${JSON.stringify({ closingId: asked.closingId }).slice(0, -1)},"lines":[`;
      const totals = new Totals();
      let separator = '';
      for (const line of new StoredLines(scratch, asked.platform, null).lines('lines')) {
        totals.add(line);
        const { ledgerAccount, commodity, debit, credit } = line;
        yield separator + JSON.stringify({ ledgerAccount, commodity, ...amountsOf(debit, credit) });
        separator = ',';
      }
      const rest = {
        totals: totals.list(),
        items: items.map(({ legs, ...entry }) => ({ ...entry, legs: legsText(legs) })),
        next: lateCursor.write(next),
        ...(damaged.size > 0 && { damaged: { count: damaged.size, accounts: [...damaged].slice(0, MAX_NAMED) } }),
      };
      yield `],${JSON.stringify(rest).slice(1)}`;
    } finally {
      scratch.close();
    }
  }

  /** Sums up all that is late, and keeps what belongs to the page. */
  private async walk(asked: AskedLate, scratch: Database): Promise<LatePage> {
    const page: LatePage = { items: [], next: null, damaged: new Set() };
    const snapshot = this.reader.snapshot(trialBalance.name);
    if (!snapshot) return page;
    const book = new LineBook(scratch);
    const write = scratch.transaction(() => book.write());
    let events = 0;
    try {
      for (const late of lateEventsIn(snapshot.database, asked.platform, asked)) {
        const entries = await this.entriesOf(asked, late, page.damaged);
        entries.forEach((entry, index) => {
          for (const { ledgerAccount, commodity, amount } of entry.legs)
            book.post({ platform: asked.platform, ledgerAccount, commodity }, rollup.both, amount);
          addToPage(page, asked, { number: late.number, given: index }, entry);
        });
        if (++events % EVENTS_PER_WRITE === 0) write();
      }
      write();
      return page;
    } finally {
      snapshot.close();
    }
  }

  /** An account that cannot be read is named, and takes out nothing but itself. */
  private async entriesOf(
    { platform, from, to }: AskedLate,
    { account, revision }: LateEvent,
    damaged: Set<string>,
  ): Promise<readonly BookedEntry[]> {
    if (damaged.has(account)) return [];
    try {
      const stored = await eventAt(this.store, accountStream({ platform, account }), revision);
      return bookedEntriesOf(stored).filter(({ occurredAt }) => {
        const occurred = instantMs(occurredAt);
        return occurred >= from && occurred < to;
      });
    } catch (error) {
      if (!(error instanceof StreamDamaged)) throw error;
      damaged.add(account);
      return [];
    }
  }
}

interface LatePage {
  readonly items: BookedEntry[];
  /** Where the next page begins; null where this is the last. */
  next: LatePlace | null;
  readonly damaged: Set<string>;
}

function addToPage(page: LatePage, { after, limit }: AskedLate, place: LatePlace, entry: BookedEntry): void {
  const isBefore =
    after !== null && (place.number < after.number || (place.number === after.number && place.given < after.given));
  if (isBefore || page.next) return;
  if (page.items.length < limit) page.items.push(entry);
  else page.next = place;
}
