import type { Decimal, Rounding } from '../../amount/decimal';
import { divide, multiply, one, round, toText } from '../../amount/decimal';
import type { Rulebook } from '../../rulebook/rulebook';

/** How an amount of one currency becomes one of another: times the rate, or divided by the rate of the way back. */
export interface Exchange {
  readonly by: 'times' | 'divided-by';
  readonly rate: Decimal;
}

/** Fraction digits of a rate that does not terminate. */
const SHOWN_RATE_DIGITS = 12;

/** The exchange from one currency to another, whichever way round the rulebook quotes the pair; undefined when it quotes none. */
export function exchangeOf(rulebook: Rulebook, from: string, to: string): Exchange | undefined {
  if (from === to) return { by: 'times', rate: one };
  for (const { base, quote, rate } of rulebook.fx) {
    if (base === from && quote === to) return { by: 'times', rate };
    if (base === to && quote === from) return { by: 'divided-by', rate };
  }
  return undefined;
}

/** An amount in the other currency: computed exactly, rounded once. */
export function convert(amount: Decimal, { by, rate }: Exchange, rounding: Rounding): Decimal {
  return by === 'times' ? round(multiply(amount, rate), rounding) : divide(amount, rate, rounding);
}

/** Units of the target currency per unit of the source: exact where it terminates, else half-up to 12 places. */
export function rateText({ by, rate }: Exchange): string {
  if (by === 'times') return toText(rate);
  const scale = digitsOfInverse(rate.coefficient) ?? SHOWN_RATE_DIGITS;
  return toText(divide(one, rate, { scale, mode: 'half-up' }));
}

/** Fraction digits of 1 / `whole` where it terminates: it does when only 2 and 5 divide it. */
function digitsOfInverse(whole: bigint): number | undefined {
  const [withoutTwos, twos] = strip(whole, 2n);
  const [rest, fives] = strip(withoutTwos, 5n);
  return rest === 1n ? Math.max(twos, fives) : undefined;
}

function strip(value: bigint, prime: bigint): [rest: bigint, count: number] {
  let rest = value;
  let count = 0;
  for (; rest !== 0n && rest % prime === 0n; rest /= prime) count++;
  return [rest, count];
}
