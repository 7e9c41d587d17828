import { within, type RulebookFault } from './fault';
import { channel, group, model, promotionRule, tier } from './read-catalogue';
import * as commerce from './read-commerce';
import { referenceFaults } from './references';
import type { Channel, Group, Plan, Provider, Rulebook, Tier } from './rulebook';
import { list, mapped, object, optional, record, required, unusable, type Reader } from './schema';
import { MAX_GROUPS, MAX_TIERS, amount, currency, id, instant, platformId } from './values';

export type ReadRulebook =
  | {
      readonly kind: 'valid';
      readonly rulebook: Rulebook;
      /** Milliseconds since 1970; null where the content names no instant and it is in force when published. */
      readonly effectiveFrom: number | null;
    }
  | { readonly kind: 'invalid'; readonly faults: readonly RulebookFault[] };

function byId<T extends { readonly id: string }>(item: Reader<T>, atMost?: number): Reader<ReadonlyMap<string, T>> {
  return mapped(list(item, 0, atMost), (items) => new Map(items.map((each) => [each.id, each])));
}

/** An empty section, read by the section's own reader: its keys bring their defaults along. */
function defaults<T>(section: Reader<T>): T {
  const read = section({}, '', []);
  if (read === unusable) throw new Error('a section with defaults for every key reads as empty');
  return read;
}

interface Content extends Rulebook {
  readonly effectiveFrom: number | null;
}

const content = object<Content>({
  platform: required(platformId),
  effectiveFrom: optional(instant, null),
  currency: required(currency),
  fx: optional(list(commerce.exchangeRate), []),
  rounding: optional(commerce.rounding, defaults(commerce.rounding)),
  tiers: required(list(tier, 1, MAX_TIERS) as Reader<readonly [Tier, ...Tier[]]>),
  promotion: optional(list(promotionRule), []),
  tierMultipliers: optional(record(id, record(id, amount)), null),
  groups: required(byId<Group>(group, MAX_GROUPS)),
  channels: optional(byId<Channel>(channel), new Map<string, Channel>()),
  models: required(list(model)),
  wallet: optional(commerce.wallet, defaults(commerce.wallet)),
  starterGrant: optional(commerce.starterGrant, null),
  refund: optional(commerce.refund, null),
  providers: optional(commerce.providers, new Map<string, Provider>()),
  creditsPerUnit: optional(commerce.creditsPerUnit, null),
  drawOrder: optional(commerce.drawOrder, ['main', 'backup', 'wallet']),
  defaultPlan: optional(id, null),
  plans: optional(byId<Plan>(commerce.plan), new Map<string, Plan>()),
  switching: optional(commerce.switching, defaults(commerce.switching)),
  renewal: optional(commerce.renewal, defaults(commerce.renewal)),
  holds: optional(commerce.holds, defaults(commerce.holds)),
});

/** Reads a platform's rules from parsed JSON or YAML (SPEC §3); an invalid one comes back with every fault in it. */
export function readRulebook(value: unknown): ReadRulebook {
  const faults: RulebookFault[] = [];
  const read = content(value, '', faults);
  faults.push(...referenceFaults(value));
  if (read === unusable || faults.length > 0) return { kind: 'invalid', faults };
  const { effectiveFrom, ...rulebook } = read;
  return { kind: 'valid', rulebook, effectiveFrom };
}

/** What may not change from one version of a platform's rules to the next: whose they are and what its money is. */
export function checkSuccessor(previous: Rulebook, next: Rulebook): readonly RulebookFault[] {
  return (['platform', 'currency'] as const)
    .filter((key) => previous[key] !== next[key])
    .map((key) => ({
      pointer: within('', key),
      code: 'invalid_value',
      detail: `it was ${previous[key]} and never changes from version to version`,
    }));
}
