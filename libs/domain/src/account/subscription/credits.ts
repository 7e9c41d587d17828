import type { Decimal } from '../../amount/decimal';
import { divide, one } from '../../amount/decimal';

/**
 * Units of currency per credit of so many credits per unit: exact, since a rulebook takes no rate with a prime factor other
 * than 2 and 5. Any other is rounded down far below what an amount can have.
 */
export function inverseOf(creditsPerUnit: Decimal): Decimal {
  return divide(one, creditsPerUnit, { scale: digitsOf(creditsPerUnit.coefficient), mode: 'down' });
}

/** Fraction digits of 1 / `whole`: as many as it has factors of 2, or of 5. */
function digitsOf(whole: bigint): number {
  return Math.max(count(whole, 2n), count(whole, 5n));
}

function count(value: bigint, prime: bigint): number {
  let times = 0;
  for (let rest = value; rest !== 0n && rest % prime === 0n; rest /= prime) times++;
  return times;
}
