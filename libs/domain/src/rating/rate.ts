import type { Factor } from '../account/charging/events';
import { multiply, round, type Decimal } from '../amount/decimal';
import { findModel } from '../rulebook/find-model';
import type { Rulebook } from '../rulebook/rulebook';
import type { Units } from '../usage/usage';
import type { Offer } from './offers';
import { offerOf, prepare, userTerm } from './prepared';
import type { Rated, RatingRefusal, RatingRequest, RatingTerms } from './rated';
import type { Term } from './term';
import { windowAt } from './windows';

/**
 * Prices one request exactly, rounded once by the rulebook (SPEC §4), in the rulebook's currency. Refused, in this order:
 * unknown_model, unknown_group, unknown_channel, unknown_unit, missing_units.
 */
export function rate(rulebook: Rulebook, request: RatingRequest, terms: RatingTerms): Rated | RatingRefusal {
  const model = findModel(rulebook, request.model);
  if (!model) return refused('unknown_model', `no model ${request.model}`);
  const group = request.group ?? model.group;
  if (!rulebook.groups.has(group)) return refused('unknown_group', `no group ${group}`);
  const rules = prepare(rulebook);
  const channel = request.channel === null ? null : rules.channels.get(request.channel);
  if (channel === undefined) return refused('unknown_channel', `no channel ${String(request.channel)}`);
  const offer = offerOf(rules, model, request.channel);
  const fault = unitFault(offer, request.units);
  if (fault) return fault;

  const fields = offer.fields.filter(({ field, equals }) => request.fields[field] === equals);
  const window = windowAt(offer.windows, request.at);
  const user = userTerm(rules, group, terms);
  const factors: Factor[] = fields.map(({ factor }) => factor);
  if (window) factors.push(window.factor);
  if (channel) factors.push(channel.factor);
  factors.push(...user.factors);

  const { base, applied } = offer.price.measure(request.units);
  const afterFields = times(base, fields);
  const upstream = offer.cost === offer.price ? afterFields : times(offer.cost.base(request.units), fields);
  let unrounded = window ? multiply(afterFields, window.value) : afterFields;
  if (channel) unrounded = multiply(unrounded, channel.value);
  unrounded = multiply(unrounded, user.value);
  return {
    kind: 'rated',
    tier: user.tier,
    group,
    price: offer.ofChannel ? { ...applied, ofChannel: true } : applied,
    factors,
    unrounded,
    amount: round(unrounded, rulebook.rounding),
    cost: round(upstream, rulebook.rounding),
  };
}

/** Units are refused rather than ignored: what nobody prices would be given away. */
function unitFault({ knownUnits, neededUnits }: Offer, units: Units): RatingRefusal | undefined {
  for (const name of Object.keys(units)) {
    if (!knownUnits.has(name)) return refused('unknown_unit', `neither price nor cost knows ${name}`);
  }
  for (const name of neededUnits) {
    if (units[name] === undefined) return refused('missing_units', `${name} is missing`);
  }
  return undefined;
}

function times(base: Decimal, terms: readonly Term[]): Decimal {
  return terms.reduce((product, { value }) => multiply(product, value), base);
}

function refused(code: RatingRefusal['code'], detail: string): RatingRefusal {
  return { kind: 'refused', code, detail };
}
