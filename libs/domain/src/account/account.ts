import type { Decimal } from '../amount/decimal';
import type { RequestLimits } from '../rulebook/rulebook';

/** A lot of the wallet: one per recharge or grant (SPEC §5). `left` may be zero: a reversal can refill it. */
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

/** What is remembered of an idempotent command: the content it came with and the event that did it. */
export interface Remembered {
  readonly digest: string;
  readonly revision: number;
}

export interface ApiKey {
  readonly keyId: string;
  readonly name: string;
  group: string | null;
  readonly secretHash: string;
  readonly digest: string;
  readonly issuedRevision: number;
  revoked: boolean;
}

/**
 * An account as its events say. It is owned by one fold: `evolve` changes it in place, decisions only read it. Maps are null
 * while they are empty, since most accounts of a million have no use for most of them.
 */
export interface Account {
  /** Revision of the last event, from 0. */
  revision: number;
  readonly currency: string;
  readonly openedAt: number;
  /** Occurred at of the last command; usage does not advance it. */
  lastCommandAt: number;
  /** The tier by rules; null stands for the rulebook's first. */
  earnedTier: string | null;
  tierRevision: number;
  /** An administrator's pin. */
  pinnedTier: string | null;
  payAsYouGo: boolean | null;
  customMultiplier: Decimal | null;
  limits: RequestLimits | null;
  suspended: boolean;
  /** Every lot, by number. */
  readonly lots: Lot[];
  /** The lots with something left, in burn order. */
  readonly burnOrder: Lot[];
  /** The booked balance: the sum of what is left of every lot, expired ones included. */
  wallet: Decimal;
  receivable: Decimal;
  starterGranted: boolean;
  recharges: { count: number; largest: Decimal; cumulative: Decimal };
  rechargeIds: Map<string, Remembered> | null;
  grantIds: Map<string, Remembered> | null;
  reversalIds: Map<string, Remembered> | null;
  /** Charges that were reversed, as `revision/index`. */
  reversed: Set<string> | null;
  keys: Map<string, ApiKey> | null;
  /** Charges booked so far. */
  charges: number;
}
