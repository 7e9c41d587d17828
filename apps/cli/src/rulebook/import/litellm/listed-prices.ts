import { isZero, multiply, type Decimal } from '@meterbook/domain/amount/decimal';
import { exactNumber } from '../exact-number';
import type { Changes } from '../findings';
import { priceKey, type Factor, type PriceKey } from './price-key';

/** A price of an entry as it is listed, of one of what it is for. */
export interface ListedPrice extends PriceKey {
  /** Of the field, for a reader. */
  readonly field: string;
  readonly value: Decimal;
}

const million: Decimal = { coefficient: 1_000_000n, scale: 0 };
const thousandth: Decimal = { coefficient: 1n, scale: 3 };
const factors: Readonly<Record<Factor, Decimal | null>> = { one: null, million, thousandth };

/** Fields that other rules read, and those that say in other words what is read. */
const readElsewhere =
  /^(search_context_cost_per_query|tiered_pricing|off_peak_pricing|provider_specific_entry|regional_.*_multiplier.*|input_dbu?_cost_per_token|output_dbu?_cost_per_token)$/;
/** Fields of numbers that are prices, or look like it. */
const looksLikeAPrice = /cost|price|pricing|multiplier|surcharge/;

/** Every price of an entry that a rulebook could say, of a million where it is of tokens. What is not understood is told. */
export function listedPrices(entry: ReadonlyMap<string, unknown>, changes: Changes): readonly ListedPrice[] {
  const prices: ListedPrice[] = [];
  for (const [field, value] of entry) {
    if (value === null || value === undefined || readElsewhere.test(field) || !looksLikeAPrice.test(field)) continue;
    const key = priceKey(field);
    if (key !== null) {
      const listed = exactNumber(value, field);
      const factor = key.target.kind === 'unit' || key.target.kind === 'extra' ? factors[key.target.factor] : million;
      prices.push({ ...key, field, value: factor === null ? listed : multiply(listed, factor) });
    } else if (!isNothing(value, field)) changes('unknown', field);
  }
  return prices;
}

function isNothing(value: unknown, field: string): boolean {
  if (typeof value !== 'number' && typeof value !== 'object') return true;
  return typeof value === 'number' && isZero(exactNumber(value, field));
}
