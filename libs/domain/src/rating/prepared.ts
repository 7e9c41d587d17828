import { toText } from '../amount/decimal';
import type { Model, Rulebook } from '../rulebook/rulebook';
import type { ZoneClock } from '../time/zone-clock';
import { offersOf, type Offer, type Offers } from './offers';
import type { RatingTerms } from './rated';
import type { Term } from './term';
import { tierOf } from '../rulebook/tiers';
import { userFactor, type UserFactor } from './user-factor';

/** What was worked out of one version of the rules when it was first needed. It holds nothing that a request could add to. */
export interface Prepared {
  readonly rulebook: Rulebook;
  readonly offers: Map<Model, Offers>;
  readonly clocks: Map<string, ZoneClock>;
  readonly channels: ReadonlyMap<string, Term>;
  /** Tier → group → factor. */
  readonly users: ReadonlyMap<string, ReadonlyMap<string, UserTerm>>;
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
      clocks: new Map(),
      channels: new Map(
        [...rulebook.channels].map(([id, { discount }]) => [
          id,
          { value: discount, factor: ['channelDiscount', toText(discount), id] },
        ]),
      ),
      users: new Map(rulebook.tiers.map(({ id }) => [id, userTerms(rulebook, id)])),
    };
    byRulebook.set(rulebook, prepared);
  }
  return prepared;
}

/** What a model takes over a channel; a channel without a price of its own takes the model's. */
export function offerOf({ offers, clocks }: Prepared, model: Model, channel: string | null): Offer {
  let known = offers.get(model);
  if (known === undefined) {
    known = offersOf(model, clocks);
    offers.set(model, known);
  }
  return (channel === null ? undefined : known.byChannel.get(channel)) ?? known.own;
}

/** What the account's side makes of a group's price. */
export function userTerm({ rulebook, users }: Prepared, group: string, terms: RatingTerms): UserTerm {
  if (terms.customMultiplier === null) {
    const known = (users.get(terms.tier) ?? users.get(tierOf(rulebook, terms.tier).id))?.get(group);
    if (known) return known;
  }
  return { tier: tierOf(rulebook, terms.tier).id, ...userFactor(rulebook, group, terms) };
}

function userTerms(rulebook: Rulebook, tier: string): ReadonlyMap<string, UserTerm> {
  const term = (group: string): UserTerm => ({
    tier,
    ...userFactor(rulebook, group, { tier, customMultiplier: null }),
  });
  return new Map([...rulebook.groups.keys()].map((group) => [group, term(group)]));
}
