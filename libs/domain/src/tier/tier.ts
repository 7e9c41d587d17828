import type { Decimal } from '../amount/decimal';
import { decimal, zero } from '../amount/decimal';
import type { WalletRecharged } from '../account/wallet/events';
import { instantMs } from '../time/instant';
import { withEarned } from '../rulebook/tiers';
import type { TierEvent } from './events';

/** What the tier service knows of an account: its `tier-` stream, and its recharges, which every recharge adds up anew. */
export interface TierState {
  /** Revision of the last event of the `tier-` stream; −1 before the first. */
  readonly revision: number;
  /** Every tier that was ever earned; none stands for the rulebook's first. */
  readonly earned: readonly string[];
  readonly pinned: string | null;
  /** Revisions, in the account's stream, of the last recharge and the last pin that count here; −1 before the first. */
  readonly rechargeRevision: number;
  readonly settingsRevision: number;
  readonly recharges: RechargeTotals;
}

/** An account's recharges so far, in the wallet's currency as credited. */
export interface RechargeTotals {
  readonly count: number;
  readonly largest: Decimal;
  readonly cumulative: Decimal;
}

/** A recharge as the account's stream has it. */
export interface RechargeFact {
  readonly rechargeId: string;
  /** Of the `WalletRecharged` in the account's stream: what makes the same recharge the same. */
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly occurredAt: number;
  readonly amount: Decimal;
  /** The account's recharges with this one. */
  readonly totals: RechargeTotals;
}

export const newTierState: TierState = {
  revision: -1,
  earned: [],
  pinned: null,
  rechargeRevision: -1,
  settingsRevision: -1,
  recharges: { count: 0, largest: zero, cumulative: zero },
};

/** The state after one more event of the `tier-` stream. */
export function evolveTier(state: TierState | undefined, event: TierEvent, revision: number): TierState {
  const before = state ?? newTierState;
  if (revision !== before.revision + 1) throw new Error(`tier revision ${revision} after ${before.revision}`);
  switch (event.type) {
    case 'TierPromoted': {
      const { rechargeRevision, recharges, single, cumulative } = event;
      const totals = { count: recharges, largest: decimal(single), cumulative: decimal(cumulative) };
      return { ...countRecharge(before, rechargeRevision, totals), revision, earned: withEarned(before.earned, event) };
    }
    case 'TierPinned':
      return { ...before, revision, pinned: event.tier, settingsRevision: event.settingsRevision };
  }
}

/** The state with a recharge counted; one that was counted before changes nothing. */
export function foldRecharge(state: TierState | undefined, { revision, totals }: RechargeFact): TierState {
  return countRecharge(state ?? newTierState, revision, totals);
}

/** What the tier service needs of a recharge event of the account's stream. */
export function rechargeFact(event: WalletRecharged, revision: number): RechargeFact {
  const { rechargeId, occurredAt, credited, recharges } = event;
  return {
    rechargeId,
    revision,
    occurredAt: instantMs(occurredAt),
    amount: decimal(credited),
    totals: {
      count: recharges.count,
      largest: decimal(recharges.largest),
      cumulative: decimal(recharges.cumulative),
    },
  };
}

function countRecharge(state: TierState, revision: number, recharges: RechargeTotals): TierState {
  return revision <= state.rechargeRevision ? state : { ...state, rechargeRevision: revision, recharges };
}
