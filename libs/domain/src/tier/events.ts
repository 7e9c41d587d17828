/** WARNING: stored for ever. Add optional fields; never rename, retype or remove one. Amounts are in the wallet's currency. */
export type TierEvent = TierPromoted | TierPinned;

export interface TierPromoted {
  readonly type: 'TierPromoted';
  /** Occurred at of the recharge that crossed the threshold. */
  readonly occurredAt: string;
  /** The highest tier earned before, as that version of the rules knows them, and the highest with those earned now. */
  readonly from: string;
  readonly to: string;
  /** The tiers that this recharge earned and none before it, by rank. Without it `to` alone was earned. */
  readonly earned?: readonly string[];
  readonly rulebook: number;
  /** The condition of the highest of them that held, as the rulebook spells it. */
  readonly rule: Readonly<Record<string, string | boolean>>;
  readonly rechargeId: string;
  /** Revision of that recharge in the account's stream. */
  readonly rechargeRevision: number;
  /** The account's recharges with this one. */
  readonly recharges: number;
  /** The largest of them. */
  readonly single: string;
  /** Their sum. */
  readonly cumulative: string;
}

/** An administrator pinned the tier, or took the pin away (null). */
export interface TierPinned {
  readonly type: 'TierPinned';
  readonly occurredAt: string;
  readonly tier: string | null;
  /** Revision of the `AccountSettingsChanged` that said so. */
  readonly settingsRevision: number;
}
