import type { Decimal } from '../amount/decimal';
import { add, decimal, zero } from '../amount/decimal';
import type { AccountEvent } from '../account/events';
import type { Charge, UsageReversed } from '../account/charging/events';
import type { DisputeClosed } from '../account/payments/events';
import type { PlanSwitched } from '../account/subscription/events';
import type { CreditGranted, LotAmount, WalletRecharged } from '../account/wallet/events';
import type { Lot } from '../account/wallet/wallet';
import { storedInstant } from '../time/instant';

/**
 * Whoever keeps an account's money by its events: its lots and what it owes. Whether what cannot be is an error is up to the
 * book; every amount is zero or more, in the wallet's currency. `T` is what the book keeps it in.
 */
export interface MoneyBook<T> {
  /** A new lot, `left` being all that came in; of it, `settled` goes to what is owed. */
  open(kept: T, lot: Lot, settled: Decimal): void;
  /** A charge, a refund or a lost dispute takes from a lot. */
  draw(kept: T, lot: number, amount: Decimal): void;
  /** What no source covered of a charge or of a lost dispute. */
  owe(kept: T, amount: Decimal): void;
  /** A reversal gives back to a lot what it gave. */
  refill(kept: T, lot: number, amount: Decimal): void;
  /** A reversal takes back what is owed. */
  forgive(kept: T, amount: Decimal): void;
  /** A lot pays what is owed. */
  settle(kept: T, lot: number, amount: Decimal): void;
  /** A dispute freezes a part of a lot: nothing draws on it, and it stays in the wallet. */
  freeze(kept: T, lot: number, amount: Decimal): void;
  /** A closed dispute gives back to a lot what it had frozen. */
  thaw(kept: T, lot: number, amount: Decimal): void;
  /** What is owed will never be paid. */
  writeOff(kept: T, amount: Decimal): void;
  /** A reversal finds that what was written off had never been owed. */
  writeBack(kept: T, amount: Decimal): void;
}

/** Tells a book what an event moves between lots and what is owed. This is the one place that reads it from events. */
export function moveMoney<T>(event: AccountEvent, book: MoneyBook<T>, kept: T): void {
  if (!('wallet' in event)) return;
  switch (event.type) {
    case 'UsageCharged':
      moveCharges(event.charges, book, kept);
      break;
    case 'WalletRecharged':
      book.open(kept, rechargedLot(event), decimal(event.settled));
      break;
    case 'CreditGranted':
      book.open(kept, grantedLot(event), decimal(event.settled));
      break;
    case 'RechargeRefunded':
      book.draw(kept, event.lot, decimal(event.refunded));
      break;
    case 'RechargeDisputed':
      book.freeze(kept, event.lot, decimal(event.frozen));
      break;
    case 'DisputeClosed':
      moveDisputed(event, book, kept);
      break;
    case 'ReceivableWrittenOff':
      book.writeOff(kept, decimal(event.amount));
      break;
    case 'AccountSettingsChanged':
      settleFrom(event.settled, book, kept);
      break;
    case 'UsageReversed':
      moveBack(event, book, kept);
      break;
    case 'PlanSwitched':
      moveSwitched(event, book, kept);
      break;
    case 'SubscriptionStarted':
    case 'SubscriptionRenewed':
      break;
  }
}

function moveCharges<T>(charges: readonly Charge[], book: MoneyBook<T>, kept: T): void {
  for (const charge of charges) moveCharge(charge, book, kept);
}

/** The same for one charge of a batch. */
export function moveCharge<T>({ lots, owed }: Charge, book: MoneyBook<T>, kept: T): void {
  if (lots !== undefined) for (const [lot, amount] of lots) book.draw(kept, lot, decimal(amount));
  if (owed !== undefined) book.owe(kept, decimal(owed));
}

function moveSwitched<T>(event: PlanSwitched, book: MoneyBook<T>, kept: T): void {
  if (event.lot !== undefined) book.open(kept, switchLot(event, event.lot), decimal(event.settled));
}

function moveDisputed<T>(event: DisputeClosed, book: MoneyBook<T>, kept: T): void {
  const thawed = decimal(event.thawed);
  book.thaw(kept, event.lot, thawed);
  if (event.outcome === 'won') {
    book.settle(kept, event.lot, decimal(event.settled ?? '0'));
    return;
  }
  book.draw(kept, event.lot, thawed);
  for (const [lot, amount] of event.lots ?? []) book.draw(kept, lot, decimal(amount));
  book.owe(kept, decimal(event.owed ?? '0'));
}

function moveBack<T>(event: UsageReversed, book: MoneyBook<T>, kept: T): void {
  const { granted, reversalId, occurredAt } = event;
  for (const [lot, amount] of event.lots) book.refill(kept, lot, decimal(amount));
  book.forgive(kept, decimal(event.forgiven));
  if (event.writtenOff !== undefined) book.writeBack(kept, decimal(event.writtenOff));
  if (granted !== null) {
    const { settledBack, promoted, expired = '0' } = granted;
    const left = add(add(decimal(settledBack), decimal(promoted)), decimal(expired));
    const at = storedInstant(occurredAt);
    const lot: Lot = { lot: granted.lot, kind: 'granted', id: reversalId, occurredAt: at, expiresAt: null, left };
    book.open(kept, lot, zero);
  }
  settleFrom(event.settledFrom, book, kept);
}

function settleFrom<T>(lots: readonly LotAmount[], book: MoneyBook<T>, kept: T): void {
  for (const [lot, amount] of lots) book.settle(kept, lot, decimal(amount));
}

function rechargedLot({ lot, rechargeId, occurredAt, credited }: WalletRecharged): Lot {
  return {
    lot,
    kind: 'paid',
    id: rechargeId,
    occurredAt: storedInstant(occurredAt),
    expiresAt: null,
    left: decimal(credited),
  };
}

/** What a switch credits is paid money, and burns as such. */
function switchLot({ paymentRef, occurredAt, credit }: PlanSwitched, lot: number): Lot {
  const left = decimal(credit);
  return { lot, kind: 'paid', id: paymentRef, occurredAt: storedInstant(occurredAt), expiresAt: null, left };
}

function grantedLot({ lot, grantId, occurredAt, expiresAt, amount }: CreditGranted): Lot {
  return {
    lot,
    kind: 'granted',
    id: grantId ?? '',
    occurredAt: storedInstant(occurredAt),
    expiresAt: expiresAt === null ? null : storedInstant(expiresAt),
    left: decimal(amount),
  };
}
