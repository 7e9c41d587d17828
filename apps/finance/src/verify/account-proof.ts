import type { Account } from '@meterbook/domain/account/account';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { evolve } from '@meterbook/domain/account/evolve';
import { frozenOf } from '@meterbook/domain/account/payments/payments';
import { poolNames, type PoolName } from '@meterbook/domain/account/subscription/subscription';
import { balancesAfter, misstatedBy, noBalances } from '@meterbook/domain/entries/balances';
import { postingsOf } from '@meterbook/domain/entries/postings';
import { add, compare, isNegative, isZero, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Position, StoredEvent } from '@meterbook/event-store/event-store';
import { toBooked } from '../projections/booked-event';

/** Folds one account again and throws at the first event that contradicts those before it. */
export class AccountProof {
  /** Undefined before the opening. */
  account: Account | undefined;
  /** Of the last event. */
  position: Position = '';
  /** By the legs of the entries alone, beside what the fold of lots and pools comes to. */
  private balances = noBalances;

  add(stored: StoredEvent): void {
    const { account: name, event } = toBooked(stored);
    this.account = evolve(this.account, event, stored.revision);
    this.book(event, name);
    this.position = stored.position;
    const fault = misstatedBy(event, this.balances);
    if (fault !== undefined) throw new Error(fault);
  }

  /** At the end: lots, what is frozen, and pools, none of them negative, are what the entries come to. (That none gives more than it has is seen event by event.) */
  finish(): void {
    let lots = this.account ? frozenOf(this.account) : zero;
    if (isNegative(lots)) throw new Error('its frozen money is negative');
    for (const { lot, left } of this.account?.lots ?? []) {
      if (isNegative(left)) throw new Error(`lot ${lot} is negative`);
      lots = add(lots, left);
    }
    expectSame('lots and disputes', lots, this.balances.wallet);
    for (const name of poolNames) expectSame(`${name} pools`, this.inPools(name), this.balances[name]);
  }

  /** A pool that was carried on is held by several periods and counts once. */
  private inPools(name: PoolName): Decimal {
    const pools = new Set((this.account?.subscription?.periods ?? []).map((period) => period[name]));
    let sum = zero;
    for (const { left } of pools) {
      if (isNegative(left)) throw new Error(`a ${name} pool is negative`);
      sum = add(sum, left);
    }
    return sum;
  }

  private book(event: AccountEvent, name: string): void {
    const legs = postingsOf(event, name);
    const sums = new Map<string, Decimal>();
    for (const { commodity, amount } of legs) sums.set(commodity, add(sums.get(commodity) ?? zero, amount));
    for (const [commodity, sum] of sums)
      if (!isZero(sum)) throw new Error(`its entry is off by ${toText(sum)} ${commodity}`);
    this.balances = balancesAfter(this.balances, legs, name);
  }
}

function expectSame(what: string, held: Decimal, booked: Decimal): void {
  if (compare(held, booked) !== 0)
    throw new Error(`its ${what} hold ${toText(held)}, its entries come to ${toText(booked)}`);
}
