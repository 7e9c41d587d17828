import { add, isNegative, isZero, negate, toText, zero, type Decimal } from '../../amount/decimal';

/** What an entry was: the formula with its numbers, and a sentence for a customer. */
export interface Explained {
  /**
   * Equations, with `; ` between them; what a number is stands behind it in brackets. A result that was rounded stands behind `≈`. Null
   * where nothing was counted.
   */
  readonly formula: string | null;
  readonly sentence: string;
}

/** An amount, and what it is. */
export type Term = readonly [amount: Decimal, what: string];

/** Terms and their sum in one line: `100 [credited] − 20 [paid what was owed] = 80 CNY`. Those of zero are left out. */
export function equation(terms: readonly Term[], unit: string): string {
  const total = terms.reduce((sum, [amount]) => add(sum, amount), zero);
  const told = terms.filter(([amount]) => !isZero(amount));
  if (told.length === 0) return `0 = 0 ${unit}`;
  const text = told.map((term, at) => (at === 0 ? first(term) : further(term))).join('');
  return `${text} = ${toText(total)} ${unit}`;
}

/** Equations in one text. */
export function equations(all: readonly string[]): string {
  return all.join('; ');
}

/** Parts of a sentence as an enumeration: `a, b and c`. */
export function enumerated(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

function first([amount, what]: Term): string {
  return isNegative(amount) ? `0${further([amount, what])}` : `${toText(amount)} [${what}]`;
}

function further([amount, what]: Term): string {
  return isNegative(amount) ? ` − ${toText(negate(amount))} [${what}]` : ` + ${toText(amount)} [${what}]`;
}
