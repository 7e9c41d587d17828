import { Faults, within, type RulebookFault } from './fault';
import * as limits from './limits';
import { channel, group, model, promotionRule, tier } from './read-catalogue';
import * as commerce from './read-commerce';
import { referenceFaults, referenceSteps } from './references';
import type { Channel, Group, Model, Plan, Provider, Rulebook, Tier } from './rulebook';
import { atMost, isObject, list, mapped, object, optional, record, required, unusable, type Reader } from './schema';
import { amount, currency, id, instant, labelKey, platformId } from './values';

export type ReadRulebook =
  | {
      readonly kind: 'valid';
      readonly rulebook: Rulebook;
      /** Milliseconds since 1970; null where the content names no instant and it is in force when published. */
      readonly effectiveFrom: number | null;
    }
  | {
      readonly kind: 'invalid';
      /** The first hundred. */
      readonly faults: readonly RulebookFault[];
      /** How many others there are; where they are very many, as far as was looked. */
      readonly more: number;
    };

function byId<T extends { readonly id: string }>(item: Reader<T>, limit: number): Reader<ReadonlyMap<string, T>> {
  return mapped(atMost(limit, list(item)), (items) => new Map(items.map((each) => [each.id, each])));
}

/** An empty section, read by the section's own reader: its keys bring their defaults along. */
function defaults<T>(section: Reader<T>): T {
  const read = section({}, '', new Faults(true));
  if (read === unusable) throw new Error('a section with defaults for every key reads as empty');
  return read;
}

interface Content extends Rulebook {
  readonly effectiveFrom: number | null;
}

/** Everything that a rulebook holds. */
export const rulebookContent = object<Content>({
  platform: required('The platform whose rules these are.', platformId),
  effectiveFrom: optional(
    'From when on they are in force; when they are published, where it is left out.',
    instant,
    null,
  ),
  currency: required('The currency of wallets and of every price. It never changes from version to version.', currency),
  fx: optional(
    'Exchange rates, for recharges in another currency.',
    atMost(limits.MAX_EXCHANGE_RATES, list(commerce.exchangeRate)),
    [],
  ),
  rounding: optional('How a charge is rounded, once, at its end.', commerce.rounding, defaults(commerce.rounding)),
  tiers: required(
    'The ranks of accounts, ascending; a new account starts at the first.',
    list(tier, 1, limits.MAX_TIERS) as Reader<readonly [Tier, ...Tier[]]>,
  ),
  promotion: optional(
    'What recharges lead to which tier.',
    atMost(limits.MAX_PROMOTION_RULES, list(promotionRule)),
    [],
  ),
  tierMultipliers: optional(
    'By tier and group, what multiplies a charge instead of the discount of the tier and the multiplier of the group; every tier and group belongs in it.',
    atMost(limits.MAX_TIERS, record(id, atMost(limits.MAX_GROUPS, record(id, amount)))),
    null,
  ),
  groups: required('What an API key or a model belongs to.', byId<Group>(group, limits.MAX_GROUPS)),
  channels: optional(
    'The upstream sources that usage may go through.',
    byId<Channel>(channel, limits.MAX_CHANNELS),
    new Map<string, Channel>(),
  ),
  models: required(
    'What is sold and at which price; the first that matches wins.',
    atMost(limits.MAX_MODELS, list(model)),
  ),
  wallet: optional('What a prepaid wallet may do.', commerce.wallet, defaults(commerce.wallet)),
  starterGrant: optional('Credit for a new account.', commerce.starterGrant, null),
  refund: optional('Whether recharges are refunded; not at all where it is left out.', commerce.refund, null),
  providers: optional('Who payments may come from.', commerce.providers, new Map<string, Provider>()),
  creditsPerUnit: optional('Pool credits per unit of the currency; plans need it.', commerce.creditsPerUnit, null),
  drawOrder: optional('What usage is paid from, in this order.', commerce.drawOrder, ['main', 'backup', 'wallet']),
  defaultPlan: optional('The plan whose limits and models hold while no subscription runs.', id, null),
  plans: optional('What can be subscribed to.', byId<Plan>(commerce.plan, limits.MAX_PLANS), new Map<string, Plan>()),
  switching: optional(
    'How what is left of a subscription is credited when its plan is switched.',
    commerce.switching,
    defaults(commerce.switching),
  ),
  renewal: optional('What becomes of the pools at a renewal.', commerce.renewal, defaults(commerce.renewal)),
  labels: optional('Labels of the usage that reports can group by.', atMost(limits.MAX_LABEL_KEYS, list(labelKey)), []),
  holds: optional('The money that authorizations set aside.', commerce.holds, defaults(commerce.holds)),
});

/**
 * Reads a platform's rules from parsed JSON or YAML as they come in (SPEC §3). An invalid one comes back with its faults, up
 * to a hundred and how many more.
 */
export function readRulebook(value: unknown): ReadRulebook {
  return read(value, new Faults(true));
}

/** Reads rules that were published before. Bounds that came later do not hold for them: they go on being charged by. */
export function readStoredRulebook(value: unknown): ReadRulebook {
  return read(value, new Faults(false));
}

/** Models that are read in one step. */
const MODELS_PER_STEP = 32;

/** The same in steps, each of a few milliseconds, for whoever shares a thread with others. */
export function* readStoredInSteps(value: unknown): Generator<undefined, ReadRulebook> {
  const listed: unknown = isObject(value) ? value['models'] : undefined;
  if (!isObject(value) || !Array.isArray(listed)) return readStoredRulebook(value);
  const faults = new Faults(false);
  const models: Model[] = [];
  for (const [index, item] of listed.entries()) {
    const found = model(item, within('/models', index), faults);
    // A faulty one is rare enough to be read again, so that its faults are told as ever.
    if (found === unusable) return readStoredRulebook(value);
    models.push(found);
    if (models.length % MODELS_PER_STEP === 0) yield;
  }
  const rest = rulebookContent({ ...value, models: [] }, '', faults);
  yield;
  for (const step of referenceSteps(value, faults)) {
    step();
    yield;
  }
  if (rest === unusable || faults.length > 0) return readStoredRulebook(value);
  const { effectiveFrom, ...rulebook } = rest;
  return { kind: 'valid', rulebook: { ...rulebook, models }, effectiveFrom };
}

function read(value: unknown, faults: Faults): ReadRulebook {
  const found = rulebookContent(value, '', faults);
  if (!faults.isTooLarge && !faults.areEnough) referenceFaults(value, faults);
  if (found === unusable || faults.length > 0) {
    return { kind: 'invalid', faults: faults.shown, more: faults.length - faults.shown.length };
  }
  const { effectiveFrom, ...rulebook } = found;
  return { kind: 'valid', rulebook, effectiveFrom };
}

/** What may not change from one version of a platform's rules to the next: whose they are and what its money is. */
export function checkSuccessor(
  previous: Pick<Rulebook, 'platform' | 'currency'>,
  next: Pick<Rulebook, 'platform' | 'currency'>,
): readonly RulebookFault[] {
  return (['platform', 'currency'] as const)
    .filter((key) => previous[key] !== next[key])
    .map((key) => ({
      pointer: within('', key),
      code: 'invalid_value',
      detail: `it was ${previous[key]} and never changes from version to version`,
    }));
}
