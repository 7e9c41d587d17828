import type { PublishedRulebook } from '../../rulebook/rulebook';
import { formatInstant } from '../../time/instant';
import { labelsOrNull, sameLabels, type Labels } from '../../usage/labels';
import type { Account, ApiKey } from '../account';
import type { Circumstances } from '../command';
import { circumstances, commandInstant, unknownAccount } from '../command';
import type { CommandTime, Decision, Refused } from '../decision';
import { accepted, alreadySo, refused } from '../decision';

export interface KeyIssue {
  readonly keyId: string;
  readonly name: string;
  /** Null leaves the group to each request and its model. */
  readonly group: string | null;
  /** Of its usage, where that has none of that name. */
  readonly labels?: Labels | null | undefined;
  /** SHA-256 of the secret, base64url. */
  readonly secretHash: string;
  readonly digest: string;
  readonly time: CommandTime;
}

export interface KeyChange {
  readonly keyId: string;
  /** What is undefined stays as it is. */
  readonly group?: string | null | undefined;
  /** All labels from then on; null takes them away. */
  readonly labels?: Labels | null | undefined;
  readonly time: CommandTime;
}

export interface KeyRevocation {
  readonly keyId: string;
  readonly time: CommandTime;
}

/** Issues an API key that belongs to a group. Refused with `unknown_group`. */
export function issueApiKey(
  account: Account | undefined,
  { keyId, name, group, labels: given, secretHash, digest, time }: KeyIssue,
  rulebooks: readonly PublishedRulebook[],
): Decision {
  if (account === undefined) return unknownAccount;
  const issued = account.standing.keys?.get(keyId);
  if (issued !== undefined) {
    if (issued.digest === digest) return { kind: 'repeated', revision: issued.issuedRevision };
    return refused('idempotency_conflict', `${keyId} was issued before with other content.`);
  }
  const when = circumstances(account, time, rulebooks);
  if (when.kind === 'refused') return when;
  const labels = labelsOrNull(given ?? null);
  return (
    unknownGroup(group, when) ??
    accepted({
      type: 'ApiKeyIssued',
      occurredAt: when.occurredAt,
      keyId,
      name,
      group,
      ...(labels !== null && { labels }),
      secretHash,
      digest,
    })
  );
}

/** Moves an API key to another group, or gives it other labels. Refused with `unknown_api_key`, `unknown_group`. */
export function changeApiKey(
  account: Account | undefined,
  change: KeyChange,
  rulebooks: readonly PublishedRulebook[],
): Decision {
  if (account === undefined) return unknownAccount;
  const key = account.standing.keys?.get(change.keyId);
  if (key !== undefined && !regroups(key, change) && !relabels(key, change)) return alreadySo;
  const when = circumstances(account, change.time, rulebooks);
  if (when.kind === 'refused') return when;
  if (key === undefined) return unknownKey(change.keyId);
  const { keyId, group = key.group, labels } = change;
  // A group that the rulebook has let go of stays where nobody asks for another.
  const refusal = regroups(key, change) ? unknownGroup(group, when) : undefined;
  const relabelled = relabels(key, change) ? { labels: labels ?? {} } : {};
  return refusal ?? accepted({ type: 'ApiKeyChanged', occurredAt: when.occurredAt, keyId, group, ...relabelled });
}

function regroups(key: ApiKey, { group }: KeyChange): boolean {
  return group !== undefined && group !== key.group;
}

function relabels(key: ApiKey, { labels }: KeyChange): boolean {
  return labels !== undefined && !sameLabels(labels, key.labels);
}

/** Takes an API key out of use, for good; revoking it twice is accepted. Refused with `unknown_api_key`. */
export function revokeApiKey(account: Account | undefined, { keyId, time }: KeyRevocation): Decision {
  if (account === undefined) return unknownAccount;
  const key = account.standing.keys?.get(keyId);
  if (key?.revoked === true) return alreadySo;
  const atMs = commandInstant(account, time);
  if (typeof atMs !== 'number') return atMs;
  if (key === undefined) return unknownKey(keyId);
  return accepted({ type: 'ApiKeyRevoked', occurredAt: formatInstant(atMs), keyId });
}

function unknownKey(keyId: string): Refused {
  return refused('unknown_api_key', `The account has no key ${keyId}.`);
}

function unknownGroup(group: string | null, { version }: Circumstances): Refused | undefined {
  if (group === null || version.rulebook.groups.has(group)) return undefined;
  return refused('unknown_group', `${group} is no group of the rulebook in force.`);
}
