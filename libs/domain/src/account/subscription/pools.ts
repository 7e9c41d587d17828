import type { Decimal } from '../../amount/decimal';
import { add, isNegative, multiply, subtract, zero } from '../../amount/decimal';
import type { Period, PoolName, Subscription } from './subscription';
import { poolNames } from './subscription';
import { periodOf } from './periods';

/** Credits that a pool had when a period began: what was issued to it, less what the periods that carried it on had used. */
export function granted(subscription: Subscription, period: Period, name: PoolName): Decimal {
  const pool = period[name];
  let left = pool.issued;
  for (let number = period.number - 1; ; number--) {
    const earlier = periodOf(subscription, number);
    if (earlier?.[name] !== pool) return left;
    left = subtract(left, earlier.used[name]);
  }
}

/** Credits of a pool that its period has not used. */
export function remaining(subscription: Subscription, period: Period, name: PoolName): Decimal {
  return subtract(granted(subscription, period, name), period.used[name]);
}

/** Credits that have lapsed by time alone until an instant (milliseconds since 1970): what is left of the pools whose last period is over. */
export function lapsed({ periods }: Subscription, atMs: number): Record<PoolName, Decimal> {
  const sums = { main: zero, backup: zero };
  for (const [index, period] of periods.entries()) {
    for (const name of poolNames) {
      const isLast = periods[index + 1]?.[name] !== period[name];
      if (isLast && period[name].endsAt <= atMs) sums[name] = add(sums[name], period[name].left);
    }
  }
  return sums;
}

/** What pools gave beyond what they had, in the wallet's currency: zero, but for a part of an account's events. */
export function overdrawn({ periods }: Subscription): Decimal {
  let sum = zero;
  for (const [index, period] of periods.entries()) {
    for (const name of poolNames) {
      const isLast = periods[index + 1]?.[name] !== period[name];
      if (isLast && isNegative(period[name].left)) {
        sum = subtract(sum, multiply(period[name].left, period.unitsPerCredit));
      }
    }
  }
  return sum;
}
