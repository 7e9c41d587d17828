import type { Books, PeriodBooks } from './books';
import type { Money } from './money';
import { roundedDown } from './money';

/**
 * What is earned of a period's fee by an instant: linear per millisecond, rounded down, exact at its end; from a switch on all
 * that it does not credit.
 */
export function earnedOf(books: Books, period: PeriodBooks, at: number): Money {
  const { from, to, fee, scale, switchedAt, n } = period;
  if (switchedAt !== null && switchedAt <= at) return fee - creditOf(books, n);
  if (at <= from) return 0n;
  if (at >= to) return fee;
  return roundedDown({ n: fee * BigInt(at - from), d: 10n ** 36n * BigInt(to - from) }, scale);
}

/** What a switch credited of a period's fee: of one that waited all of it. */
function creditOf(books: Books, n: number): Money {
  const credited = books.credits.get(n);
  if (credited === undefined) throw new Error('a period that was switched away from has its credit');
  return credited;
}
