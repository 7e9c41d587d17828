import {
  compare,
  decimal,
  divide,
  isZero,
  multiply,
  round,
  subtract,
  toText,
  type Decimal,
} from '@meterbook/domain/amount/decimal';
import { LeftOut } from './findings';

/** Digits of a price that are kept: a list has fewer, and floating point spoils those behind the fifteenth. */
export const SIGNIFICANT_DIGITS = 12;
/** What a rulebook's decimals can hold. */
const MAX_FRACTION_DIGITS = 12;
const MAX_INTEGER_DIGITS = 18;
/** Powers of ten that a price is read with; anything beyond is no price. */
const MAX_EXPONENT = 60;
/** What is taken off as noise is at most this part of the number; more is a price with more digits than are kept. */
const NOISE = decimal('0.00000000000001');

const numeric = /^(-?)([0-9]+)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,4}))?$/;

/** A price as a list says it, exactly: what the shortest text of its JSON number says, or a text. Throws `LeftOut` at what is none. */
export function exactNumber(value: unknown, name: string): Decimal {
  const text = typeof value === 'number' ? String(value) : value;
  const parts = typeof text === 'string' ? numeric.exec(text.trim()) : null;
  if (!parts) throw new LeftOut('unfit_price', `${name} is ${told(value)}`);
  const [, sign = '', whole = '', fraction = '', power = '0'] = parts;
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return { coefficient: 0n, scale: 0 };
  if (sign === '-') throw new LeftOut('unfit_price', `${name} is ${told(value)}, less than nothing`);
  const exponent = Number(power) - fraction.length;
  if (Math.abs(exponent) > MAX_EXPONENT) throw new LeftOut('unfit_price', `${name} is ${told(value)}`);
  return exponent >= 0
    ? { coefficient: digits * 10n ** BigInt(exponent), scale: 0 }
    : { coefficient: digits, scale: -exponent };
}

function told(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : 'no number';
}

/** A price as a rulebook can say it, and what that took. */
export interface Written {
  readonly text: string;
  readonly by: 'nothing' | 'noise' | 'rounding';
}

/** A price with at most twelve digits that count. Throws `LeftOut` where nothing would be left of it, or too much. */
export function written(value: Decimal, name: string): Written {
  const exact = toText(value);
  const [whole = '', fraction = ''] = exact.split('.');
  if (whole.length > MAX_INTEGER_DIGITS) throw new LeftOut('unfit_price', `${name} is ${exact}, which is too much`);
  const leading = whole === '0' ? (/^0*/.exec(fraction)?.[0].length ?? 0) : -whole.length;
  const scale = Math.max(0, Math.min(MAX_FRACTION_DIGITS, SIGNIFICANT_DIGITS + leading));
  if (fraction.length <= scale) return { text: exact, by: 'nothing' };
  const kept = round(value, { scale, mode: 'half-even' });
  if (isZero(kept)) throw new LeftOut('unfit_price', `${name} is ${exact}, too little for a rulebook`);
  const difference = subtract(value, kept);
  const isNoise =
    compare({ ...difference, coefficient: magnitude(difference.coefficient) }, multiply(value, NOISE)) <= 0;
  return { text: toText(kept), by: isNoise ? 'noise' : 'rounding' };
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Digits of a quotient that never ends; what is written of it has fewer. */
const QUOTIENT_SCALE = 40;

/** `a / b`, exact where that ends. */
export function quotient(a: Decimal, b: Decimal): Decimal {
  return divide(a, b, { scale: QUOTIENT_SCALE, mode: 'half-even' });
}
