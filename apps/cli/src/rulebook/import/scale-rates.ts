import { isZero, multiply, type Decimal } from '@meterbook/domain/amount/decimal';
import { outputKinds } from '@meterbook/domain/rulebook/token-kinds';
import { quotient } from './exact-number';
import type { Changes } from './findings';
import type { Rates } from './imported-model';

/** The side that a kind of tokens belongs to. */
export function sideOf(kind: string): 'input' | 'output' {
  return outputKinds.includes(kind) ? 'output' : 'input';
}

/** Kinds that a row does not price cost as many times the base as the row's side does. */
export function scaledByTheirSide(rates: Rates, base: Rates, row: string, changes: Changes): Rates {
  const kinds = new Map(rates.kinds);
  for (const [kind, value] of base.kinds) {
    const side = sideOf(kind);
    const scaled = scaledBy(value, rates[side], base[side]);
    if (kinds.has(kind) || scaled === undefined) continue;
    kinds.set(kind, scaled);
    changes('scaled', `${kind} of ${row}`);
  }
  return { ...rates, kinds };
}

/** A row for long prompts of a service tier: as many times its prices as long prompts cost without one. */
export function scaledByLength(tier: Rates, long: Rates, base: Rates, row: string, changes: Changes): Rates {
  const one = (ofTier: Decimal | undefined, ofLong: Decimal | undefined, ofBase: Decimal | undefined) =>
    scaledBy(ofTier ?? ofBase, ofLong ?? ofBase, ofBase) ?? ofTier;
  const names = new Set([...base.kinds.keys(), ...tier.kinds.keys()]);
  const kinds = [...names].flatMap((kind) => {
    const value = one(tier.kinds.get(kind), long.kinds.get(kind), base.kinds.get(kind));
    return value === undefined ? [] : [[kind, value] as const];
  });
  changes('scaled', row);
  const { input, output, unit } = tier;
  return {
    input: one(input, long.input, base.input),
    output: one(output, long.output, base.output),
    unit: one(unit, long.unit, base.unit),
    kinds: new Map(kinds),
    extras: new Map([...long.extras, ...tier.extras]),
  };
}

/** `value × by / of`; undefined where there is nothing to scale by. */
function scaledBy(value: Decimal | undefined, by: Decimal | undefined, of: Decimal | undefined): Decimal | undefined {
  if (value === undefined || by === undefined || of === undefined || isZero(of)) return undefined;
  return quotient(multiply(value, by), of);
}
