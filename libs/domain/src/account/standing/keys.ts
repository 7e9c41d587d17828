import type { PublishedRulebook } from '../../rulebook/rulebook';
import { formatInstant } from '../../time/instant';
import type { Account } from '../account';
import type { Circumstances } from '../command';
import { circumstances, commandInstant, unknownAccount } from '../command';
import type { CommandTime, Decision, Refused } from '../decision';
import { accepted, alreadySo, refused } from '../decision';

export interface KeyIssue {
  readonly keyId: string;
  readonly name: string;
  /** Null leaves the group to each request and its model. */
  readonly group: string | null;
  /** SHA-256 of the secret, base64url. */
  readonly secretHash: string;
  readonly digest: string;
  readonly time: CommandTime;
}

export interface KeyChange {
  readonly keyId: string;
  readonly group: string | null;
  readonly time: CommandTime;
}

export interface KeyRevocation {
  readonly keyId: string;
  readonly time: CommandTime;
}

/** Issues an API key that belongs to a group. Refused with `unknown_group`. */
export function issueApiKey(
  account: Account | undefined,
  { keyId, name, group, secretHash, digest, time }: KeyIssue,
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
  const { occurredAt } = when;
  return (
    unknownGroup(group, when) ?? accepted({ type: 'ApiKeyIssued', occurredAt, keyId, name, group, secretHash, digest })
  );
}

/** Moves an API key to another group. Refused with `unknown_api_key`, `unknown_group`. */
export function changeApiKey(
  account: Account | undefined,
  { keyId, group, time }: KeyChange,
  rulebooks: readonly PublishedRulebook[],
): Decision {
  if (account === undefined) return unknownAccount;
  const key = account.standing.keys?.get(keyId);
  if (key?.group === group) return alreadySo;
  const when = circumstances(account, time, rulebooks);
  if (when.kind === 'refused') return when;
  if (key === undefined) return unknownKey(keyId);
  const { occurredAt } = when;
  return unknownGroup(group, when) ?? accepted({ type: 'ApiKeyChanged', occurredAt, keyId, group });
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
