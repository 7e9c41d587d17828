import { compare, isZero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Choices } from '../choices';
import { exactNumber } from '../exact-number';
import type { Changes } from '../findings';
import { membersOf } from '../json-value';

const FIELD = 'search_context_cost_per_query';
/** The unit in which usage counts searches (docs/usage-mapping.md). */
const SEARCHES = 'webSearchCalls';

/** Searches are an extra; where they cost something else by the size of the context, one for each size, or that of the middle. */
export function searchPrices(
  entry: ReadonlyMap<string, unknown>,
  { search }: Choices,
  changes: Changes,
): ReadonlyMap<string, Decimal> {
  const sizes = (['low', 'medium', 'high'] as const).flatMap((size) => {
    const value = membersOf(entry.get(FIELD))?.get(`search_context_size_${size}`);
    return value === undefined || value === null ? [] : [{ size, price: exactNumber(value, `${FIELD}.${size}`) }];
  });
  const [first] = sizes;
  if (first === undefined || sizes.every(({ price }) => isZero(price))) return new Map();
  const areAlike = sizes.every(({ price }) => compare(price, first.price) === 0);
  if (search === 'three' || (search === 'auto' && !areAlike)) {
    const named = sizes.map(({ size, price }) => [`${SEARCHES}${capital(size)}`, price] as const);
    if (!areAlike) changes('extra', named.map(([name]) => name).join(', '));
    return new Map(named);
  }
  const { price } = sizes.find(({ size }) => size === 'medium') ?? first;
  if (!areAlike) changes('chosen', 'searches cost what those of a medium context do');
  return new Map([[SEARCHES, price]]);
}

function capital(size: string): string {
  return `${size.charAt(0).toUpperCase()}${size.slice(1)}`;
}
