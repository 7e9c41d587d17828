import type { Account } from '@meterbook/domain/account/account';
import type { AccountCheckpointed } from '@meterbook/domain/account/checkpoint';
import { decodeAccountEvent } from '@meterbook/books/account-event';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { chainHash } from '@meterbook/event-store/hash-chain';
import type { Clock } from '@meterbook/runtime/clock';
import { ownText } from '@meterbook/runtime/own-text';
import { Turns } from '@meterbook/runtime/turns';
import type { Checkpoints } from './checkpoints';
import { LoadedAccount } from './loaded-account';

/** A stream of at most this many events is read whole rather than from its checkpoint. */
const FEW_EVENTS = 64;

/**
 * Reads accounts from their streams, from the newest checkpoint on where there is one. It proves the chain of what it reads, and
 * throws `StreamDamaged` where an event cannot be read, does not follow the one before it, or cannot be.
 */
export class AccountLoader {
  constructor(
    private readonly store: EventStore,
    private readonly checkpoints: Checkpoints,
    private readonly clock: Clock,
  ) {}

  async read(stream: string): Promise<LoadedAccount> {
    const account = (await this.readWhole(stream)) ?? (await this.readFromCheckpoint(stream));
    account.recentWhenRead = account.recent.size;
    return account;
  }

  /** Folds what was appended since. */
  async foldTail(account: LoadedAccount): Promise<void> {
    const from = account.revision < 0 ? 'start' : account.revision + 1;
    const turns = new Turns(this.clock);
    for await (const stored of this.store.read(account.stream, from, 'forward')) {
      // Others may fold the same account while this waits for the store.
      if (stored.revision > account.revision) foldStored(account, stored);
      await turns.next();
    }
  }

  /** An account of a few events in one reading; undefined where there are more, or so many charges that there may be a checkpoint. */
  private async readWhole(stream: string): Promise<LoadedAccount | undefined> {
    const newestFirst: StoredEvent[] = [];
    for await (const stored of this.store.read(stream, 'end', 'backward')) {
      if (stored.revision >= FEW_EVENTS) return undefined;
      newestFirst.push(stored);
    }
    const account = new LoadedAccount(stream);
    for (const stored of newestFirst.reverse()) foldStored(account, stored);
    return this.checkpoints.isDue(account) ? undefined : account;
  }

  private async readFromCheckpoint(stream: string): Promise<LoadedAccount> {
    const account = new LoadedAccount(stream);
    const newest = await this.checkpoints.newest(stream);
    account.checkpoint = newest.revision;
    account.withoutCheckpoints = newest.kind === 'lost';
    if (newest.kind === 'read' && (await this.foldFrom(account, newest.checkpoint, newest.state))) {
      account.checkpointsFrom = newest.revision + 1;
      account.knownSince = Infinity;
      return account;
    }
    account.remembersAll = newest.kind !== 'none';
    await this.foldTail(account);
    return account;
  }

  /** Takes a checkpoint's state and folds what follows; nothing where its revision is not the event that it names. */
  private async foldFrom(account: LoadedAccount, checkpoint: AccountCheckpointed, state: Account): Promise<boolean> {
    const { stream } = account;
    for await (const stored of this.store.read(stream, checkpoint.revision, 'forward')) {
      if (stored.revision !== checkpoint.revision || stored.hash !== checkpoint.hash) return false;
      account.account = state;
      account.revision = checkpoint.revision;
      account.hash = checkpoint.hash;
      break;
    }
    if (account.revision < 0) return false;
    await this.foldTail(account);
    return true;
  }
}

function foldStored(account: LoadedAccount, stored: StoredEvent): void {
  const { stream, revision, type, data, metadata } = stored;
  folded(stream, () => {
    if (chainHash(account.hash, stream, revision, type, metadata, data) !== stored.hash)
      throw new Error(`the hash at revision ${revision} does not follow from the event before it`);
    account.fold(decodeAccountEvent(stored), revision, ownText(stored.hash));
  });
}
