import { toText } from '../amount/decimal';
import type { Model, Rulebook } from '../rulebook/rulebook';
import { offersOf, type Offer, type Offers, type Shared } from './offers';
import type { RatingTerms } from './rated';
import type { Term } from './term';
import { tierOf } from '../rulebook/tiers';
import { userFactor, type UserFactor } from './user-factor';

/** What was worked out of one version of the rules when it was first needed. It holds nothing that a request could add to. */
export interface Prepared {
  readonly rulebook: Rulebook;
  readonly offers: Map<Model, Offers>;
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

/** What a model takes over a channel; a channel without a price of its own takes the model's. */
export function offerOf({ offers, shared }: Prepared, model: Model, channel: string | null): Offer {
  let known = offers.get(model);
  if (known === undefined) {
    known = offersOf(model, shared);
    offers.set(model, known);
  }
  return (channel === null ? undefined : known.byChannel.get(channel)) ?? known.own;
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
