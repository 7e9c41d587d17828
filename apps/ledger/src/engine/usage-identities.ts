import { decodeAccountEvent } from '@meterbook/books/account-event';
import type { FoundCharge } from '@meterbook/domain/account/charging/reverse';
import { chargeAt } from '@meterbook/books/account-stream';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore, NewEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import { Turns } from '@meterbook/runtime/turns';
import type { AccountCache } from './account-cache';
import { identitiesIn, type Checkpoints } from './checkpoints';
import { IdentityFilter } from './identity-filter';
import type { IdentityKey } from './identity-key';
import type { LoadedAccount } from './loaded-account';
import { RecentIdentities, type ChargedAt, type PackedIdentities } from './recent-identities';

/** Which usage an account was charged for, and where: in memory since the last checkpoint, in the checkpoints before that. */
export class UsageIdentities {
  constructor(
    private readonly store: EventStore,
    private readonly checkpoints: Checkpoints,
    private readonly cache: AccountCache,
    private readonly clock: Clock,
  ) {}

  /**
   * Where an identity was charged, of those booked at `since` (milliseconds) or later. Synchronous wherever memory can tell;
   * only a filter's "perhaps", or a look further back than was read, asks the store.
   */
  find(
    account: LoadedAccount,
    key: IdentityKey,
    since: number,
  ): ChargedAt | undefined | Promise<ChargedAt | undefined> {
    const recent = account.recent.find(key);
    if (recent || account.checkpoint < 0 || account.remembersAll) return recent;
    if (since < account.knownSince) return this.learnSince(account, since).then(() => this.find(account, key, since));
    const segments = account.filter?.perhaps(key) ?? [];
    return segments.length === 0 ? undefined : this.findInCheckpoints(account, segments, key);
  }

  /** The charge of a usage identity, however long ago, as of what is loaded. */
  async findCharge(account: LoadedAccount, source: string, id: string): Promise<FoundCharge | undefined> {
    const at = await this.find(account, account.keyOf(source, id), -Infinity);
    return at && chargeAt(this.store, account.stream, at.revision, at.index);
  }

  /** Moves what a checkpoint holds, which was appended just now, from memory to the filter in front of it. */
  checkpointed(account: LoadedAccount, events: readonly NewEvent[]): void {
    if (account.remembersAll) {
      account.remembersAll = false;
      account.filter = null;
      account.checkpointsFrom = account.checkpoint + 1;
      account.knownSince = -Infinity;
    }
    for (const stored of events) {
      account.checkpoint += 1;
      addToFilter(account, account.checkpoint, identitiesIn(stored));
    }
    account.recent.clear();
    this.cache.measure(account);
  }

  /** Reads on for everybody who waits for it at once. */
  private learnSince(account: LoadedAccount, since: number): Promise<void> {
    account.learning ??= this.readSince(account, since)
      .catch((error: unknown) => this.rememberAll(account, error))
      .finally(() => {
        account.learning = null;
        this.cache.measure(account);
      });
    return account.learning;
  }

  /** Puts the identities of every checkpoint booked at `since` or later into the filter. */
  private async readSince(account: LoadedAccount, since: number): Promise<void> {
    let knownSince = -Infinity;
    const turns = new Turns(this.clock);
    const next = account.checkpointsFrom - 1;
    if (next >= 0)
      for await (const { revision, bookedAt, identities } of this.checkpoints.downFrom(account.stream, next)) {
        if (bookedAt < since) {
          knownSince = bookedAt + 1;
          break;
        }
        addToFilter(account, revision, identities);
        account.checkpointsFrom = revision;
        await turns.next();
      }
    account.knownSince = Math.min(account.knownSince, knownSince);
  }

  private async findInCheckpoints(
    account: LoadedAccount,
    segments: readonly number[],
    key: IdentityKey,
  ): Promise<ChargedAt | undefined> {
    try {
      for (const segment of segments)
        for await (const { identities } of this.checkpoints.downFrom(account.stream, segment)) {
          const found = identities.find(key);
          if (found) return found;
          break;
        }
      return undefined;
    } catch (error) {
      await this.rememberAll(account, error);
      return account.recent.find(key);
    }
  }

  /** Where a checkpoint cannot be read, the account's own stream tells all the same. */
  private async rememberAll(account: LoadedAccount, error: unknown): Promise<void> {
    if (!(error instanceof StreamDamaged)) throw error;
    const all = new RecentIdentities();
    let last = -1;
    const turns = new Turns(this.clock);
    // Others may fold more of the account while this waits for the store.
    while (last < account.revision)
      for await (const stored of this.store.read(account.stream, last + 1, 'forward')) {
        if (stored.revision > account.revision) break;
        last = stored.revision;
        await turns.next();
        const event = folded(account.stream, () => decodeAccountEvent(stored));
        if (event.type !== 'UsageCharged') continue;
        for (const [index, { source, id, digest }] of event.charges.entries())
          all.add(account.keyOf(source, id), last, index, digest);
      }
    account.recent = all;
    account.remembersAll = true;
    account.filter = null;
    this.cache.measure(account);
  }
}

function addToFilter(account: LoadedAccount, segment: number, identities: PackedIdentities): void {
  account.filter ??= new IdentityFilter();
  for (const key of identities.keys()) account.filter.add(segment, key);
}
