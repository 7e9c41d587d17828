import type { Decimal } from '../amount/decimal';
import { add, subtract, zero } from '../amount/decimal';
import type { AccountEvent } from '../account/events';
import type { Charge } from '../account/charging/events';
import type { Lot } from '../account/wallet/wallet';
import type { MoneyBook } from './lot-moves';
import { moveCharge, moveMoney } from './lot-moves';

/** By how much two parts of a wallet rise: what was granted and not paid for, and what disputes have frozen (a part of what was paid). */
export interface WalletParts {
  readonly granted: Decimal;
  readonly frozen: Decimal;
}

/** Of an event; which of the account's lots were granted is known of those before it. */
export function partsMovedBy(event: AccountEvent, isGranted: (lot: number) => boolean): WalletParts {
  const kept = newParts(isGranted);
  moveMoney(event, parts, kept);
  return kept;
}

/** Of one charge of a batch. */
export function partsMovedByCharge(charge: Charge, isGranted: (lot: number) => boolean): WalletParts {
  const kept = newParts(isGranted);
  moveCharge(charge, parts, kept);
  return kept;
}

interface Kept {
  granted: Decimal;
  frozen: Decimal;
  readonly isGranted: (lot: number) => boolean;
  /** A granted lot that the event itself opens. */
  opened: number | null;
}

function newParts(isGranted: (lot: number) => boolean): Kept {
  return { granted: zero, frozen: zero, isGranted, opened: null };
}

function rise(kept: Kept, lot: number, amount: Decimal): void {
  if (lot === kept.opened || kept.isGranted(lot)) kept.granted = add(kept.granted, amount);
}

function fall(kept: Kept, lot: number, amount: Decimal): void {
  if (lot === kept.opened || kept.isGranted(lot)) kept.granted = subtract(kept.granted, amount);
}

const parts: MoneyBook<Kept> = {
  open(kept: Kept, { lot, kind, left }: Lot, settled: Decimal): void {
    if (kind !== 'granted') return;
    kept.opened = lot;
    rise(kept, lot, subtract(left, settled));
  },
  draw: fall,
  refill: rise,
  settle: fall,
  freeze(kept: Kept, _lot: number, amount: Decimal): void {
    kept.frozen = add(kept.frozen, amount);
  },
  thaw(kept: Kept, _lot: number, amount: Decimal): void {
    kept.frozen = subtract(kept.frozen, amount);
  },
  owe: nothing,
  forgive: nothing,
  writeOff: nothing,
  writeBack: nothing,
};

function nothing(): void {
  // What is owed is in no wallet.
}
