import type { Charge, UsageReversed } from '@meterbook/domain/account/charging/events';
import { add, decimal, isZero, negate, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { postingsOf } from '@meterbook/domain/entries/postings';
import { quantityOf } from '@meterbook/domain/rating/quantity';
import { storedInstant } from '@meterbook/domain/time/instant';
import type { Labels } from '@meterbook/domain/usage/labels';
import type { Units } from '@meterbook/domain/usage/usage';

export const QUARTER_MS = 900_000;

/** An amount as it is kept: a canonical decimal, 0 for none. */
export type KeptAmount = string | 0;

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
  revenue: KeptAmount,
  units: Readonly<Record<string, string>> | 0,
];

/** What a charge is grouped by beside its account, key and labels; null for what it has not. */
export type Dimensions = readonly [
  model: string,
  tier: string,
  group: string,
  channel: string | null,
  plan: string | null,
];

/** One charge, or the reversal of one. Quarters are counted from 1970, in quarters of an hour. */
export interface ChargeRow {
  readonly bookedQuarter: number;
  readonly occurredQuarter: number;
  readonly dimensions: Dimensions;
  readonly account: string;
  readonly apiKey: string | null;
  readonly labels: Labels | null;
  readonly measures: Measures;
}

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
  const [, main = '0', backup = '0'] = credits ?? [];
  const wallet = lots === undefined ? zero : sumOf(lots);
  const receivable = owed === undefined ? zero : decimal(owed);
  return [
    1,
    0,
    checked(amount),
    checked(cost ?? amount),
    checked(main),
    checked(backup),
    kept(wallet),
    kept(receivable),
    kept(add(wallet, receivable)),
    unitsOf(units, (unit) => unit),
  ];
}

/** What a reversal counts as: its charge taken back but for the cost, and what its entry takes from the revenue of usage. */
export function reversedMeasuresOf(event: UsageReversed, charge: Charge): Measures {
  const [, , amount, , main, backup, wallet, receivable] = measuresOf(charge);
  const revenue = postingsOf(event, '').find(({ ledgerAccount }) => ledgerAccount === 'revenue:usage');
  return [
    0,
    1,
    taken(amount),
    0,
    taken(main),
    taken(backup),
    taken(wallet),
    taken(receivable),
    kept(negate(revenue?.amount ?? zero)),
    unitsOf(charge.units, negate),
  ];
}

export function occurredQuarterOf(occurredAt: string): number {
  return quarterOf(storedInstant(occurredAt));
}

function sumOf(lots: NonNullable<Charge['lots']>): Decimal {
  let sum = zero;
  for (const [, amount] of lots) sum = add(sum, decimal(amount));
  return sum;
}

function unitsOf(units: Units, change: (unit: Decimal) => Decimal): Record<string, string> | 0 {
  const told: [string, string][] = [];
  for (const [name, reported] of Object.entries(units)) {
    const unit = quantityOf(reported);
    if (!isZero(unit)) told.push([name, toText(change(unit))]);
  }
  return told.length === 0 ? 0 : Object.fromEntries(told);
}

function kept(amount: Decimal): KeptAmount {
  return isZero(amount) ? 0 : toText(amount);
}

function checked(text: string): KeptAmount {
  return isZero(decimal(text)) ? 0 : text;
}

function taken(amount: KeptAmount): KeptAmount {
  return amount === 0 ? 0 : kept(negate(decimal(amount)));
}
