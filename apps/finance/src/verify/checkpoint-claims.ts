import { createHash } from 'node:crypto';
import type { Account } from '@meterbook/domain/account/account';
import type { AccountCheckpointed } from '@meterbook/domain/account/checkpoint';
import { asWrittenNow, toSnapshot } from '@meterbook/domain/account/snapshot';
import { decodeEvent } from '@meterbook/books/event-codec';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { accountPrefix } from '@meterbook/books/stream-kinds';

export const checkpointPrefix = 'checkpoint-';

/** What a checkpoint says of its account, kept as a digest: a store may hold very many. */
export interface CheckpointClaim {
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  /** Revision of the account's stream that it is about, and the hash of that event. */
  readonly accountRevision: number;
  readonly accountHash: string;
  readonly stateDigest: string;
}

/** The claims of every checkpoint, by the account's stream, until a fold comes by and checks them. */
export class CheckpointClaims {
  private readonly byAccount = new Map<string, CheckpointClaim[]>();

  /** Throws where the event is no checkpoint that can be read. */
  note(stored: StoredEvent): void {
    const { revision: accountRevision, hash: accountHash, state: snapshot } = decodeEvent<AccountCheckpointed>(stored);
    const state = asWrittenNow(snapshot);
    // Written by a later version: nothing is known here that could contradict it.
    if (!state) return;
    const { stream, revision, position } = stored;
    const account = accountPrefix + stream.slice(checkpointPrefix.length);
    const claims = this.byAccount.get(account) ?? [];
    claims.push({ stream, revision, position, accountRevision, accountHash, stateDigest: digestOf(state) });
    this.byAccount.set(account, claims);
  }

  /** Takes out the claims about an account's revision. */
  take(account: string, accountRevision: number): readonly CheckpointClaim[] {
    const claims = this.byAccount.get(account);
    if (!claims) return [];
    const due = claims.filter((claim) => claim.accountRevision === accountRevision);
    if (due.length === 0) return due;
    const rest = claims.filter((claim) => claim.accountRevision !== accountRevision);
    if (rest.length > 0) this.byAccount.set(account, rest);
    else this.byAccount.delete(account);
    return due;
  }

  /** An account at fault proves nothing about its checkpoints. */
  drop(account: string): void {
    this.byAccount.delete(account);
  }

  /** Claims about revisions that nobody came by. */
  *rest(): Iterable<CheckpointClaim> {
    for (const claims of this.byAccount.values()) yield* claims;
  }
}

/** What is wrong with a claim about the account as it was folded; undefined when it is right. */
export function faultOf(claim: CheckpointClaim, account: Account, hash: string): string | undefined {
  if (claim.accountHash !== hash) return `it names another hash than that of revision ${claim.accountRevision}`;
  if (claim.stateDigest !== digestOf(toSnapshot(account)))
    return `its state is not what the events up to revision ${claim.accountRevision} come to`;
  return undefined;
}

/** Snapshots have a fixed key order: equal states have equal texts. */
function digestOf(state: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([state]))
    .digest('base64url');
}
