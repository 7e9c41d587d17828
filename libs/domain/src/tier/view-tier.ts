import type { Decimal } from '../amount/decimal';
import { isPositive, min, subtract, toText } from '../amount/decimal';
import type { Rulebook } from '../rulebook/rulebook';
import { highestEarned } from '../rulebook/tiers';
import type { TierState } from './tier';
import { newTierState } from './tier';

/** The answer of `GET accounts/{a}/tier`; amounts in the wallet's currency, plans left out. */
export interface TierView {
  readonly tier: string;
  readonly pinned: boolean;
  readonly recharges: number;
  readonly largestRecharge: string;
  readonly cumulativeRecharge: string;
  readonly next: NextTier | null;
}

export interface NextTier {
  readonly tier: string;
  /** The least single recharge that leads there; null where none does by its size. */
  readonly singleRechargeNeeded: string | null;
  /** What the cumulative recharge still lacks; null where it leads nowhere. */
  readonly cumulativeRechargeNeeded: string | null;
}

/** An account's tier by pin and rules, and what leads to the next one. An account without a state has recharged nothing. */
export function viewTier(state: TierState | undefined, rulebook: Rulebook): TierView {
  const { earned, pinned, recharges } = state ?? newTierState;
  const tier = highestEarned(rulebook, earned, pinned);
  return {
    tier,
    pinned: pinned !== null,
    recharges: recharges.count,
    largestRecharge: toText(recharges.largest),
    cumulativeRecharge: toText(recharges.cumulative),
    next: nextTier(rulebook, tier, recharges.cumulative),
  };
}

/** The lowest tier above one that recharges lead to. */
function nextTier(rulebook: Rulebook, tier: string, cumulative: Decimal): NextTier | null {
  const place = rulebook.tiers.findIndex(({ id }) => id === tier);
  for (const { id } of rulebook.tiers.slice(place + 1)) {
    const conditions = rulebook.promotion.filter((rule) => rule.tier === id).flatMap(({ anyOf }) => anyOf);
    if (conditions.length === 0) continue;
    const single = least(conditions.map(({ singleRechargeAtLeast }) => singleRechargeAtLeast));
    const total = least(conditions.map(({ cumulativeRechargeAtLeast }) => cumulativeRechargeAtLeast));
    const missing = total === undefined ? undefined : subtract(total, cumulative);
    return {
      tier: id,
      singleRechargeNeeded: single === undefined ? null : toText(single),
      cumulativeRechargeNeeded: missing === undefined ? null : isPositive(missing) ? toText(missing) : '0',
    };
  }
  return null;
}

function least(thresholds: readonly (Decimal | undefined)[]): Decimal | undefined {
  return thresholds.reduce((a, b) => (a === undefined ? b : b === undefined ? a : min(a, b)), undefined);
}
