import { compare, isZero, max, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Choices } from '../choices';
import { LeftOut, type Changes } from '../findings';
import type { ImportedPrice, ImportedRow } from '../imported-model';
import type { ListedPrice } from './listed-prices';
import { ratesOf } from './token-price';

/** What a model makes: where it is priced, everything else that it is priced by stands beside it. */
const products: ReadonlySet<string> = new Set(['images', 'seconds', 'outputVideoSeconds']);
const sameInAndOut: ReadonlySet<string> = new Set(['second', 'megapixel', 'request']);

/**
 * A price by something else than tokens. Where it is one thing, that is its mode; of several, the model costs nothing by the request,
 * and each thing is an extra.
 */
export function unitPrice(
  prices: readonly ListedPrice[],
  choices: Choices,
  changes: Changes,
): Omit<ImportedPrice, 'windows'> {
  const plain = prices.filter(({ tier, tokens, variant }) => tier === null && tokens === null && variant === null);
  const units = plain.filter(({ target }) => target.kind === 'unit');
  const told = alike(units.filter(({ value }) => !isZero(value)));
  const main =
    told.length > 1 ? told.find(({ target }) => target.kind === 'unit' && products.has(target.name)) : told[0];
  const first =
    main ?? (told.length === 0 ? (units[0] ?? prices.find(({ target }) => target.kind === 'unit')) : undefined);
  const extras = [...told.filter((price) => price !== main), ...plain.filter(({ target }) => target.kind === 'extra')];
  if (first?.target.kind !== 'unit') return extrasAlone(extras, changes);
  const base = {
    unit: main?.value ?? withoutVariant(first, prices, changes),
    kinds: new Map(),
    extras: ratesOf(extras).extras,
  };
  for (const name of base.extras.keys()) changes('extra', name);
  return {
    mode: first.target.mode,
    base,
    rows: prices.flatMap((price) => variantRow(price, first, choices, changes)),
  };
}

/** Where only resolutions are priced, one that usage does not name costs as much as the dearest: it is never given away. */
function withoutVariant(first: ListedPrice, prices: readonly ListedPrice[], changes: Changes): Decimal {
  if (first.variant === null) return zero;
  const variants = prices.filter(({ variant, target }) => variant !== null && target === first.target);
  changes('chosen', 'without a resolution it costs as much as the dearest');
  return variants.reduce((dearest, { value }) => max(dearest, value), zero);
}

function extrasAlone(listed: readonly ListedPrice[], changes: Changes): Omit<ImportedPrice, 'windows'> {
  const { extras } = ratesOf(listed);
  for (const name of extras.keys()) changes('extra', name);
  if (extras.size === 0) throw new LeftOut('no_price', 'it names no price that is known here');
  return { mode: 'request', base: { unit: zero, kinds: new Map(), extras }, rows: [] };
}

/** Seconds and pixels of input and of output are the same ones where a list prices both alike. */
function alike(units: readonly ListedPrice[]): readonly ListedPrice[] {
  const byMode = new Map<string, ListedPrice>();
  for (const price of units) {
    if (price.target.kind !== 'unit' || !sameInAndOut.has(price.target.mode)) {
      byMode.set(price.field, price);
      continue;
    }
    const before = byMode.get(price.target.mode);
    if (before === undefined) byMode.set(price.target.mode, price);
    else if (compare(before.value, price.value) !== 0) byMode.set(price.field, price);
  }
  return [...byMode.values()];
}

/** A resolution, a quality, a service tier: rows with a price of their own. */
function variantRow(
  { target, tier, tokens, variant, value, field }: ListedPrice,
  first: ListedPrice,
  { fields }: Choices,
  changes: Changes,
): readonly ImportedRow[] {
  if (tier === null && tokens === null && variant === null) return [];
  const isOfFirst = target.kind === 'unit' && first.target.kind === 'unit' && target.name === first.target.name;
  if (!isOfFirst || tokens !== null) {
    if (!isZero(value)) changes('left_out', field);
    return [];
  }
  const when = new Map(tier === null ? [] : [[fields.tier, tier]]);
  if (variant !== null) for (const [name, told] of variantFields(variant, fields)) when.set(name, told);
  return [{ when, prompt: null, rates: { unit: value, kinds: new Map(), extras: new Map() } }];
}

function variantFields(variant: string, fields: Choices['fields']): readonly (readonly [string, string])[] {
  const [, rest = '', premium = ''] = /^(.*?)_?(?:and_)?(premium_image)?$/.exec(variant) ?? [];
  const [, width, height] = /^above_([0-9]+)_and_([0-9]+)_pixels$/.exec(rest) ?? [];
  const resolution = width === undefined ? rest : `above-${width}x${height ?? ''}`;
  return [
    ...(resolution === '' ? [] : [[fields.resolution, resolution] as const]),
    ...(premium === '' ? [] : [[fields.quality, 'premium'] as const]),
  ];
}
