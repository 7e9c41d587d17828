import type { AppliedPrice, KindMultiple, KindPrice } from '../account/charging/events';
import { compare, one, powerOfTen, toText, type Decimal } from '../amount/decimal';
import type { ByName, TokenBand, TokenPrice } from '../rulebook/price';
import { extrasOf } from './extras';
import { kindPrice, type Side } from './kind-price';
import type { PriceDraft } from './tariff';
import type { Kind, Kinds, TokenCounts } from './token-counts';

/** What a kind costs: a multiple at its side's scale, or a price of its own at the row's. */
interface KindTerm {
  readonly multiple: bigint;
  readonly price: bigint | null;
  readonly isOne: boolean;
  readonly told: KindMultiple | KindPrice;
}

/**
 * The prices of one row of a price list, or of the base, made ready for use. It is flat: a list of thousands of models does not
 * fit into a processor's cache, and each object that a rating passes through is waited for.
 */
export interface TokenRow {
  readonly price: TokenPrice;
  readonly band: TokenBand | null;
  /** What an adjusted token of a side costs; it brings the sum to the row's scale. */
  readonly inputPrice: bigint;
  readonly outputPrice: bigint;
  /** Fraction digits of an adjusted count. */
  readonly inputScale: number;
  readonly outputScale: number;
  /** By the index of the kind; null until usage reports it, which it does of few. */
  readonly terms: (KindTerm | null)[];
  /** Fraction digits of a sum before it is divided by `per`. */
  readonly scale: number;
  readonly perScale: number;
  readonly extras: ByName;
  readonly applied: AppliedPrice;
}

export function tokenRow(price: TokenPrice, kinds: Kinds, band: TokenBand | null, told: string | null): TokenRow {
  const sides = { input: band?.input ?? price.input, output: band?.output ?? price.output };
  const costs = [...kinds.values()].map(({ name, side }) => ({ side, cost: kindPrice(name, side, price, band) }));
  const multiplesOf = (side: Side) =>
    costs.flatMap((each) => (each.side === side && each.cost && 'multiple' in each.cost ? [each.cost.multiple] : []));
  const scales = { input: largestScale(multiplesOf('input')), output: largestScale(multiplesOf('output')) };
  const own = costs.flatMap(({ cost }) => (cost && 'price' in cost ? [cost.price] : []));
  const scale = Math.max(scales.input + sides.input.scale, scales.output + sides.output.scale, largestScale(own));
  const applied: PriceDraft = {
    mode: 'token',
    per: price.per,
    input: toText(sides.input),
    output: toText(sides.output),
  };
  if (told !== null) applied.band = told;
  return {
    price,
    band,
    inputPrice: coefficientAt(sides.input, scale - scales.input),
    outputPrice: coefficientAt(sides.output, scale - scales.output),
    inputScale: scales.input,
    outputScale: scales.output,
    terms: Array.from({ length: kinds.size }, () => null),
    scale,
    perScale: Math.log10(price.per),
    extras: extrasOf(price.extras, band?.extras),
    applied,
  };
}

/** What a kind costs in a row. */
export function termOf(row: TokenRow, { name, side, index }: Kind): KindTerm {
  return (row.terms[index] ??= kindTerm(row, name, side));
}

/** Fraction digits of the adjusted count of a side. */
export function scaleOf({ inputScale, outputScale }: TokenRow, side: Side): number {
  return side === 'input' ? inputScale : outputScale;
}

function kindTerm(row: TokenRow, name: string, side: Side): KindTerm {
  const { price, band, scale } = row;
  const cost = kindPrice(name, side, price, band);
  if (cost && 'price' in cost) {
    const told = [name, toText(cost.price)] as const;
    return { multiple: 0n, price: coefficientAt(cost.price, scale), isOne: false, told };
  }
  const multiple = cost?.multiple ?? one;
  const isOne = compare(multiple, one) === 0;
  const told = [name, toText(multiple)] as const;
  return { multiple: coefficientAt(multiple, scaleOf(row, side)), price: null, isOne, told };
}

/** Tokens after multiples, at their side's scale, and what kinds with a price of their own come to, at the row's. */
export interface Adjusted {
  input: bigint;
  output: bigint;
  own: bigint;
}

export function adjust(row: TokenRow, { input, output, kinds }: TokenCounts): Adjusted {
  const adjusted: Adjusted = {
    input: BigInt(input.plain) * powerOfTen(row.inputScale),
    output: BigInt(output.plain) * powerOfTen(row.outputScale),
    own: 0n,
  };
  for (const { kind, count } of kinds) {
    const term = termOf(row, kind);
    if (term.price === null) adjusted[kind.side] += BigInt(count) * term.multiple;
    else adjusted.own += BigInt(count) * term.price;
  }
  return adjusted;
}

export function sumOf(row: TokenRow, { input, output, own }: Adjusted): Decimal {
  return { coefficient: input * row.inputPrice + output * row.outputPrice + own, scale: row.scale + row.perScale };
}

function largestScale(values: readonly Decimal[]): number {
  return Math.max(0, ...values.map(({ scale }) => scale));
}

/** A value at a scale that is not smaller than its own. */
function coefficientAt({ coefficient, scale }: Decimal, at: number): bigint {
  return coefficient * powerOfTen(at - scale);
}
