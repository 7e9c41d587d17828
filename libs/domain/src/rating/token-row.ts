import type { AppliedPrice, KindMultiple, KindPrice } from '../account/charging/events';
import { compare, one, powerOfTen, toText, type Decimal } from '../amount/decimal';
import type { ByName, TokenBand, TokenPrice } from '../rulebook/price';
import { extrasOf } from './extras';
import { kindPrice, type Side } from './kind-price';
import type { PriceDraft } from './tariff';
import type { Kind, TokenCounts } from './token-counts';

/** What a token of a side costs: `price` is for adjusted counts and brings the sum to the row's scale. */
interface SidePrice {
  readonly price: bigint;
  /** Fraction digits of an adjusted count, and one token at them. */
  readonly scale: number;
  readonly whole: bigint;
}

/** What a kind costs: a multiple at its side's scale, or a price of its own at the row's. */
interface KindTerm {
  readonly multiple: bigint;
  readonly price: bigint | null;
  readonly isOne: boolean;
  readonly told: KindMultiple | KindPrice;
}

/** The prices of one row of a price list, or of the base, made ready for use. */
export interface TokenRow {
  readonly input: SidePrice;
  readonly output: SidePrice;
  /** By the index of the kind. */
  readonly kinds: readonly KindTerm[];
  readonly scale: number;
  readonly extras: ByName;
  readonly applied: AppliedPrice;
}

export function tokenRow(
  price: TokenPrice,
  kinds: readonly Kind[],
  band: TokenBand | null,
  told: string | null,
): TokenRow {
  const sides = { input: band?.input ?? price.input, output: band?.output ?? price.output };
  const found = kinds.map(({ name, side }) => ({ name, side, cost: kindPrice(name, side, price, band) }));
  const multiplesOf = (side: Side) =>
    found.flatMap((each) => (each.side === side && each.cost && 'multiple' in each.cost ? [each.cost.multiple] : []));
  const scales = { input: largestScale(multiplesOf('input')), output: largestScale(multiplesOf('output')) };
  const own = found.flatMap(({ cost }) => (cost && 'price' in cost ? [cost.price] : []));
  const scale = Math.max(scales.input + sides.input.scale, scales.output + sides.output.scale, largestScale(own));
  const sidePrice = (side: Side): SidePrice => ({
    price: coefficientAt(sides[side], scale - scales[side]),
    scale: scales[side],
    whole: powerOfTen(scales[side]),
  });
  const applied: PriceDraft = {
    mode: 'token',
    per: price.per,
    input: toText(sides.input),
    output: toText(sides.output),
  };
  if (told !== null) applied.band = told;
  return {
    input: sidePrice('input'),
    output: sidePrice('output'),
    kinds: found.map(({ name, side, cost }): KindTerm => {
      if (cost && 'price' in cost) {
        const told = [name, toText(cost.price)] as const;
        return { multiple: 0n, price: coefficientAt(cost.price, scale), isOne: false, told };
      }
      const multiple = cost?.multiple ?? one;
      const isOne = compare(multiple, one) === 0;
      const told = [name, toText(multiple)] as const;
      return { multiple: coefficientAt(multiple, scales[side]), price: null, isOne, told };
    }),
    scale: scale + Math.log10(price.per),
    extras: extrasOf(price.extras, band?.extras),
    applied,
  };
}

/** Tokens after multiples, at their side's scale, and what kinds with a price of their own come to, at the row's. */
export interface Adjusted {
  input: bigint;
  output: bigint;
  own: bigint;
}

export function adjust(row: TokenRow, { input, output, kinds }: TokenCounts): Adjusted {
  const adjusted: Adjusted = {
    input: BigInt(input.plain) * row.input.whole,
    output: BigInt(output.plain) * row.output.whole,
    own: 0n,
  };
  for (const { kind, count } of kinds) {
    const term = row.kinds[kind.index];
    if (term === undefined) continue;
    if (term.price === null) adjusted[kind.side] += BigInt(count) * term.multiple;
    else adjusted.own += BigInt(count) * term.price;
  }
  return adjusted;
}

export function sumOf(row: TokenRow, { input, output, own }: Adjusted): Decimal {
  return { coefficient: input * row.input.price + output * row.output.price + own, scale: row.scale };
}

function largestScale(values: readonly Decimal[]): number {
  return Math.max(0, ...values.map(({ scale }) => scale));
}

/** A value at a scale that is not smaller than its own. */
function coefficientAt({ coefficient, scale }: Decimal, at: number): bigint {
  return coefficient * powerOfTen(at - scale);
}
