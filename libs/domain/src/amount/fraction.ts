import type { Decimal, RoundingMode } from './decimal';
import { divide, powerOfTen } from './decimal';

/** An exact quotient, for what no decimal can hold before it is rounded. Its denominator is more than zero. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** `a / b` of two decimals, `b` being more than zero; zero where both are. Throws where it has no value. */
export function quotient(a: Decimal, b: Decimal): Fraction {
  if (a.coefficient === 0n) return { numerator: 0n, denominator: 1n };
  if (b.coefficient <= 0n) throw new Error('a fraction of nothing');
  return { numerator: a.coefficient * powerOfTen(b.scale), denominator: b.coefficient * powerOfTen(a.scale) };
}

export function toFraction({ coefficient, scale }: Decimal): Fraction {
  return { numerator: coefficient, denominator: powerOfTen(scale) };
}

export function plus(a: Fraction, b: Fraction): Fraction {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

export function minus(a: Fraction, b: Fraction): Fraction {
  return plus(a, { numerator: -b.numerator, denominator: b.denominator });
}

export function times(a: Fraction, b: Fraction): Fraction {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}

export function smaller(a: Fraction, b: Fraction): Fraction {
  return a.numerator * b.denominator <= b.numerator * a.denominator ? a : b;
}

export function larger(a: Fraction, b: Fraction): Fraction {
  return smaller(a, b) === a ? b : a;
}

/** The decimal of so many fraction digits. */
export function toDecimal({ numerator, denominator }: Fraction, scale: number, mode: RoundingMode): Decimal {
  return divide({ coefficient: numerator, scale: 0 }, { coefficient: denominator, scale: 0 }, { scale, mode });
}
