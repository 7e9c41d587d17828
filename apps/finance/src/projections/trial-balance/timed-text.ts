import type { Fee } from '@meterbook/domain/account/subscription/fee';
import { decimal, toText } from '@meterbook/domain/amount/decimal';
import { noTimedItems, type Lapse, type TimedItems } from '@meterbook/domain/entries/timed-items';

type LapseRow = readonly [number: number, at: number, left: string];
type FeeRow = readonly [price: string, from: number, to: number, scale: number, switchedAt?: number, credited?: string];

/** What time alone changes of a line, as it is kept in its row; null where that is nothing. */
export function timedToText({ lapses, fees }: TimedItems): string | null {
  if (fees.length > 0) return JSON.stringify([lapses.map(lapseRow), fees.map(feeRow)]);
  return lapses.length === 0 ? null : JSON.stringify([lapses.map(lapseRow)]);
}

export function timedFromText(text: string | null): TimedItems {
  if (text === null) return noTimedItems;
  const [lapses, fees = []] = JSON.parse(text) as [LapseRow[], FeeRow[]?];
  return { lapses: lapses.map(lapseFrom), fees: fees.map(feeFrom) };
}

function lapseRow({ number, at, left }: Lapse): LapseRow {
  return [number, at, toText(left)];
}

function lapseFrom([number, at, left]: LapseRow): Lapse {
  return { number, at, left: decimal(left) };
}

function feeRow({ price, from, to, scale, switchedAt, credited }: Fee): FeeRow {
  const terms = [toText(price), from, to, scale] as const;
  return switchedAt === null ? terms : [...terms, switchedAt, toText(credited)];
}

function feeFrom([price, from, to, scale, switchedAt, credited = '0']: FeeRow): Fee {
  return { price: decimal(price), from, to, scale, switchedAt: switchedAt ?? null, credited: decimal(credited) };
}
