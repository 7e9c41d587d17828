import type { TokenPrice } from '../rulebook/price';
import { outputKinds, specialInputKinds, unitOf } from '../rulebook/token-kinds';
import type { Units } from '../usage/usage';
import type { Side } from './kind-price';
import { countOf } from './quantity';

/** A special kind of tokens of one price. */
export interface Kind {
  readonly name: string;
  readonly side: Side;
  /** Its place among the kinds of the price. */
  readonly index: number;
}

export interface KindCount {
  readonly kind: Kind;
  readonly count: number;
}

/** Tokens of one side: as reported, and how many of them are of special kinds. */
export interface SideCount {
  readonly reported: number;
  readonly special: number;
  /** Those of no special kind. */
  readonly plain: number;
  /** True where the special kinds stand beside the reported ones, and are no part of them. */
  readonly areBeside: boolean;
}

export interface TokenCounts {
  readonly input: SideCount;
  readonly output: SideCount;
  /** Those that were reported, in the order of the price. */
  readonly kinds: readonly KindCount[];
  /** Whether anything else was reported, which may be an extra. */
  readonly hasOthers: boolean;
}

/** The kinds of a price by the unit in which usage reports them. */
export type Kinds = ReadonlyMap<string, Kind>;

/** The kinds that every price knows, each on its side. Nearly all prices have these and no others, and share them. */
const everyPricesKinds = kindsOn(specialInputKinds, outputKinds);

/** The kinds of a price: those that every price knows and those that it names. */
export function kindsOf(price: TokenPrice): Kinds {
  const places = [price, ...price.bands];
  const named = (side: Side) =>
    places.flatMap((place) => [...place[`${side}Multiples`].keys(), ...place[`${side}Prices`].keys()]);
  const isExtra = (unit: string) => places.some(({ extras }) => extras.has(unit));
  const [ofInput, ofOutput] = [named('input'), named('output')];
  // What a rulebook from before a kind was known names as something else stays what it was.
  const known = (kinds: readonly string[], others: readonly string[]) =>
    kinds.filter((kind) => !others.includes(kind) && !isExtra(unitOf(kind)));
  const kinds = kindsOn(
    [...known(specialInputKinds, ofOutput), ...ofInput],
    [...known(outputKinds, ofInput), ...ofOutput],
  );
  const isEveryPrices =
    kinds.size === everyPricesKinds.size &&
    [...kinds].every(([unit, { side }]) => everyPricesKinds.get(unit)?.side === side);
  return isEveryPrices ? everyPricesKinds : kinds;
}

function kindsOn(ofInput: readonly string[], ofOutput: readonly string[]): Kinds {
  const kinds = new Map<string, Kind>();
  const add = (side: Side) => (name: string) => {
    if (!kinds.has(unitOf(name))) kinds.set(unitOf(name), { name, side, index: kinds.size });
  };
  ofInput.forEach(add('input'));
  ofOutput.forEach(add('output'));
  return kinds;
}

/** Sorts the reported tokens into kinds. Every token belongs to one: input that stands beside its special kinds is all plain. */
export function countTokens(kinds: Kinds, inclusive: boolean, units: Units): TokenCounts {
  const used: KindCount[] = [];
  let ofInput = 0;
  let ofOutput = 0;
  let hasOthers = false;
  for (const name in units) {
    const kind = kinds.get(name);
    if (kind === undefined) {
      if (name !== 'inputTokens' && name !== 'outputTokens') hasOthers = true;
      continue;
    }
    const count = countOf(units[name]);
    if (count === 0) continue;
    used.push({ kind, count });
    if (kind.side === 'input') ofInput += count;
    else ofOutput += count;
  }
  if (used.length > 1) used.sort((a, b) => a.kind.index - b.kind.index);
  return {
    input: sideCount(countOf(units['inputTokens']), ofInput, inclusive),
    output: sideCount(countOf(units['outputTokens']), ofOutput, true),
    kinds: used,
    hasOthers,
  };
}

/** The floor at nothing is for callers whose parts exceed the whole. */
function sideCount(reported: number, special: number, inclusive: boolean): SideCount {
  const plain = inclusive ? Math.max(0, reported - special) : reported;
  return { reported, special, plain, areBeside: !inclusive };
}
