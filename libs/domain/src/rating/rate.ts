import type { Factor } from '../account/charging/events';
import { add, multiply, round, type Decimal } from '../amount/decimal';
import type { Rulebook } from '../rulebook/rulebook';
import { overChannel, type Offer } from './offers';
import { offersNamed, prepare, userTerm } from './prepared';
import type { Rated, RatingRefusal, RatingRequest, RatingTerms } from './rated';
import { reportedUnit } from './quantity';
import type { Sum, Tariff } from './tariff';
import type { Term } from './term';
import { windowAt } from './windows';

/**
 * Prices one request exactly, rounded once by the rulebook (SPEC §4), in the rulebook's currency. Refused, in this order:
 * unknown_model, unknown_group, unknown_channel, unknown_unit, missing_units.
 */
export function rate(rulebook: Rulebook, request: RatingRequest, terms: RatingTerms): Rated | RatingRefusal {
  const rules = prepare(rulebook);
  const offers = offersNamed(rules, request.model);
  if (!offers) return refused('unknown_model', `no model ${request.model}`);
  const group = request.group ?? offers.group;
  if (!rulebook.groups.has(group)) return refused('unknown_group', `no group ${group}`);
  const channel = request.channel === null ? null : rules.channels.get(request.channel);
  if (channel === undefined) return refused('unknown_channel', `no channel ${String(request.channel)}`);
  const offer = overChannel(offers, request.channel);
  const fault = unitFault(offer, request);
  if (fault) return fault;

  const fields = offer.fields.filter(({ field, equals }) => request.fields[field] === equals);
  const window = windowAt(offer.price.windows, request.at);
  const user = userTerm(rules, group, terms);
  const factors: Factor[] = fields.map(({ factor }) => factor);
  if (window) factors.push(window.factor);
  if (channel) factors.push(channel.factor);
  factors.push(...user.factors);

  const measured = offer.price.measure(request.units, request.fields);
  const listed = listPrice(measured, fields, window);
  const ofChannel = channel ? multiply(listed, channel.value) : listed;
  const unrounded = multiply(ofChannel, user.value);
  return {
    kind: 'rated',
    tier: user.tier,
    group,
    price: offer.ofChannel ? { ...measured.applied, ofChannel: true } : measured.applied,
    factors,
    unrounded,
    amount: round(unrounded, rulebook.rounding),
    cost:
      request.upstreamCost ??
      round(offer.cost === offer.price ? listed : costOf(offer.cost, request, fields), rulebook.rounding),
  };
}

/** Field multipliers and window multiply what was used; extras stand outside. */
function listPrice({ base, extras }: Sum, fields: readonly Term[], window: Term | undefined): Decimal {
  let price = base;
  for (const { value } of fields) price = multiply(price, value);
  if (window) price = multiply(price, window.value);
  return extras === null ? price : add(price, extras);
}

/** What upstream takes is rated like a price: by its own rows, windows and extras. */
function costOf(cost: Tariff, { units, fields, at }: RatingRequest, multipliers: readonly Term[]): Decimal {
  return listPrice(cost.amount(units, fields), multipliers, windowAt(cost.windows, at));
}

/** Units are refused rather than ignored: what nobody prices would be given away. */
function unitFault(offer: Offer, { units, fields, upstreamCost }: RatingRequest): RatingRefusal | undefined {
  for (const name of Object.keys(units)) {
    if (!offer.knownUnits.has(name)) return refused('unknown_unit', `neither price nor cost knows ${name}`);
  }
  for (const name of offer.extrasOfRows) {
    if (reportedUnit(units, name) === undefined) continue;
    const isPriced = [offer.price, offer.cost].some((tariff) => tariff.extrasAt(units, fields).has(name));
    if (!isPriced) return refused('unknown_unit', `no row that holds knows ${name}`);
  }
  // A cost that is known need not be rated.
  for (const name of upstreamCost === undefined ? offer.neededUnits : offer.price.neededUnits) {
    if (units[name] === undefined) return refused('missing_units', `${name} is missing`);
  }
  return undefined;
}

function refused(code: RatingRefusal['code'], detail: string): RatingRefusal {
  return { kind: 'refused', code, detail };
}
