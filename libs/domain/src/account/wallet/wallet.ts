import type { Decimal } from '../../amount/decimal';
import type { Payments } from '../payments/payments';

/**
 * A lot of the wallet: one per recharge or grant (SPEC §5). `left` is what may be drawn of it, without what a dispute has frozen
 * (decision 0051). It may be zero: a reversal can refill it.
 */
export interface Lot {
  /** The n-th lot of the account, from 0. */
  readonly lot: number;
  readonly kind: 'granted' | 'paid';
  /** The id it came with (recharge, grant or reversal); empty for the starter grant of the opening. */
  readonly id: string;
  readonly occurredAt: number;
  /** Milliseconds since 1970; null for never. It serves usage that occurred before. */
  readonly expiresAt: number | null;
  left: Decimal;
}

/** The part of an account that holds its money. It is no object of its own: an account is one (decision 0041). */
export interface Wallet {
  /** Every lot, by number. */
  lots: Lot[];
  /** The lots with something left, in burn order. */
  burnOrder: Lot[];
  /** The booked balance: the sum of what is left of every lot, expired ones included, and of what is frozen. */
  wallet: Decimal;
  /** What no source has covered. */
  receivable: Decimal;
  /** What became of recharges after they had come in, and what was written off; null while that is nothing. */
  payments: Payments | null;
}
