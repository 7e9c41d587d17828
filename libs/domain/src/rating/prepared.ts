import { toText } from '../amount/decimal';
import { findModel, MAX_REMEMBERED_LENGTH, MAX_REMEMBERED_NAMES } from '../rulebook/find-model';
import type { Model, Rulebook } from '../rulebook/rulebook';
import { offersOf, type Offers, type Shared } from './offers';
import type { RatingTerms } from './rated';
import type { Term } from './term';
import { tierOf } from '../rulebook/tiers';
import { userFactor, type UserFactor } from './user-factor';

/** What was worked out of one version of the rules when it was first needed. Requests add nothing to it but names, and those have a bound. */
export interface Prepared {
  readonly rulebook: Rulebook;
  readonly offers: Map<Model, Offers>;
  /** The same by the names that were asked for, so that a rating looks once. */
  readonly named: Map<string, Offers>;
  readonly shared: Shared;
  readonly channels: ReadonlyMap<string, Term>;
  /** Tier → group → factor, of those that were asked for: at the limits there are a hundred thousand. */
  readonly users: Map<string, Map<string, UserTerm>>;
}

export interface UserTerm extends UserFactor {
  readonly tier: string;
}

const byRulebook = new WeakMap<Rulebook, Prepared>();

/** The rules made ready for many ratings; they live as long as the rulebook does. */
export function prepare(rulebook: Rulebook): Prepared {
  let prepared = byRulebook.get(rulebook);
  if (prepared === undefined) {
    prepared = {
      rulebook,
      offers: new Map(),
      named: new Map(),
      shared: { clocks: new Map(), unitSets: new Map() },
      channels: new Map(
        [...rulebook.channels].map(([id, { discount }]) => [
          id,
          { value: discount, factor: ['channelDiscount', toText(discount), id] },
        ]),
      ),
      users: new Map(),
    };
    byRulebook.set(rulebook, prepared);
  }
  return prepared;
}

/** What the model that a name means takes; undefined where no model has that name. */
export function offersNamed(rules: Prepared, name: string): Offers | undefined {
  const known = rules.named.get(name);
  if (known) return known;
  const model = findModel(rules.rulebook, name);
  if (!model) return undefined;
  const offers = rules.offers.get(model) ?? offersOf(model, rules.shared);
  rules.offers.set(model, offers);
  if (name.length <= MAX_REMEMBERED_LENGTH) {
    if (rules.named.size >= MAX_REMEMBERED_NAMES) rules.named.clear();
    rules.named.set(name, offers);
  }
  return offers;
}

/** What the account's side makes of a group's price. */
export function userTerm({ rulebook, users }: Prepared, group: string, terms: RatingTerms): UserTerm {
  const known = terms.customMultiplier === null ? users.get(terms.tier)?.get(group) : undefined;
  if (known) return known;
  const tier = tierOf(rulebook, terms.tier).id;
  const term = { tier, ...userFactor(rulebook, group, { ...terms, tier }) };
  // Only what the rules name is kept: neither tiers that are gone nor groups that never were.
  if (terms.customMultiplier !== null || !rulebook.groups.has(group)) return term;
  const ofTier = users.get(tier);
  if (ofTier) ofTier.set(group, term);
  else users.set(tier, new Map([[group, term]]));
  return term;
}
