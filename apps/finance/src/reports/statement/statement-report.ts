import type { AccountEvent } from '@meterbook/domain/account/events';
import type { Balances } from '@meterbook/domain/entries/balances';
import { decodeEvent } from '@meterbook/books/event-codec';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import type { ProjectionReader } from '../../projections/projection-reader';
import { trialBalance } from '../../projections/trial-balance/trial-balance';
import { AccountHistory, faultOf, type AccountThen, type StatementFault } from '@meterbook/books/account-history';
import { occurredStatement } from './occurred-statement';
import type { Statement, StatementFoot, StatementPage, StatementPeriod } from './statement';
import type { StatementPlace } from './statement-cursor';
import { balancesAt, StatementFold, type StatementEntry } from './statement-fold';

/** An account's entries of a period in the order they were booked, or in which they occurred, from the account's own stream. */
export class StatementReport {
  constructor(
    private readonly store: EventStore,
    private readonly reader: ProjectionReader,
  ) {}

  /** Undefined where the account was never opened. */
  async open(period: StatementPeriod, page: StatementPage): Promise<Statement | undefined> {
    const { from: place } = page;
    // Asked before the events are read: what comes meanwhile may be in it, what was there is.
    const watermark = await this.watermarkFor(period);
    if (period.basis === 'occurred') return occurredStatement(this.store, period, page, watermark);
    const history = new AccountHistory(this.store, period);
    const start = await history.upTo(
      place ? ({ revision }) => revision < place.revision : ({ bookedAt }) => bookedAt < period.from,
    );
    if (!start.account && !start.next) return undefined;
    const opening = place ? await openingOf(history, period) : balancesAt(start.account, period.from);
    const currency = start.account?.currency ?? currencyOf(start.next);
    const walk = new StatementWalk(start, period, page);
    const foot = async (): Promise<StatementFoot> => {
      const { next, faults } = walk;
      const final = period.to <= watermark && faults.length === 0;
      const closing = next ? await closingOf(history, period) : walk.closing;
      return { closing, next, final, faults };
    };
    return { head: { currency, opening, watermark }, entries: walk.entries(), foot };
  }

  /**
   * The store time that a projection has passed: nothing is booked before it any more. It waits a moment for the period's end. The
   * statement itself needs no projection: where none can be read, nothing is known to be complete.
   */
  private async watermarkFor({ to }: StatementPeriod): Promise<number> {
    try {
      if (Number.isFinite(to)) await this.reader.isFinalAt(trialBalance.name, to - 1);
      return this.reader.progress(trialBalance.name)?.watermark ?? -1;
    } catch {
      return -1;
    }
  }
}

/** Goes once over the entries of a page. */
class StatementWalk {
  readonly faults: StatementFault[] = [];
  /** Where the next page goes on; null where this one holds the rest. */
  next: StatementPlace | null = null;
  private readonly fold: StatementFold;

  constructor(
    private readonly start: AccountThen,
    private readonly period: StatementPeriod,
    private readonly page: StatementPage,
  ) {
    if (start.fault) this.faults.push(start.fault);
    const reached = page.from?.reached ?? period.from;
    this.fold = new StatementFold(period.account, start.account, reached, period.derivedTo);
  }

  /** Known once the last page has been read. */
  get closing(): Balances {
    return this.fold.balances();
  }

  async *entries(): AsyncIterable<StatementEntry> {
    const { from, limit } = this.page;
    let given = 0;
    try {
      for await (const { place, entries } of this.steps()) {
        const isFirst = place.revision === from?.revision;
        for (let index = isFirst ? from.given : 0; index < entries.length; index++) {
          const entry = entries[index];
          if (given === limit) {
            this.next = { ...place, given: index };
            return;
          }
          if (entry) yield entry;
          given += 1;
        }
      }
    } finally {
      await this.start.rest.return?.();
    }
  }

  /** The entries of each event, and at last what lapses after all of them, with the place of the first of them. */
  private async *steps(): AsyncIterable<{ readonly place: StatementPlace; readonly entries: StatementEntry[] }> {
    let { next } = this.start;
    let revision = next?.revision ?? (this.start.account?.revision ?? -1) + 1;
    for (; next && next.bookedAt < this.period.to && this.faults.length === 0; next = await this.read()) {
      revision = next.revision + 1;
      yield { place: this.place(next.revision), entries: this.take(next) };
    }
    yield { place: this.place(revision), entries: this.fold.end() };
  }

  private place(revision: number): StatementPlace {
    return { revision, given: 0, reached: Math.max(0, this.fold.reachedAt) };
  }

  private async read(): Promise<StoredEvent | undefined> {
    const read = await this.start.rest.next();
    return read.done === true ? undefined : read.value;
  }

  private take(stored: StoredEvent): StatementEntry[] {
    try {
      return this.fold.take(stored, decodeEvent<AccountEvent>(stored));
    } catch (error) {
      this.faults.push(faultOf(stored, error));
      return [];
    }
  }
}

async function openingOf(history: AccountHistory, { from }: StatementPeriod): Promise<Balances> {
  const { account } = await history.at(({ bookedAt }) => bookedAt < from);
  return balancesAt(account, from);
}

async function closingOf(history: AccountHistory, { to, derivedTo }: StatementPeriod): Promise<Balances> {
  const { account } = await history.at(({ bookedAt }) => bookedAt < to);
  return balancesAt(account, derivedTo);
}

function currencyOf(stored: StoredEvent | undefined): string {
  const event = stored && decodeEvent<AccountEvent>(stored);
  return event && 'currency' in event ? event.currency : '';
}
