import type { AccountEvent } from '@meterbook/domain/account/events';
import { isZero, negate, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Posting } from '@meterbook/domain/entries/legs';
import { hasGrantedLots, isGrantedLot, type TimedItems } from '@meterbook/domain/entries/timed-items';
import { partsMovedBy, partsMovedByCharge, type WalletParts } from '@meterbook/domain/entries/wallet-parts';
import { storedInstant } from '@meterbook/domain/time/instant';
import { frozenPartOf, grantedPartOf } from './line-names';

/** Legs of an occurrence; on the lines that keep parts of a wallet a credit where the part rises. */
export interface PartEntry {
  /** Milliseconds since 1970. */
  readonly occurredAtMs: number;
  readonly legs: readonly Posting[];
}

export const noParts: readonly PartEntry[] = [];
const opening = ['CreditGranted', 'UsageReversed', 'RechargeDisputed', 'DisputeClosed'];

/** By what occurred when: charges one by one, all else at once. `wallet` says which lots were granted until then. */
export function partEntriesOf(event: AccountEvent, account: string, wallet: TimedItems): readonly PartEntry[] {
  if (!('wallet' in event)) return noParts;
  if (!hasGrantedLots(wallet) && !opening.includes(event.type)) return noParts;
  const isGranted = (lot: number): boolean => isGrantedLot(wallet, lot);
  const { currency } = event;
  const entry = (occurredAt: string, moved: WalletParts): PartEntry => ({
    occurredAtMs: storedInstant(occurredAt),
    legs: legsOf(moved, currency, account),
  });
  const entries =
    event.type === 'UsageCharged'
      ? event.charges.map((charge) => entry(charge.occurredAt, partsMovedByCharge(charge, isGranted)))
      : [entry(event.occurredAt, partsMovedBy(event, isGranted))];
  return entries.filter(({ legs }) => legs.length > 0);
}

function legsOf({ granted, frozen }: WalletParts, commodity: string, account: string): Posting[] {
  const lines: readonly (readonly [string, Decimal])[] = [
    [grantedPartOf(account), granted],
    [frozenPartOf(account), frozen],
  ];
  return lines
    .filter(([, rise]) => !isZero(rise))
    .map(([ledgerAccount, rise]) => ({ ledgerAccount, commodity, amount: negate(rise) }));
}
