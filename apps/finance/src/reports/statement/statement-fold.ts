import type { Account } from '@meterbook/domain/account/account';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { evolve } from '@meterbook/domain/account/evolve';
import { expiredAt } from '@meterbook/domain/entries/expired-lots';
import { expiryLegs, postingsOf, receivableOf, walletOf, type Posting } from '@meterbook/domain/entries/postings';
import { add, isNegative, isZero, subtract, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { StoredEvent } from '@meterbook/event-store/event-store';

/** What an entry that no event made is called. */
export const DERIVED_TYPE = 'LotExpired';

/** What the account has and owes, with what has expired taken off. */
export interface Balances {
  readonly wallet: Decimal;
  readonly receivable: Decimal;
}

/** An entry that was booked, or one that time alone made: what expired, or came back because late usage still drew on it. */
export interface StatementEntry {
  /** Null for what is derived. */
  readonly booked: { readonly stored: StoredEvent; readonly event: AccountEvent } | null;
  /** Booked at, or the instant of the expiry; milliseconds since 1970. */
  readonly at: number;
  readonly legs: readonly Posting[];
  readonly balances: Balances;
}

/** Folds an account's events into entries with running balances, by the legs alone; each event's own balances check them. */
export class StatementFold {
  private account: Account | undefined;
  private wallet: Decimal;
  private receivable: Decimal;
  /** Everything up to this instant has been looked at for expiries. */
  private reached: number;

  constructor(
    private readonly period: { readonly account: string; readonly from: number; readonly derivedTo: number },
    start: Account | undefined,
  ) {
    this.account = start;
    this.wallet = start?.wallet ?? zero;
    this.receivable = start?.receivable ?? zero;
    this.reached = period.from - 1;
  }

  get currency(): string | undefined {
    return this.account?.currency;
  }

  /** The balances before the period's first instant. */
  open(): Balances {
    return this.balances();
  }

  balances(): Balances {
    return { wallet: subtract(this.wallet, this.expiredAt(this.reached)), receivable: this.receivable };
  }

  /** The entries that an event makes; none where it was booked before the period. Throws where it contradicts the entries before. */
  take(stored: StoredEvent, event: AccountEvent): StatementEntry[] {
    const within = stored.bookedAt >= this.period.from;
    const entries = within ? this.expireUntil(Math.min(stored.bookedAt, this.period.derivedTo - 1)) : [];
    const before = this.expiredAt(this.reached);
    this.account = evolve(this.account, event, stored.revision);
    const change = subtract(this.expiredAt(this.reached), before);
    // Late usage takes from what had expired: that has come back before it was drawn. What was booked expired goes after.
    if (isNegative(change)) entries.push(...this.derived(this.reached, change));
    const legs = postingsOf(event, this.period.account);
    this.post(legs);
    if ('wallet' in event) this.check(event);
    const expired = isNegative(change) ? add(before, change) : before;
    const balances = { wallet: subtract(this.wallet, expired), receivable: this.receivable };
    entries.push({ booked: { stored, event }, at: stored.bookedAt, legs, balances });
    if (!isNegative(change)) entries.push(...this.derived(this.reached, change));
    return within ? entries : [];
  }

  /** What still expires before the period ends. */
  end(): StatementEntry[] {
    return this.expireUntil(this.period.derivedTo - 1);
  }

  private expireUntil(atMs: number): StatementEntry[] {
    const entries: StatementEntry[] = [];
    const due = new Set<number>();
    for (const { expiresAt } of this.account?.burnOrder ?? [])
      if (expiresAt !== null && expiresAt > this.reached && expiresAt <= atMs) due.add(expiresAt);
    for (const expiresAt of [...due].sort((a, b) => a - b)) {
      const before = this.expiredAt(this.reached);
      this.reached = expiresAt;
      entries.push(...this.derived(expiresAt, subtract(this.expiredAt(expiresAt), before)));
    }
    this.reached = Math.max(this.reached, atMs);
    return entries;
  }

  private derived(at: number, expired: Decimal): StatementEntry[] {
    if (isZero(expired) || !this.account) return [];
    const legs = expiryLegs(expired, this.account.currency, this.period.account);
    return [{ booked: null, at, legs, balances: this.balances() }];
  }

  private expiredAt(atMs: number): Decimal {
    return this.account ? expiredAt(this.account, atMs) : zero;
  }

  private post(legs: readonly Posting[]): void {
    for (const { ledgerAccount, amount } of legs) {
      if (ledgerAccount === walletOf(this.period.account)) this.wallet = subtract(this.wallet, amount);
      else if (ledgerAccount === receivableOf(this.period.account)) this.receivable = add(this.receivable, amount);
    }
  }

  private check(event: { readonly wallet: string; readonly receivable?: string }): void {
    for (const [name, found, stated] of [
      ['wallet', this.wallet, event.wallet],
      ['receivable', this.receivable, event.receivable ?? '0'],
    ] as const)
      if (toText(found) !== stated)
        throw new Error(`it states the ${name} ${stated}, its entries come to ${toText(found)}`);
  }
}
