import { add, decimal, negate, subtract, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Lot } from '@meterbook/domain/account/wallet/wallet';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { moveMoney, type MoneyBook } from '@meterbook/domain/entries/lot-moves';

/** A lot with an expiry and what is left of it; one without never changes by time alone and is not kept. */
export interface ExpiringLot {
  readonly lot: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly left: Decimal;
}

/** The account's expiring lots after an event; the same list where it changes none of them. */
export function lotsAfter(lots: readonly ExpiringLot[], event: AccountEvent): readonly ExpiringLot[] {
  if (lots.length === 0 && event.type !== 'CreditGranted') return lots;
  const kept: Kept = { lots, moved: null };
  moveMoney(event, expiring, kept);
  const { moved } = kept;
  if (moved === null) return kept.lots;
  return kept.lots.map((known) => {
    const change = moved.get(known.lot);
    return change ? { ...known, left: add(known.left, change) } : known;
  });
}

interface Kept {
  lots: readonly ExpiringLot[];
  /** What was moved of the lots that are kept, by their number. */
  moved: Map<number, Decimal> | null;
}

/** The book of the lots that expire; what is owed is another line's. */
const expiring: MoneyBook<Kept> = {
  open(kept: Kept, { lot, expiresAt, left }: Lot, settled: Decimal): void {
    if (expiresAt !== null) kept.lots = [...kept.lots, { lot, expiresAt, left: subtract(left, settled) }];
  },
  draw: take,
  refill: move,
  settle: take,
  owe: nothing,
  forgive: nothing,
  freeze: take,
  thaw: move,
  writeOff: nothing,
  writeBack: nothing,
};

function take(kept: Kept, lot: number, amount: Decimal): void {
  move(kept, lot, negate(amount));
}

function move(kept: Kept, number: number, amount: Decimal): void {
  if (!kept.lots.some(({ lot }) => lot === number)) return;
  kept.moved ??= new Map<number, Decimal>();
  kept.moved.set(number, add(kept.moved.get(number) ?? zero, amount));
}

function nothing(): void {
  // What is owed expires never.
}

/** What has expired by an instant and is still there: it left the wallet by time alone. */
export function expiredBy(lots: readonly ExpiringLot[], atMs: number): Decimal {
  let expired = zero;
  for (const { expiresAt, left } of lots) if (expiresAt <= atMs) expired = add(expired, left);
  return expired;
}

export function lotsToText(lots: readonly ExpiringLot[]): string | null {
  return lots.length === 0
    ? null
    : JSON.stringify(lots.map(({ lot, expiresAt, left }) => [lot, expiresAt, toText(left)]));
}

export function lotsFromText(text: string | null): readonly ExpiringLot[] {
  if (text === null) return [];
  const rows = JSON.parse(text) as [lot: number, expiresAt: number, left: string][];
  return rows.map(([lot, expiresAt, left]) => ({ lot, expiresAt, left: decimal(left) }));
}
