import { compare, toText } from '../amount/decimal';
import type { PromotionCondition, PublishedRulebook, Rulebook } from '../rulebook/rulebook';
import { versionInForce } from '../rulebook/rulebook';
import { highestEarned } from '../rulebook/tiers';
import { formatInstant } from '../time/instant';
import type { TierPinned, TierPromoted } from './events';
import type { RechargeFact, RechargeTotals, TierState } from './tier';
import { newTierState } from './tier';

/**
 * The promotion that a recharge brings, by the rules in force when it occurred: it earns every tier whose condition then holds. Null
 * where all of them were earned before, or it was counted before. A pin neither helps nor hinders.
 */
export function promote(
  state: TierState | undefined,
  recharge: RechargeFact,
  rulebooks: readonly PublishedRulebook[],
): TierPromoted | null {
  const before = state ?? newTierState;
  if (recharge.revision <= before.rechargeRevision) return null;
  const version = versionInForce(rulebooks, recharge.occurredAt);
  if (version === undefined) return null;
  const { rulebook } = version;
  const reached = tiersReached(rulebook, recharge.totals).filter(({ tier }) => !before.earned.includes(tier));
  const highest = reached.at(-1);
  if (highest === undefined) return null;
  const earned = reached.map(({ tier }) => tier);
  const { totals } = recharge;
  return {
    type: 'TierPromoted',
    occurredAt: formatInstant(recharge.occurredAt),
    from: highestEarned(rulebook, before.earned),
    to: highestEarned(rulebook, before.earned, ...earned),
    earned,
    rulebook: version.version,
    rule: spelled(highest.condition),
    rechargeId: recharge.rechargeId,
    rechargeRevision: recharge.revision,
    recharges: totals.count,
    single: toText(totals.largest),
    cumulative: toText(totals.cumulative),
  };
}

export interface PinFact {
  /** Null takes the pin away. */
  readonly tier: string | null;
  /** Revision of the `AccountSettingsChanged` in the account's stream. */
  readonly settingsRevision: number;
  /** Milliseconds since 1970. */
  readonly occurredAt: number;
}

/** Takes over an administrator's pin from the account's stream; null where it was heard before. */
export function pin(state: TierState | undefined, { tier, settingsRevision, occurredAt }: PinFact): TierPinned | null {
  if (settingsRevision <= (state ?? newTierState).settingsRevision) return null;
  return { type: 'TierPinned', occurredAt: formatInstant(occurredAt), tier, settingsRevision };
}

interface Reached {
  readonly tier: string;
  readonly condition: PromotionCondition;
}

/** The tiers whose rules hold, by rank, each with the first condition that does. */
function tiersReached({ tiers, promotion }: Rulebook, totals: RechargeTotals): Reached[] {
  return tiers.flatMap(({ id }) => {
    const conditions = promotion.filter(({ tier }) => tier === id).flatMap(({ anyOf }) => anyOf);
    const condition = conditions.find((each) => holds(each, totals));
    return condition === undefined ? [] : [{ tier: id, condition }];
  });
}

/** Every key that is given has to hold. There is a recharge, so `anyRecharge` does. */
function holds(condition: PromotionCondition, { largest, cumulative }: RechargeTotals): boolean {
  const { singleRechargeAtLeast, cumulativeRechargeAtLeast } = condition;
  return (
    (singleRechargeAtLeast === undefined || compare(largest, singleRechargeAtLeast) >= 0) &&
    (cumulativeRechargeAtLeast === undefined || compare(cumulative, cumulativeRechargeAtLeast) >= 0)
  );
}

function spelled(condition: PromotionCondition): TierPromoted['rule'] {
  const { anyRecharge, singleRechargeAtLeast, cumulativeRechargeAtLeast } = condition;
  return {
    ...(anyRecharge !== undefined && { anyRecharge }),
    ...(singleRechargeAtLeast !== undefined && { singleRechargeAtLeast: toText(singleRechargeAtLeast) }),
    ...(cumulativeRechargeAtLeast !== undefined && { cumulativeRechargeAtLeast: toText(cumulativeRechargeAtLeast) }),
  };
}
