import type { SettledHold } from '../access/settled-holds';
import type { Decimal } from '../amount/decimal';
import type { RequestLimits } from '../rulebook/rulebook';
import type { Subscription } from './subscription/subscription';
import type { Labels } from '../usage/labels';
import type { Wallet } from './wallet/wallet';

/** Commands that are done once under an id of their own kind. */
export type CommandKind =
  'recharge' | 'grant' | 'reversal' | 'payment' | 'refund' | 'dispute' | 'dispute-closing' | 'write-off';

/** What is remembered of an idempotent command: the content it came with and the event that did it. */
export interface Remembered {
  readonly digest: string;
  readonly revision: number;
}

export interface ApiKey {
  readonly keyId: string;
  readonly name: string;
  group: string | null;
  /** Of its usage, where that has none of that name; null without any. */
  labels: Labels | null;
  readonly secretHash: string;
  readonly digest: string;
  readonly issuedRevision: number;
  revoked: boolean;
}

/** What an account is to its platform: tier, settings and keys. Accounts of which nothing was said share one. */
export interface Standing {
  /** Every tier that was ever earned, the one of the latest promotion last; none stands for the rulebook's first. */
  readonly earnedTiers: readonly string[];
  /** Revision of the latest promotion in the `tier-` stream; −1 before the first. */
  readonly tierRevision: number;
  /** An administrator's pin. */
  readonly pinnedTier: string | null;
  readonly payAsYouGo: boolean | null;
  readonly customMultiplier: Decimal | null;
  readonly limits: RequestLimits | null;
  readonly suspended: boolean;
  /** By their id; the account's own map, null while it has none. */
  readonly keys: Map<string, ApiKey> | null;
}

/** The standing of an account that was opened, and of which nothing else was said. */
export const newStanding: Standing = Object.freeze({
  earnedTiers: Object.freeze([]),
  tierRevision: -1,
  pinnedTier: null,
  payAsYouGo: null,
  customMultiplier: null,
  limits: null,
  suspended: false,
  keys: null,
});

/**
 * An account as its events say. It is owned by one fold: `evolve` changes it in place, decisions only read it. Maps are null
 * while they are empty and the standing is shared until something is said of it, since most accounts of a million have no use
 * for most of them. Its wallet is a part of it by type alone.
 */
export interface Account extends Wallet {
  /** Revision of the last event, from 0. */
  revision: number;
  readonly currency: string;
  readonly openedAt: number;
  /** Occurred at of the last command; usage does not advance it. */
  lastCommandAt: number;
  /** Copied where it changes. */
  standing: Standing;
  /** Null while no plan was ever started. */
  subscription: Subscription | null;
  starterGranted: boolean;
  recharges: { count: number; largest: Decimal; cumulative: Decimal };
  /** Commands that are done, by their kind and id (`doneKey`): a new kind of command needs no field of its own. */
  done: Map<string, Remembered> | null;
  /** Charges that were reversed, as `revision/index`. */
  reversed: Set<string> | null;
  /** Holds that its events settled and that could still be live, in this order; null while it never settled any. */
  settledHolds: SettledHold[] | null;
  /** Charges booked so far. */
  charges: number;
}

/** What a command that is done is found under. */
export function doneKey(kind: CommandKind, id: string): string {
  return `${kind}/${id}`;
}
