import type { Decimal } from '../amount/decimal';
import type { KindPrices, TokenBand, TokenPrice } from '../rulebook/price';
import { withParent } from '../rulebook/token-kinds';

export type Side = 'input' | 'output';

/** What one kind of tokens costs in a row: a price of its own, or its side's price times a multiple. */
export type KindPricing = { readonly price: Decimal } | { readonly multiple: Decimal };

/**
 * Looked for in the row that holds, else in the base, then in the same way for the kind's parent; null where nothing is said
 * and the kind costs what its side costs (SPEC §4).
 */
export function kindPrice(kind: string, side: Side, price: TokenPrice, band: TokenBand | null): KindPricing | null {
  for (const name of withParent(kind)) {
    const found = (band && namedIn(band, name, side)) ?? namedIn(price, name, side);
    if (found) return found;
  }
  return null;
}

function namedIn(place: KindPrices, name: string, side: Side): KindPricing | null {
  const price = place[`${side}Prices`].get(name);
  if (price) return { price };
  const multiple = place[`${side}Multiples`].get(name);
  return multiple ? { multiple } : null;
}
