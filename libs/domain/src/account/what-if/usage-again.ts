import { decimal } from '../../amount/decimal';
import { findModel } from '../../rulebook/find-model';
import { storedInstant } from '../../time/instant';
import type { Usage } from '../../usage/usage';
import type { Account } from '../account';
import type { Charge } from '../charging/events';
import type { AccountEvent } from '../events';
import type { SupposedRules } from './supposed-rules';

/** The groups of an account's keys as the books have them: what a usage did not name came from there, or from its model. */
export class BookedKeyGroups {
  private readonly groups = new Map<string, string | null>();

  constructor(account: Account | undefined) {
    for (const { keyId, group } of account?.standing.keys?.values() ?? []) this.groups.set(keyId, group);
  }

  note(event: AccountEvent): void {
    if (event.type === 'ApiKeyIssued' || event.type === 'ApiKeyChanged') this.groups.set(event.keyId, event.group);
  }

  of(keyId: string | undefined): string | null {
    return keyId === undefined ? null : (this.groups.get(keyId) ?? null);
  }
}

/** The usage that a charge is of. Its labels are those of the charge: what its key added then is among them. */
export function usageOf(charge: Charge, keys: BookedKeyGroups, rules: SupposedRules): Usage {
  const { source, id, occurredAt, model, apiKeyId, channel, authorizationId, upstreamCost, units, fields, labels } =
    charge;
  return {
    source,
    id,
    occurredAt: storedInstant(occurredAt),
    model,
    apiKeyId: apiKeyId ?? null,
    group: namedGroup(charge, keys, rules),
    channel: channel ?? null,
    authorizationId: authorizationId ?? null,
    ...(upstreamCost !== undefined && { upstreamCost: decimal(upstreamCost) }),
    units,
    fields: fields ?? {},
    ...(labels !== undefined && { labels }),
    digest: charge.digest,
    traceparent: null,
  };
}

/** The group that the usage itself named. Charges of earlier releases do not say: one that its key or its model has was theirs. */
function namedGroup(
  { group, groupNamed, apiKeyId, model, rulebook }: Charge,
  keys: BookedKeyGroups,
  rules: SupposedRules,
): string | null {
  if (groupNamed === true) return group;
  const ofKey = keys.of(apiKeyId);
  if (ofKey !== null) return ofKey === group ? null : group;
  return findModel(rules.version(rulebook).rulebook, model)?.group === group ? null : group;
}
