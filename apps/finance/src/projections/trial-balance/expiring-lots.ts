import { add, decimal, negate, subtract, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { AccountEvent, LotAmount } from '@meterbook/domain/account/events';
import { instantMs } from '@meterbook/domain/time/instant';

/** A lot with an expiry and what is left of it; one without never changes by time alone and is not kept. */
export interface ExpiringLot {
  readonly lot: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly left: Decimal;
}

/** The account's expiring lots after an event; the same list where it changes none of them. */
export function lotsAfter(lots: readonly ExpiringLot[], event: AccountEvent): readonly ExpiringLot[] {
  if (event.type === 'CreditGranted') {
    if (event.expiresAt === null) return lots;
    const left = subtract(decimal(event.amount), decimal(event.settled));
    const expiresAt = instantMs(event.expiresAt);
    if (Number.isNaN(expiresAt)) throw new Error(`its grant expires at no instant: ${event.expiresAt}`);
    return [...lots, { lot: event.lot, expiresAt, left }];
  }
  if (lots.length === 0) return lots;
  const moved = new Map<number, Decimal>();
  for (const [amounts, sign] of movesOf(event))
    for (const [lot, amount] of amounts)
      moved.set(lot, add(moved.get(lot) ?? zero, sign < 0 ? negate(decimal(amount)) : decimal(amount)));
  if (!lots.some(({ lot }) => moved.has(lot))) return lots;
  return lots.map((known) => {
    const change = moved.get(known.lot);
    return change ? { ...known, left: add(known.left, change) } : known;
  });
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

function movesOf(event: AccountEvent): (readonly [amounts: readonly LotAmount[], sign: 1 | -1])[] {
  switch (event.type) {
    case 'UsageCharged':
      return event.charges.flatMap(({ lots }) => (lots ? [[lots, -1] as const] : []));
    case 'UsageReversed':
      return [
        [event.lots, 1],
        [event.settledFrom, -1],
      ];
    case 'AccountSettingsChanged':
      return [[event.settled, -1]];
    case 'AccountOpened':
    case 'WalletRecharged':
    case 'CreditGranted':
    case 'TierChanged':
    case 'ApiKeyIssued':
    case 'ApiKeyChanged':
    case 'ApiKeyRevoked':
      return [];
  }
}
