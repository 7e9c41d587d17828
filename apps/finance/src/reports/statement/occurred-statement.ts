import type { AccountEvent } from '@meterbook/domain/account/events';
import { subtract } from '@meterbook/domain/amount/decimal';
import { balancesAfter, misstatedBy, noBalances, type Balances } from '@meterbook/domain/entries/balances';
import type { Posting } from '@meterbook/domain/entries/legs';
import { entriesOf, inLedgerOrder } from '@meterbook/domain/entries/postings';
import { lapsedPostings, type Lapsed } from '@meterbook/domain/entries/time-alone';
import { formatInstant, storedInstant } from '@meterbook/domain/time/instant';
import { accountStream } from '@meterbook/books/account-stream';
import { decodeEvent } from '@meterbook/books/event-codec';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { faultOf, type StatementFault } from '@meterbook/books/account-history';
import { OccurredEntries, type OccurredEntry } from './occurred-entries';
import { OccurredLapses, type LapseEntry } from './occurred-lapses';
import { beginningOf, fromPlace, isBefore, kinds, toPlace, type OccurredPlace } from './occurred-place';
import type { StatementEntry } from './statement-fold';
import type { Statement, StatementPage, StatementPeriod } from './statement';

/**
 * An account's entries of a period by occurred at, whenever they were booked; undefined where the account was never opened. The
 * account's whole stream is read once, since anything in it may have occurred in the period.
 */
export async function occurredStatement(
  store: EventStore,
  period: StatementPeriod,
  page: StatementPage,
  watermark: number,
): Promise<Statement | undefined> {
  const entries = new OccurredEntries(period.account, page.limit);
  try {
    const reading = new Reading(period, page, entries);
    for await (const stored of store.read(accountStream(period), 'start', 'forward')) if (!reading.take(stored)) break;
    if (reading.isOfSomething) return reading.statement(watermark);
    entries.close();
    return undefined;
  } catch (error) {
    entries.close();
    throw error;
  }
}

/** Adds up an account's stream, and keeps what of it is on the page. */
class Reading {
  isOfSomething = false;
  private currency = '';
  private readonly faults: StatementFault[] = [];
  private readonly lapses = new OccurredLapses();
  /** The place of the first entry of the page. */
  private readonly first: OccurredPlace;
  private booked = noBalances;
  private opening = noBalances;
  private before = noBalances;
  private closing = noBalances;

  constructor(
    private readonly period: StatementPeriod,
    private readonly page: StatementPage,
    private readonly entries: OccurredEntries,
  ) {
    this.first = page.from ? fromPlace(page.from) : beginningOf(period.from);
  }

  /** False where the stream cannot go on like that: nothing is known of what comes after. */
  take(stored: StoredEvent): boolean {
    this.isOfSomething = true;
    try {
      const event = decodeEvent<AccountEvent>(stored);
      if (event.type === 'AccountOpened') this.currency = event.currency;
      for (const [index, { occurredAt, charge, legs }] of entriesOf(event, this.period.account).entries()) {
        const place = { at: storedInstant(occurredAt), kind: kinds.booked, revision: stored.revision, index };
        this.count(place, legs);
        if (place.at >= this.period.to || isBefore(place, this.first)) continue;
        this.entries.add(place, stored, charge && 'charges' in event ? { ...event, charges: [charge] } : event);
      }
      const fault = misstatedBy(event, this.booked);
      if (fault !== undefined) throw new Error(fault);
      this.lapses.take(event);
      return true;
    } catch (error) {
      this.faults.push(faultOf(stored, error));
      return false;
    }
  }

  statement(watermark: number): Statement {
    const { period, currency, lapses, faults } = this;
    const { from, derivedTo, account } = period;
    const all = lapses.between(from, derivedTo);
    const start = all.filter(({ place }) => isBefore(place, this.first));
    const balances = start.reduce((so, { part }) => withLapsed(so, part), withLapsed(this.before, lapses.at(from)));
    const walk = new Walk(balances, currency, account);
    const closing = withLapsed(this.closing, lapses.at(derivedTo));
    return {
      head: { currency, opening: withLapsed(this.opening, lapses.at(from)), watermark },
      entries: walk.entries(this.entries, all.slice(start.length), this.page.limit),
      foot: async () => ({ closing, next: walk.next && toPlace(walk.next), final: false, faults }),
    };
  }

  private count(place: OccurredPlace, legs: readonly Posting[]): void {
    const after = (balances: Balances): Balances => balancesAfter(balances, legs, this.period.account);
    this.booked = after(this.booked);
    if (place.at < this.period.from) this.opening = after(this.opening);
    if (isBefore(place, this.first)) this.before = after(this.before);
    if (place.at < this.period.to) this.closing = after(this.closing);
  }
}

/** Goes once over the entries of a page, with what lapses in between. */
class Walk {
  /** Where the next page goes on; null where this one holds the rest. */
  next: OccurredPlace | null = null;

  constructor(
    private balances: Balances,
    private readonly currency: string,
    private readonly account: string,
  ) {}

  async *entries(sorted: OccurredEntries, lapses: readonly LapseEntry[], limit: number): AsyncIterable<StatementEntry> {
    let given = 0;
    try {
      for (const entry of merged(sorted.list(), lapses)) {
        if (given === limit) {
          this.next = entry.place;
          return;
        }
        yield 'part' in entry ? this.derived(entry) : this.booked(entry);
        given += 1;
      }
    } finally {
      sorted.close();
    }
  }

  private booked({ booked, occurredAt, bookedAt, legs }: OccurredEntry): StatementEntry {
    this.balances = balancesAfter(this.balances, legs, this.account);
    return { booked, occurredAt, bookedAt, legs, balances: this.balances };
  }

  private derived({ place, part }: LapseEntry): StatementEntry {
    this.balances = withLapsed(this.balances, part);
    const at = formatInstant(place.at);
    const legs = inLedgerOrder(lapsedPostings(part, this.currency, this.account));
    return { booked: null, occurredAt: at, bookedAt: at, legs, balances: this.balances };
  }
}

function* merged(
  entries: Iterable<OccurredEntry>,
  lapses: readonly LapseEntry[],
): Iterable<OccurredEntry | LapseEntry> {
  let next = 0;
  for (const entry of entries) {
    for (let lapse = lapses[next]; lapse && isBefore(lapse.place, entry.place); lapse = lapses[++next]) yield lapse;
    yield entry;
  }
  yield* lapses.slice(next);
}

/** Balances with what has lapsed taken off. */
function withLapsed({ wallet, receivable, main, backup }: Balances, lapsed: Lapsed): Balances {
  return {
    wallet: subtract(wallet, lapsed.wallet),
    receivable,
    main: subtract(main, lapsed.main),
    backup: subtract(backup, lapsed.backup),
  };
}
