import type { Account } from '@meterbook/domain/account/account';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { evolve } from '@meterbook/domain/account/evolve';
import { chainStart } from '@meterbook/event-store/hash-chain';
import type { IdentityFilter } from './identity-filter';
import { identityKey, type IdentityKey } from './identity-key';
import { RecentIdentities } from './recent-identities';

/** Bytes that an account's state takes in memory, about, before its lots, ids and identities. */
const BASE_BYTES = 1500;
const BYTES_PER_LOT = 180;
const BYTES_PER_ID = 150;

/** An account in memory: its state at the last revision known here, and which usage identities it was charged for. */
export class LoadedAccount {
  /** Undefined until the account was opened. */
  account: Account | undefined;
  /** Last revision folded; −1 for a stream that does not exist. */
  revision = -1;
  /** Hash of the event at that revision. */
  hash = chainStart;
  /** Identities since the last checkpoint. */
  recent = new RecentIdentities();
  /** How many of them there were when the account was read from the store. */
  recentWhenRead = 0;
  /** Identities in the checkpoints that were read, by their revision; null where there are none. */
  filter: IdentityFilter | null = null;
  /** Last revision of the checkpoint stream, which the next checkpoint follows; −1 for none. */
  checkpoint = -1;
  /** Every identity is in `recent`, because a checkpoint that would hold some cannot be read. */
  remembersAll = false;
  /** No checkpoint of it can be written, since its stream is lost or the state is too large. */
  withoutCheckpoints = false;
  /** Checkpoints below this revision were not read, since all were booked before `knownSince`. */
  checkpointsFrom = 0;
  /** Identities booked at this instant or later are known, milliseconds since 1970. */
  knownSince = -Infinity;
  /** Under way: reading the identities of older checkpoints. */
  learning: Promise<void> | null = null;
  /** The round of the writer that used it last. */
  usedInRound = 0;
  /** Bytes that the cache has counted for it. */
  countedBytes = 0;

  constructor(readonly stream: string) {}

  /** Bytes of memory it takes, about. */
  get bytes(): number {
    const state = this.account ? bytesOf(this.account) : 0;
    return BASE_BYTES + this.recent.bytes + (this.filter?.bytes ?? 0) + state;
  }

  keyOf(source: string, id: string): IdentityKey {
    return identityKey(this.stream, source, id);
  }

  /** Takes in the next event of the stream; the keys of its charges where they are known already, in their order. */
  fold(event: AccountEvent, revision: number, hash: string, keys?: readonly IdentityKey[]): void {
    if (revision !== this.revision + 1)
      throw new Error(`${this.stream}: revision ${revision} does not follow ${this.revision}`);
    this.account = evolve(this.account, event, revision);
    this.revision = revision;
    this.hash = hash;
    if (event.type === 'UsageCharged') this.remember(event, revision, keys);
  }

  private remember(
    { charges }: Extract<AccountEvent, { readonly type: 'UsageCharged' }>,
    revision: number,
    keys: readonly IdentityKey[] | undefined,
  ): void {
    for (const [index, { source, id, digest }] of charges.entries())
      this.recent.add(keys?.[index] ?? this.keyOf(source, id), revision, index, digest);
  }
}

/** What grows with an account's life. */
function bytesOf({ lots, done, reversed, standing, payments, settledHolds }: Account): number {
  let ids = 0;
  for (const kept of [done, reversed, standing.keys, payments?.claimed, payments?.disputes]) ids += kept?.size ?? 0;
  return lots.length * BYTES_PER_LOT + (ids + (settledHolds?.length ?? 0)) * BYTES_PER_ID;
}
