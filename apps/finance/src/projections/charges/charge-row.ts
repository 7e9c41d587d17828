import type { Charge, UsageReversed } from '@meterbook/domain/account/charging/events';
import {
  add,
  decimal,
  isCanonical,
  isZero,
  negate,
  subtract,
  toText,
  zero,
  type Decimal,
} from '@meterbook/domain/amount/decimal';
import { postingsOf } from '@meterbook/domain/entries/postings';
import { quantityOf } from '@meterbook/domain/rating/quantity';
import { storedInstant } from '@meterbook/domain/time/instant';
import type { Units } from '@meterbook/domain/usage/usage';

export const QUARTER_MS = 900_000;

/** An amount as it is kept: a canonical decimal, 0 for none. */
export type KeptAmount = string | 0;

/** Units as usage reports them; of a reversal each taken back. */
export type KeptUnits = Readonly<Record<string, string | number>>;

/** What is measured of charges, in this order; units by name, 0 for none. */
export type Measures = readonly [
  charges: number,
  reversals: number,
  amount: KeptAmount,
  cost: KeptAmount,
  main: KeptAmount,
  backup: KeptAmount,
  wallet: KeptAmount,
  receivable: KeptAmount,
  /** What the revenue of usage is more than wallet and receivable together. */
  revenueBeside: KeptAmount,
  units: KeptUnits | 0,
];

/** What a charge is grouped by beside its account, key and labels; null for what it has not. */
export type Dimensions = readonly [
  model: string,
  tier: string,
  group: string,
  channel: string | null,
  plan: string | null,
];

export function quarterOf(atMs: number): number {
  return Math.floor(atMs / QUARTER_MS);
}

/** What a charge was grouped by; throws where it is none that can be. */
export function dimensionsOf({ model, tier, group, channel, plan }: Charge): Dimensions {
  for (const name of [model, tier, group])
    if (typeof name !== 'string') throw new Error('a charge has no model, tier or group');
  return [model, tier, group, channel ?? null, plan ?? null];
}

/** What a charge counts as; throws on amounts and units that cannot be. */
export function measuresOf({ amount, cost, credits, lots, owed, units }: Charge): Measures {
  return [
    1,
    0,
    checked(amount),
    checked(cost ?? amount),
    credits === undefined ? 0 : checked(credits[1]),
    credits === undefined ? 0 : checked(credits[2]),
    lots === undefined ? 0 : sumOf(lots),
    owed === undefined ? 0 : checked(owed),
    0,
    checkedUnits(units),
  ];
}

/** What a reversal counts as: its charge taken back but for the cost, and what its entry takes from the revenue of usage. */
export function reversedMeasuresOf(event: UsageReversed, charge: Charge): Measures {
  const [, , amount, , main, backup, wallet, receivable] = measuresOf(charge);
  const leg = postingsOf(event, '').find(({ ledgerAccount }) => ledgerAccount === 'revenue:usage');
  const paid = add(decimal(String(wallet)), decimal(String(receivable)));
  return [
    0,
    1,
    taken(amount),
    0,
    taken(main),
    taken(backup),
    taken(wallet),
    taken(receivable),
    kept(subtract(paid, leg?.amount ?? zero)),
    takenUnits(charge.units),
  ];
}

export function occurredQuarterOf(occurredAt: string): number {
  return quarterOf(storedInstant(occurredAt));
}

function sumOf(lots: NonNullable<Charge['lots']>): KeptAmount {
  const [first, ...more] = lots;
  if (more.length === 0) return first === undefined ? 0 : checked(first[1]);
  return kept(lots.reduce((sum, [, amount]) => add(sum, decimal(amount)), zero));
}

/** The units themselves where each of them is a number. */
function checkedUnits(units: Units): KeptUnits | 0 {
  let some: KeptUnits | 0 = 0;
  for (const name in units) {
    const unit = units[name];
    if (typeof unit === 'string') checked(unit);
    else if (!Number.isSafeInteger(unit)) quantityOf(unit ?? '');
    some = units;
  }
  return some;
}

function takenUnits(units: Units): KeptUnits | 0 {
  const told = Object.entries(units).map(([name, unit]) => [name, toText(negate(quantityOf(unit)))]);
  return told.length === 0 ? 0 : (Object.fromEntries(told) as KeptUnits);
}

function kept(amount: Decimal): KeptAmount {
  return isZero(amount) ? 0 : toText(amount);
}

/** The text itself; throws where it is no canonical decimal. */
function checked(text: string): KeptAmount {
  if (!isCanonical(text)) throw new Error(`not a canonical decimal: ${text}`);
  return text === '0' ? 0 : text;
}

function taken(amount: KeptAmount): KeptAmount {
  return amount === 0 ? 0 : kept(negate(decimal(amount)));
}
