import type { Account } from '@meterbook/domain/account/account';
import type { Charge } from '@meterbook/domain/account/charging/events';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { evolve } from '@meterbook/domain/account/evolve';
import { add, subtract } from '@meterbook/domain/amount/decimal';
import { balancesAfter, misstatedBy, noBalances, type Balances } from '@meterbook/domain/entries/balances';
import type { Posting } from '@meterbook/domain/entries/legs';
import { entriesOf, inLedgerOrder } from '@meterbook/domain/entries/postings';
import {
  isNothing,
  lapsedAndBack,
  lapsedAt,
  lapsedPostings,
  lapsedSince,
  lapsesBetween,
  nothingLapsed,
  type Lapsed,
} from '@meterbook/domain/entries/time-alone';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { StoredEvent } from '@meterbook/event-store/event-store';

/** An entry that was booked, or one that time alone made: what lapsed, or came back because of what was booked later. */
export interface StatementEntry {
  /** Null for what is derived. */
  readonly booked: {
    readonly stored: Pick<StoredEvent, 'revision' | 'position'>;
    readonly event: AccountEvent;
    /** Of a batch, the one that this entry is. */
    readonly charge: Charge | null;
  } | null;
  /** RFC 3339, UTC. */
  readonly occurredAt: string;
  readonly bookedAt: string;
  /** By ledger account and commodity. */
  readonly legs: readonly Posting[];
  /** After it, with what has lapsed taken off. */
  readonly balances: Balances;
}

/** Folds an account's events into entries with running balances, by the legs alone; each event's own balances check them. */
export class StatementFold {
  private account: Account | undefined;
  private booked: Balances;
  private lapsed: Lapsed;

  /**
   * @param reached everything up to this instant has lapsed where it had to, milliseconds since 1970
   * @param derivedTo what time alone changes is derived up to this instant
   */
  constructor(
    private readonly name: string,
    start: Account | undefined,
    private reached: number,
    private readonly derivedTo: number,
  ) {
    this.account = start;
    this.booked = bookedBalances(start);
    this.lapsed = start ? lapsedAt(start, reached) : nothingLapsed;
  }

  /** How far time has been looked at, milliseconds since 1970. */
  get reachedAt(): number {
    return this.reached;
  }

  balances(): Balances {
    const { wallet, receivable, main, backup } = this.booked;
    return {
      wallet: subtract(wallet, this.lapsed.wallet),
      receivable,
      main: subtract(main, this.lapsed.main),
      backup: subtract(backup, this.lapsed.backup),
    };
  }

  /** The entries that an event makes, what lapsed before it first. Throws where it contradicts the entries before. */
  take(stored: StoredEvent, event: AccountEvent): StatementEntry[] {
    const entries = this.passUntil(Math.min(stored.bookedAt, this.derivedTo));
    this.account = evolve(this.account, event, stored.revision);
    const change = lapsedSince(this.lapsed, lapsedAt(this.account, this.reached));
    // Late usage takes from what had lapsed: that has come back before it is drawn. What was booked when it had lapsed already goes after.
    const { lapsed, back } = lapsedAndBack(change);
    const bookedAt = formatInstant(stored.bookedAt);
    entries.push(...this.derive(bookedAt, back));
    for (const { occurredAt, charge, legs } of entriesOf(event, this.name)) {
      this.booked = balancesAfter(this.booked, legs, this.name);
      const booked = { stored, event, charge };
      entries.push({ booked, occurredAt, bookedAt, legs: inLedgerOrder(legs), balances: this.balances() });
    }
    const fault = misstatedBy(event, this.booked);
    if (fault !== undefined) throw new Error(fault);
    entries.push(...this.derive(bookedAt, lapsed));
    return entries;
  }

  /** What still lapses before the period ends. */
  end(): StatementEntry[] {
    return this.passUntil(this.derivedTo);
  }

  private passUntil(atMs: number): StatementEntry[] {
    if (!this.account || atMs <= this.reached) return [];
    const entries: StatementEntry[] = [];
    for (const instant of lapsesBetween(this.account, this.reached, atMs)) {
      const change = lapsedSince(this.lapsed, lapsedAt(this.account, instant));
      entries.push(...this.derive(formatInstant(instant), change));
    }
    this.reached = atMs;
    return entries;
  }

  /** The entry of what has lapsed at an instant; none where nothing has. */
  private derive(at: string, { wallet, main, backup }: Lapsed): StatementEntry[] {
    if (!this.account || isNothing({ wallet, main, backup })) return [];
    this.lapsed = {
      wallet: add(this.lapsed.wallet, wallet),
      main: add(this.lapsed.main, main),
      backup: add(this.lapsed.backup, backup),
    };
    const legs = inLedgerOrder(lapsedPostings({ wallet, main, backup }, this.account.currency, this.name));
    return [{ booked: null, occurredAt: at, bookedAt: at, legs, balances: this.balances() }];
  }
}

/** The balances of an account as of an instant, milliseconds since 1970; nothing before it was opened. */
export function balancesAt(account: Account | undefined, atMs: number): Balances {
  return new StatementFold('', account, atMs, atMs).balances();
}

function bookedBalances(account: Account | undefined): Balances {
  if (!account) return noBalances;
  const { wallet, receivable, subscription } = account;
  return { ...noBalances, wallet, receivable, ...subscription?.booked };
}
