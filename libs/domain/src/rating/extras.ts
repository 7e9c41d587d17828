import { add, multiply, toText, type Decimal } from '../amount/decimal';
import type { Units } from '../usage/usage';
import { quantityOf, reportedUnit } from './quantity';
import type { PriceDraft } from './tariff';

type UsedExtra = readonly [name: string, count: string, price: string];

/** Adds what the extras of a price come to, per unit, and notes those that were used. */
export function addExtras(
  base: Decimal,
  prices: ReadonlyMap<string, Decimal>,
  units: Units,
  draft: PriceDraft | null,
): Decimal {
  let sum = base;
  const used: UsedExtra[] = [];
  for (const [name, price] of prices) {
    const count = reportedUnit(units, name);
    if (count === undefined || count === 0) continue;
    const quantity = quantityOf(count);
    sum = add(sum, multiply(quantity, price));
    if (draft) used.push([name, toText(quantity), toText(price)]);
  }
  if (draft && used.length > 0) draft.extras = used;
  return sum;
}
