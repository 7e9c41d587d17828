import type { Fraction } from '../naive-fraction';

/** An exact amount: so many 10⁻³⁶ of a unit. It is finer than anything that can be asked for, and it says so where it is not. */
export type Money = bigint;

const DIGITS = 36;
const UNIT = 10n ** BigInt(DIGITS);

/** Of a decimal text. */
export function money(text: string): Money {
  const [whole = '', digits = ''] = text.replace('-', '').split('.');
  const size = BigInt(whole + digits.padEnd(DIGITS, '0'));
  return text.startsWith('-') ? -size : size;
}

/** The canonical decimal text. */
export function textOf(amount: Money): string {
  const size = String(amount < 0n ? -amount : amount).padStart(DIGITS + 1, '0');
  const text = `${size.slice(0, -DIGITS)}.${size.slice(-DIGITS)}`.replace(/\.?0*$/, '');
  return amount < 0n ? `-${text}` : text;
}

export function product(a: Money, b: Money): Money {
  return exactly(a * b, UNIT);
}

export function quotient(a: Money, b: Money): Money {
  return exactly(a * UNIT, b);
}

export function least(first: Money, ...others: readonly Money[]): Money {
  return others.reduce((a, b) => (b < a ? b : a), first);
}

export function sum(amounts: readonly Money[]): Money {
  return amounts.reduce((a, b) => a + b, 0n);
}

export function asFraction(amount: Money): Fraction {
  return { n: amount, d: UNIT };
}

/** A fraction of zero or more, rounded down to so many digits. */
export function roundedDown({ n, d }: Fraction, digits: number): Money {
  return ((n * 10n ** BigInt(digits)) / d) * 10n ** BigInt(DIGITS - digits);
}

function exactly(n: bigint, d: bigint): Money {
  if (n % d !== 0n) throw new Error(`${n}/${d} is finer than the naive books are`);
  return n / d;
}
