import type { Factor } from '../account/charging/events';
import { multiply, one, toText, type Decimal } from '../amount/decimal';
import type { Rulebook } from '../rulebook/rulebook';
import { tierOf } from '../rulebook/tiers';
import type { RatingTerms } from './rated';

/** What a user's tier makes of a group's price, and how a charge tells of it. */
export interface UserFactor {
  readonly value: Decimal;
  readonly factors: readonly Factor[];
}

/**
 * The account's own multiplier where it has one, else the matrix, else tier discount × group multiplier; what the rules
 * leave out counts as 1.
 */
export function userFactor(rulebook: Rulebook, group: string, terms: RatingTerms): UserFactor {
  const custom = terms.customMultiplier;
  if (custom) return { value: custom, factors: [['customMultiplier', toText(custom), 'account']] };
  const tier = tierOf(rulebook, terms.tier);
  if (rulebook.tierMultipliers) {
    const value = rulebook.tierMultipliers.get(tier.id)?.get(group) ?? one;
    return { value, factors: [['tierMultiplier', toText(value), `${tier.id}/${group}`]] };
  }
  const multiplier = rulebook.groups.get(group)?.multiplier ?? null;
  const factors: Factor[] = [];
  if (tier.discount) factors.push(['tierDiscount', toText(tier.discount), tier.id]);
  if (multiplier) factors.push(['groupMultiplier', toText(multiplier), group]);
  return { value: multiply(tier.discount ?? one, multiplier ?? one), factors };
}
