import type { Decimal } from '../../amount/decimal';
import { add, decimal, negate, zero } from '../../amount/decimal';
import type { DisputeClosed, RechargeDisputed, RechargeRefunded } from './events';

/** A provider's chargeback of a recharge. */
export interface Dispute {
  readonly rechargeId: string;
  /** In the currency paid. */
  readonly disputed: Decimal;
  /** The same in the wallet's currency. */
  readonly amount: Decimal;
  /** What it keeps frozen of the recharge's lot; zero once it is closed. */
  frozen: Decimal;
}

/** What became of an account's payments after they had come in. Most accounts have none of it. */
export interface Payments {
  /** Of each recharge what was refunded or is in a dispute that was not won, in the currency paid. */
  readonly claimed: Map<string, Decimal>;
  /** Closed ones too: their ids stay taken. */
  readonly disputes: Map<string, Dispute>;
  /** What all disputes keep frozen: part of the wallet, and in no lot's `left`. */
  frozen: Decimal;
  /** What was written off, less what reversals took back of it. */
  writtenOff: Decimal;
}

interface HasPayments {
  payments: Payments | null;
}

/** What of the wallet disputes keep frozen. */
export function frozenOf({ payments }: HasPayments): Decimal {
  return payments?.frozen ?? zero;
}

export function writtenOffOf({ payments }: HasPayments): Decimal {
  return payments?.writtenOff ?? zero;
}

/** What of a recharge was refunded or is in a dispute that was not won, in the currency paid. */
export function claimedOf({ payments }: HasPayments, rechargeId: string): Decimal {
  return payments?.claimed.get(rechargeId) ?? zero;
}

/** Counts what a dispute froze, or with a negative amount what a closed one thawed. */
export function countFrozen(owner: HasPayments, amount: Decimal): void {
  const payments = paymentsOf(owner);
  payments.frozen = add(payments.frozen, amount);
}

/** Counts what was written off, or with a negative amount what a reversal took back of it. */
export function countWrittenOff(owner: HasPayments, amount: Decimal): void {
  const payments = paymentsOf(owner);
  payments.writtenOff = add(payments.writtenOff, amount);
}

/** An account of which something was written off has payments from then on, whatever comes of it. */
export function noteWriteOff(owner: HasPayments): void {
  paymentsOf(owner);
}

export function noteRefund(owner: HasPayments, { rechargeId, paidBack }: RechargeRefunded): void {
  claim(owner, rechargeId, decimal(paidBack.amount));
}

export function noteDispute(owner: HasPayments, event: RechargeDisputed): void {
  const { disputeId, rechargeId } = event;
  const disputed = decimal(event.disputed.amount);
  const dispute = { rechargeId, disputed, amount: decimal(event.amount), frozen: decimal(event.frozen) };
  paymentsOf(owner).disputes.set(disputeId, dispute);
  claim(owner, rechargeId, disputed);
}

/** A dispute that was won claims nothing any more; one that was lost goes on doing so. */
export function noteDisputeClosed(
  owner: HasPayments,
  { disputeId, rechargeId, outcome, disputed }: DisputeClosed,
): void {
  const dispute = paymentsOf(owner).disputes.get(disputeId);
  if (dispute !== undefined) dispute.frozen = zero;
  if (outcome === 'won') claim(owner, rechargeId, negate(decimal(disputed.amount)));
}

function claim(owner: HasPayments, rechargeId: string, amount: Decimal): void {
  paymentsOf(owner).claimed.set(rechargeId, add(claimedOf(owner, rechargeId), amount));
}

function paymentsOf(owner: HasPayments): Payments {
  owner.payments ??= { claimed: new Map(), disputes: new Map(), frozen: zero, writtenOff: zero };
  return owner.payments;
}
