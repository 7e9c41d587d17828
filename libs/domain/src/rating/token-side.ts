import type { KindMultiple } from '../account/charging/events';
import { compare, one, powerOfTen, toText, type Decimal } from '../amount/decimal';
import { unitOf } from '../rulebook/token-kinds';
import type { Units } from '../usage/usage';
import { countOf } from './quantity';

interface Kind {
  readonly unit: string;
  /** The multiple at the side's scale. */
  readonly multiple: bigint;
  readonly isOne: boolean;
  readonly told: KindMultiple;
}

/** The input or the output of a token price: its count as a whole and the special kinds that count at a multiple. */
export interface TokenSide {
  readonly unit: string;
  readonly kinds: readonly Kind[];
  /** Special kinds are part of the whole, and not beside it. */
  readonly inclusive: boolean;
  /** Fraction digits of an adjusted count. */
  readonly scale: number;
  readonly whole: bigint;
}

/** Tokens of one side: as reported, of special kinds, and after multiples, at the side's scale. */
export interface TokenCount {
  readonly reported: number;
  readonly special: number;
  readonly adjusted: bigint;
}

export function tokenSide(
  name: 'input' | 'output',
  specialKinds: readonly string[],
  multiples: ReadonlyMap<string, Decimal>,
  inclusive: boolean,
): TokenSide {
  const scale = Math.max(0, ...[...multiples.values()].map((multiple) => multiple.scale));
  const kinds = [...new Set([...specialKinds, ...multiples.keys()])].map((kind): Kind => {
    const multiple = multiples.get(kind) ?? one;
    return {
      unit: unitOf(kind),
      multiple: multiple.coefficient * powerOfTen(scale - multiple.scale),
      isOne: compare(multiple, one) === 0,
      told: [kind, toText(multiple)],
    };
  });
  return { unit: unitOf(name), kinds, inclusive, scale, whole: powerOfTen(scale) };
}

/** SPEC §4: `max(0, tokens − Σs) + Σ(s × multiple)`, or without the subtraction where special kinds stand beside the whole. */
export function countTokens(side: TokenSide, units: Units): TokenCount {
  const reported = countOf(units[side.unit]);
  let special = 0;
  let atMultiples = 0n;
  for (const kind of side.kinds) {
    const count = countOf(units[kind.unit]);
    if (count === 0) continue;
    special += count;
    atMultiples += BigInt(count) * kind.multiple;
  }
  const plain = side.inclusive ? Math.max(0, reported - special) : reported;
  return { reported, special, adjusted: BigInt(plain) * side.whole + atMultiples };
}

/**
 * The kinds that made a difference: those at another multiple than 1, and all of them where they stand beside the whole or
 * exceed it.
 */
export function tellingKinds(side: TokenSide, count: TokenCount, units: Units): readonly KindMultiple[] {
  const all = !side.inclusive || count.special > count.reported;
  return side.kinds.filter((kind) => (all || !kind.isOne) && countOf(units[kind.unit]) > 0).map((kind) => kind.told);
}
