import { isZero, type Decimal } from '@meterbook/domain/amount/decimal';
import { earnedOf, type Fee } from '@meterbook/domain/account/subscription/fee';
import { takenBy, takenByOccurred, type TimedItems } from '@meterbook/domain/entries/timed-items';
import type { Basis } from '../axes';

/** What time alone has taken of one grant or fee of a line. */
export interface TakenItem {
  readonly amount: Decimal;
  /** When it lapsed, or as of when a fee is earned; milliseconds since 1970. */
  readonly at: number;
  /** Absent for what lapsed. */
  readonly fee?: Fee;
}

/** What time alone has taken from a line by an instant, grant by grant and fee by fee; together it is what the report says. */
export function takenItems({ lapses, fees }: TimedItems, basis: Basis, atMs: number): TakenItem[] {
  const taken = basis === 'booked' ? takenBy : takenByOccurred;
  const lapsed = lapses.map((lapse) => ({
    amount: taken({ lapses: [lapse], fees: [] }, atMs),
    at: Math.min(lapse.at, atMs),
  }));
  const earned = fees.map((fee) => ({ amount: earnedOf(fee, atMs), at: atMs, fee }));
  return [...lapsed, ...earned].filter(({ amount }) => !isZero(amount));
}
