import type { Decimal } from '../../amount/decimal';
import { add, compare, isPositive, isZero, min, multiply, subtract, toText, zero } from '../../amount/decimal';
import { dayOf, drawnInWeek, drawnOnDay } from './caps';
import type { PoolBalances, PoolCredits } from './events';
import { runningPeriod } from './periods';
import type { Period, Pool, PoolName, Subscription } from './subscription';

/** What first kept a pool from paying. */
export type PoolLimit = 'budget_exhausted' | 'daily_cap' | 'weekly_cap';

/** Credits that the pools of a period give at an instant that lies in it, caps and budget applied. */
export function givable(subscription: Subscription, period: Period, atMs: number): Decimal {
  const purse = new PoolPurse(subscription);
  const give = (name: PoolName): Decimal => purse.give(period, name, period[name].left, atMs);
  return add(give('main'), give('backup'));
}

/**
 * An account's pools while a batch of charges is decided: what each charge draws counts for the next, and the account itself is not touched.
 */
export class PoolPurse {
  private readonly drawn = new Map<Pool, Decimal>();
  private readonly drawnByDay = new Map<Period['drawnByDay'], Map<number, Decimal>>();
  private readonly cost = new Map<Period, Decimal>();
  /** Of the charge that is being paid. */
  private given: Record<PoolName, Decimal> = { main: zero, backup: zero };
  private limit: PoolLimit | undefined;
  private total: Record<PoolName, Decimal> = { main: zero, backup: zero };

  constructor(private readonly subscription: Subscription) {}

  /** The period whose pools pay for usage of an instant; undefined where there is none, or it was switched away from. */
  payingPeriod(atMs: number): Period | undefined {
    return runningPeriod(this.subscription, atMs);
  }

  /** Gives what a pool has of some credits, as far as the period's budget and its caps of that day and week go. */
  give(period: Period, name: PoolName, wanted: Decimal, atMs: number): Decimal {
    const pool = period[name];
    const most = min(wanted, subtract(pool.left, this.drawn.get(pool) ?? zero));
    if (!isPositive(most)) return zero;
    if (this.isUsedUp(period)) {
      this.limit ??= 'budget_exhausted';
      return zero;
    }
    const credits = this.capped(period, most, atMs);
    if (isZero(credits)) return zero;
    this.drawn.set(pool, add(this.drawn.get(pool) ?? zero, credits));
    this.countDay(period, dayOf(atMs), credits);
    this.given[name] = add(this.given[name], credits);
    this.total[name] = add(this.total[name], credits);
    return credits;
  }

  /** Ends a charge: what the pools gave to it, and what kept them from giving more. Its cost uses the budget where they gave something. */
  settle(
    period: Period,
    cost: Decimal,
  ): { readonly credits: PoolCredits | undefined; readonly limit: PoolLimit | undefined } {
    const { given, limit } = this;
    this.given = { main: zero, backup: zero };
    this.limit = undefined;
    if (isZero(given.main) && isZero(given.backup)) return { credits: undefined, limit };
    this.cost.set(period, add(this.cost.get(period) ?? zero, cost));
    return { credits: [period.number, toText(given.main), toText(given.backup)], limit };
  }

  /** Balances of the pools after all of it. */
  balances(): PoolBalances {
    const { booked } = this.subscription;
    return [toText(subtract(booked.main, this.total.main)), toText(subtract(booked.backup, this.total.backup))];
  }

  private isUsedUp(period: Period): boolean {
    const { budget, budgetUsed } = period;
    return budget !== null && compare(add(budgetUsed, this.cost.get(period) ?? zero), budget) >= 0;
  }

  /** As many credits as the caps leave. The smaller of both is what limits, and the daily one where they are equal. */
  private capped(period: Period, credits: Decimal, atMs: number): Decimal {
    const { dailyCap, weeklyCap } = period;
    if (dailyCap === null && weeklyCap === null) return credits;
    const day = dayOf(atMs);
    const here = { drawnByDay: this.drawnByDay.get(period.drawnByDay) ?? new Map<number, Decimal>() };
    const daily = dailyCap && left(dailyCap, add(drawnOnDay(period, day), drawnOnDay(here, day)));
    const weekly = weeklyCap && left(weeklyCap, add(drawnInWeek(period, day), drawnInWeek(here, day)));
    const isDaily = daily !== null && (weekly === null || compare(daily, weekly) <= 0);
    const cap = (isDaily ? daily : weekly) ?? credits;
    if (compare(cap, credits) >= 0) return credits;
    this.limit ??= isDaily ? 'daily_cap' : 'weekly_cap';
    return cap;
  }

  private countDay({ drawnByDay }: Period, day: number, credits: Decimal): void {
    const days = this.drawnByDay.get(drawnByDay) ?? new Map<number, Decimal>();
    days.set(day, add(days.get(day) ?? zero, credits));
    this.drawnByDay.set(drawnByDay, days);
  }
}

/** What a cap leaves: nothing where a period of other terms has drawn more. */
function left(cap: Decimal, drawn: Decimal): Decimal {
  return compare(drawn, cap) >= 0 ? zero : subtract(cap, drawn);
}

/** Money that credits of a period are worth, in the wallet's currency. */
export function moneyOf(credits: Decimal, { unitsPerCredit }: Period): Decimal {
  return multiply(credits, unitsPerCredit);
}
