import type { Fee } from '@meterbook/domain/account/subscription/fee';
import { decimal, toText } from '@meterbook/domain/amount/decimal';
import { noTimedItems, type Lapse, type TimedItems } from '@meterbook/domain/entries/timed-items';

type GapRow = readonly [period: number, from: number, to: number, left: string];
type LapseRow = readonly [number: number, at: number, left: string, gaps?: readonly GapRow[]];
type FeeRow = readonly [price: string, from: number, to: number, scale: number, switchedAt?: number, credited?: string];

/** What time alone changes of a line, as it is kept in its row; null where that is nothing. */
export function timedToText({ lapses, fees, lasting }: TimedItems): string | null {
  if (lasting) return JSON.stringify([lapses.map(lapseRow), fees.map(feeRow), lasting]);
  if (fees.length > 0) return JSON.stringify([lapses.map(lapseRow), fees.map(feeRow)]);
  return lapses.length === 0 ? null : JSON.stringify([lapses.map(lapseRow)]);
}

export function timedFromText(text: string | null): TimedItems {
  if (text === null) return noTimedItems;
  const [lapses, fees = [], lasting] = JSON.parse(text) as [LapseRow[], FeeRow[]?, number[]?];
  return { lapses: lapses.map(lapseFrom), fees: fees.map(feeFrom), ...(lasting && { lasting }) };
}

function lapseRow({ number, at, left, gaps }: Lapse): LapseRow {
  if (!gaps) return [number, at, toText(left)];
  return [number, at, toText(left), gaps.map((gap) => [gap.period, gap.from, gap.to, toText(gap.left)] as const)];
}

function lapseFrom([number, at, left, gaps]: LapseRow): Lapse {
  if (!gaps) return { number, at, left: decimal(left) };
  const read = gaps.map(([period, from, to, rest]) => ({ period, from, to, left: decimal(rest) }));
  return { number, at, left: decimal(left), gaps: read };
}

function feeRow({ price, from, to, scale, switchedAt, credited }: Fee): FeeRow {
  const terms = [toText(price), from, to, scale] as const;
  return switchedAt === null ? terms : [...terms, switchedAt, toText(credited)];
}

function feeFrom([price, from, to, scale, switchedAt, credited = '0']: FeeRow): Fee {
  return { price: decimal(price), from, to, scale, switchedAt: switchedAt ?? null, credited: decimal(credited) };
}
