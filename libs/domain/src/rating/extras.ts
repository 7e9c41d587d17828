import { add, multiply, toText, type Decimal } from '../amount/decimal';
import type { ByName } from '../rulebook/price';
import type { Units } from '../usage/usage';
import { quantityOf, reportedUnit } from './quantity';
import type { PriceDraft } from './tariff';

type UsedExtra = readonly [name: string, count: string, price: string];

const noExtras: ByName = new Map();
const none: readonly string[] = [];

/** The extras of a row: those it names, and of the others the base's. */
export function extrasOf(base: ByName, ofRow: ByName = noExtras): ByName {
  return ofRow.size === 0 ? base : new Map([...base, ...ofRow]);
}

/** Extras that some rows name and the base does not. */
export function extrasOfRows(base: ByName, bands: readonly { readonly extras: ByName }[]): readonly string[] {
  if (bands.length === 0) return none;
  return [...new Set(bands.flatMap(({ extras }) => [...extras.keys()]))].filter((name) => !base.has(name));
}

/** What extras come to, per unit; null where none was used. Those that were used are noted in the draft. */
export function sumOfExtras(prices: ByName, units: Units, draft: PriceDraft | null): Decimal | null {
  if (prices.size === 0) return null;
  let sum: Decimal | null = null;
  const used: UsedExtra[] = [];
  for (const [name, price] of prices) {
    const count = reportedUnit(units, name);
    if (count === undefined || count === 0) continue;
    const quantity = quantityOf(count);
    const each = multiply(quantity, price);
    sum = sum === null ? each : add(sum, each);
    if (draft) used.push([name, toText(quantity), toText(price)]);
  }
  if (draft && used.length > 0) draft.extras = used;
  return sum;
}
