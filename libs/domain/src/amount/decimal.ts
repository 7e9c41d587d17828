/** An exact decimal: `coefficient` × 10^−`scale`. No amount, price or factor is ever a JS number. */
export interface Decimal {
  readonly coefficient: bigint;
  /** Fraction digits, 0 or more; the same value may stand at several scales. */
  readonly scale: number;
}

/** How a result is rounded: `half-up` goes away from zero at the middle, `up` away from zero, `down` towards it (SPEC §2). */
export type RoundingMode = 'half-up' | 'half-even' | 'up' | 'down';

export interface Rounding {
  /** Fraction digits that are kept. */
  readonly scale: number;
  readonly mode: RoundingMode;
}

const MAX_INTEGER_DIGITS = 18;
const MAX_FRACTION_DIGITS = 12;
const canonical = /^(?:0|-?(?:[1-9][0-9]*|0(?=\.))(?:\.[0-9]*[1-9])?)$/;

const powers: bigint[] = Array.from({ length: 64 }, (_, exponent) => 10n ** BigInt(exponent));

export const zero: Decimal = { coefficient: 0n, scale: 0 };
export const one: Decimal = { coefficient: 1n, scale: 0 };

/** 10^exponent for an exponent of 0 or more. */
export function powerOfTen(exponent: number): bigint {
  return powers[exponent] ?? 10n ** BigInt(exponent);
}

/** Whether a text is a canonical decimal of any length. */
export function isCanonical(text: string): boolean {
  return canonical.test(text);
}

/** Reads a canonical decimal string of any length; throws on any other text, since trusted text is always canonical. */
export function decimal(text: string): Decimal {
  if (!canonical.test(text)) throw new Error(`not a canonical decimal: ${text}`);
  const point = text.indexOf('.');
  if (point < 0) return { coefficient: BigInt(text), scale: 0 };
  return { coefficient: BigInt(text.slice(0, point) + text.slice(point + 1)), scale: text.length - point - 1 };
}

/** Reads what came in from outside: a canonical string of at most 18 integer and 12 fraction digits (SPEC §2); undefined for anything else. */
export function parseDecimal(value: unknown): Decimal | undefined {
  if (
    typeof value !== 'string' ||
    value.length > MAX_INTEGER_DIGITS + MAX_FRACTION_DIGITS + 2 ||
    !canonical.test(value)
  )
    return undefined;
  const read = decimal(value);
  const digits = value.replace('-', '').replace('.', '').length - read.scale;
  return read.scale <= MAX_FRACTION_DIGITS && digits <= MAX_INTEGER_DIGITS ? read : undefined;
}

/** The whole number as a decimal; throws on one that is not safe to count with. */
export function fromInteger(value: number): Decimal {
  if (!Number.isSafeInteger(value)) throw new Error(`not a safe integer: ${value}`);
  return { coefficient: BigInt(value), scale: 0 };
}

/** The canonical string of a value: no trailing zeros, no exponent. */
export function toText(value: Decimal): string {
  if (value.scale === 0) return value.coefficient.toString();
  const negative = value.coefficient < 0n;
  const digits = (negative ? -value.coefficient : value.coefficient).toString().padStart(value.scale + 1, '0');
  let end = digits.length;
  const point = digits.length - value.scale;
  while (end > point && digits.charCodeAt(end - 1) === 48) end--;
  const text = end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`;
  return negative && text !== '0' ? `-${text}` : text;
}

export function add(a: Decimal, b: Decimal): Decimal {
  if (a.scale === b.scale) return { coefficient: a.coefficient + b.coefficient, scale: a.scale };
  const scale = Math.max(a.scale, b.scale);
  return { coefficient: coefficientAt(a, scale) + coefficientAt(b, scale), scale };
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, negate(b));
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { coefficient: a.coefficient * b.coefficient, scale: a.scale + b.scale };
}

export function negate(a: Decimal): Decimal {
  return { coefficient: -a.coefficient, scale: a.scale };
}

/** Negative, zero or positive as `a` is less than, equal to or more than `b`, whatever their scales. */
export function compare(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const left = coefficientAt(a, scale);
  const right = coefficientAt(b, scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

export function min(a: Decimal, b: Decimal): Decimal {
  return compare(a, b) <= 0 ? a : b;
}

export function max(a: Decimal, b: Decimal): Decimal {
  return compare(a, b) >= 0 ? a : b;
}

export function isZero(a: Decimal): boolean {
  return a.coefficient === 0n;
}

export function isPositive(a: Decimal): boolean {
  return a.coefficient > 0n;
}

export function isNegative(a: Decimal): boolean {
  return a.coefficient < 0n;
}

export function round(value: Decimal, { scale, mode }: Rounding): Decimal {
  if (value.scale <= scale) return value;
  return { coefficient: roundedQuotient(value.coefficient, powerOfTen(value.scale - scale), mode), scale };
}

/** `a / b`, rounded once. Throws on a zero divisor. */
export function divide(a: Decimal, b: Decimal, { scale, mode }: Rounding): Decimal {
  if (b.coefficient === 0n) throw new Error('division by zero');
  const shift = scale + b.scale - a.scale;
  const dividend = shift >= 0 ? a.coefficient * powerOfTen(shift) : a.coefficient;
  const divisor = shift >= 0 ? b.coefficient : b.coefficient * powerOfTen(-shift);
  return { coefficient: roundedQuotient(dividend, divisor, mode), scale };
}

/** The value's coefficient at a scale that is not smaller than its own. */
function coefficientAt(value: Decimal, scale: number): bigint {
  return scale === value.scale ? value.coefficient : value.coefficient * powerOfTen(scale - value.scale);
}

function roundedQuotient(dividend: bigint, divisor: bigint, mode: RoundingMode): bigint {
  const quotient = dividend / divisor;
  const remainder = dividend % divisor;
  if (remainder === 0n || mode === 'down') return quotient;
  const away = quotient + (dividend < 0n === divisor < 0n ? 1n : -1n);
  if (mode === 'up') return away;
  const doubled = magnitude(remainder) * 2n;
  const size = magnitude(divisor);
  if (doubled !== size) return doubled > size ? away : quotient;
  return mode === 'half-up' || quotient % 2n !== 0n ? away : quotient;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
