import { formatInstant } from '../time/instant';
import type { PublishedRulebook } from '../rulebook/rulebook';
import { versionInForce } from '../rulebook/rulebook';
import type { Account, CommandKind } from './account';
import { doneKey } from './account';
import type { CommandTime, Decision, Refused } from './decision';
import { refused } from './decision';

/** When a command occurs and the rules in force then. */
export interface Circumstances {
  readonly kind: 'in-force';
  readonly atMs: number;
  readonly occurredAt: string;
  readonly version: PublishedRulebook;
}

/**
 * When a command occurs, in milliseconds: as given, else now, at the account's last command or at what it undoes, whichever
 * is latest. Refused when that lies in the future (`occurred_at_in_future`), or before the last command or what it undoes
 * (`occurred_at_out_of_order`).
 */
export function commandInstant(
  account: Account | undefined,
  time: CommandTime,
  undoneAt = -Infinity,
): number | Refused {
  const last = account?.lastCommandAt ?? -Infinity;
  if (time.occurredAt === null) return Math.max(time.now, last, undoneAt);
  if (time.occurredAt > time.now) return refused('occurred_at_in_future', 'A command cannot occur later than now.');
  if (time.occurredAt < last) {
    return refused('occurred_at_out_of_order', `The account's last command occurred at ${formatInstant(last)}.`);
  }
  if (time.occurredAt < undoneAt) {
    return refused('occurred_at_out_of_order', `What it undoes occurred at ${formatInstant(undoneAt)}.`);
  }
  return time.occurredAt;
}

/** The instant of a command and its rulebook; refused for its time, or where no rulebook is in force yet (`no_rulebook`). */
export function circumstances(
  account: Account | undefined,
  time: CommandTime,
  rulebooks: readonly PublishedRulebook[],
): Circumstances | Refused {
  const atMs = commandInstant(account, time);
  if (typeof atMs !== 'number') return atMs;
  const occurredAt = formatInstant(atMs);
  const version = versionInForce(rulebooks, atMs);
  if (version === undefined) return refused('no_rulebook', `No rulebook is in force at ${occurredAt}.`);
  return { kind: 'in-force', atMs, occurredAt, version };
}

/** What a command that was done before comes to: the same again is a repeat, other content under its id is a conflict. */
export function repeatOf(
  account: Account | undefined,
  kind: CommandKind,
  id: string,
  digest: string,
): Decision | undefined {
  const earlier = account?.done?.get(doneKey(kind, id));
  if (earlier === undefined) return undefined;
  if (earlier.digest === digest) return { kind: 'repeated', revision: earlier.revision };
  return refused('idempotency_conflict', `${id} was used before with other content.`);
}

export const unknownAccount: Refused = refused('unknown_account', 'There is no such account.');
