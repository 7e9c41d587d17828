import { compare, divide, isZero, multiply, subtract, toText, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Model } from '@meterbook/domain/rulebook/rulebook';
import { COST, namedPrices, priceText, unsaidPrice, type NamedPrices } from './named-prices';

/** One thing that is another one in the new rulebook; null where it is not said. */
export interface Difference {
  readonly name: string;
  readonly old: string | null;
  readonly new: string | null;
  /** In percent of the old one, to a tenth, such as `+20`; null where there is nothing to compare. */
  readonly percent: string | null;
}

/** Both: some things of a model cost more and some less. Otherwise: nothing that can be compared. */
export type Verdict = 'dearer' | 'cheaper' | 'both' | 'otherwise';

export interface Compared {
  readonly differences: readonly Difference[];
  /** What of it costs a customer more, and what less. */
  readonly higher: boolean;
  readonly lower: boolean;
}

/** What is another one between two prices of a model, name by name. */
export function compareModels(before: Model, after: Model): Compared {
  const [old, next] = [namedPrices(before), namedPrices(after)];
  const kinds = new Map([...old.kinds, ...next.kinds]);
  const differences: Difference[] = [];
  let [higher, lower] = [false, false];
  for (const name of namesOf(old.words, next.words)) {
    const [was, is] = [old.words.get(name) ?? null, next.words.get(name) ?? null];
    if (was !== is) differences.push({ name, old: was, new: is, percent: null });
  }
  for (const name of namesOf(old.amounts, next.amounts)) {
    const [was, is] = [amountOf(old, name, kinds.get(name)), amountOf(next, name, kinds.get(name))];
    const order = was !== undefined && is !== undefined ? compare(is, was) : null;
    if (order === 0) continue;
    differences.push({ name, old: priceText(was), new: priceText(is), percent: percentOf(was, is) });
    if (name.startsWith(COST) || order === null) continue;
    if (order > 0) higher = true;
    else lower = true;
  }
  return { differences, higher, lower };
}

export function verdictOf(higher: boolean, lower: boolean): Verdict {
  if (higher && lower) return 'both';
  return higher ? 'dearer' : lower ? 'cheaper' : 'otherwise';
}

function namesOf(old: ReadonlyMap<string, unknown>, next: ReadonlyMap<string, unknown>): ReadonlySet<string> {
  return new Set([...old.keys(), ...next.keys()]);
}

/** A kind of tokens that is not priced costs something all the same; a row or an extra that is not there does not. */
function amountOf(prices: NamedPrices, name: string, side: 'input' | 'output' | undefined): Decimal | undefined {
  return prices.amounts.get(name) ?? (side === undefined ? undefined : unsaidPrice(prices, name, side));
}

const PERCENT = 100n;

/** How much more or less that is, in percent; null where it was nothing before. */
export function percentOf(old: Decimal | undefined, next: Decimal | undefined): string | null {
  if (old === undefined || next === undefined || isZero(old)) return null;
  const part = multiply(subtract(next, old), { coefficient: PERCENT, scale: 0 });
  const text = toText(divide(part, old, { scale: 1, mode: 'half-up' }));
  return text.startsWith('-') ? text : `+${text}`;
}
