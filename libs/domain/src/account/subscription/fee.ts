import type { Decimal } from '../../amount/decimal';
import { add, divide, fromInteger, multiply, subtract, zero } from '../../amount/decimal';
import type { Period, Subscription } from './subscription';

/** A fee, and over what time it is earned; instants are milliseconds since 1970. */
export type Fee = Pick<Period, 'price' | 'from' | 'to' | 'scale' | 'switchedAt' | 'credited'>;

/**
 * What of a period's fee is earned at an instant (milliseconds since 1970): linear per millisecond, rounded down to the scale,
 * and exact at its end. A switch earns at once all that it does not credit.
 */
export function earnedOf({ price, from, to, scale, switchedAt, credited }: Fee, atMs: number): Decimal {
  if (switchedAt !== null && atMs >= switchedAt) return subtract(price, credited);
  if (atMs >= to) return price;
  if (atMs <= from) return zero;
  return divide(multiply(price, fromInteger(atMs - from)), fromInteger(to - from), { scale, mode: 'down' });
}

/** What of all fees is earned at an instant, in the wallet's currency. */
export function earned({ periods }: Subscription, atMs: number): Decimal {
  return periods.reduce((sum, period) => add(sum, earnedOf(period, atMs)), zero);
}
