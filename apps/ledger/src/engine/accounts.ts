import type { Account } from '@meterbook/domain/account/account';
import type { AccountCheckpointed } from '@meterbook/domain/account/checkpoint';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { fromSnapshot, toSnapshot } from '@meterbook/domain/account/snapshot';
import { decodeEvent, encodeEvent } from '@meterbook/books/event-codec';
import type { EventStore, StoredEvent, StreamAppend } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { chargeAt, checkpointStream, eventAt, type FoundCharge } from '@meterbook/books/account-stream';
import { IdentityFilter } from './identity-filter';
import { LoadedAccount } from './loaded-account';
import { PackedIdentities, type ChargedAt } from './recent-identities';

export interface AccountsLimits {
  /** Bytes of account states kept in memory, about. */
  readonly maxBytes: number;
  /** Charges of an account after which its state and their identities become a checkpoint. */
  readonly checkpointEvery: number;
}

/** An account whose folded tail has grown to this many checkpoints' worth is read anew from its latest checkpoint. */
const staleAfterCheckpoints = 4;
/** A stream of at most this many events is read whole rather than from its checkpoint. */
const fewEvents = 64;
/** Share of the limit that one clean-up frees. */
const evictedShare = 0.1;
/** Rounds for which a used account is spared by a clean-up. */
const sparedRounds = 8;

/** Accounts as their streams say, kept in memory up to a limit; the least recently used are let go. */
export class Accounts {
  private readonly loaded = new Map<string, LoadedAccount>();
  private bytes = 0;
  private round = 0;

  constructor(
    private readonly store: EventStore,
    private readonly limits: AccountsLimits,
  ) {}

  get inMemory(): { readonly accounts: number; readonly bytes: number } {
    return { accounts: this.loaded.size, bytes: this.bytes };
  }

  /** Marks the start of a round of work: what was used in the last few rounds is not let go. */
  startRound(): void {
    this.round += 1;
    if (this.bytes > this.limits.maxBytes) this.evict();
  }

  /** The account as it was last known here, read from the store where it is not in memory. It may be behind its stream. */
  load(stream: string): LoadedAccount | Promise<LoadedAccount> {
    const known = this.loaded.get(stream);
    if (!known) return this.read(stream);
    known.usedInRound = this.round;
    return known;
  }

  /** The account as of its stream's head. */
  async confirmed(stream: string): Promise<LoadedAccount> {
    const account = await this.load(stream);
    const head = await this.store.head(stream);
    return head === 'no-stream' || head === account.revision ? account : this.refresh(account);
  }

  /** Folds what was appended since. */
  async refresh(account: LoadedAccount): Promise<LoadedAccount> {
    const before = account.bytes;
    await this.foldTail(account);
    this.bytes += account.bytes - before;
    if (account.recent.size <= this.limits.checkpointEvery * staleAfterCheckpoints) return account;
    this.forget(account.stream);
    return this.read(account.stream);
  }

  /** Lets go of what is known, for example after an append of unknown outcome. */
  forget(stream: string): void {
    const account = this.loaded.get(stream);
    if (!account) return;
    this.bytes -= account.bytes;
    this.loaded.delete(stream);
  }

  /** Folds events that were appended from here, the first of them at a revision; whoever read meanwhile may have folded them. */
  advance(
    account: LoadedAccount,
    firstRevision: number,
    events: readonly { readonly event: AccountEvent; readonly hash: string }[],
  ): void {
    const before = account.bytes;
    for (const [i, { event, hash }] of events.entries())
      if (firstRevision + i > account.revision) account.fold(event, firstRevision + i, hash);
    this.bytes += account.bytes - before;
  }

  /**
   * Where a usage identity was charged, of those booked at `since` (milliseconds) or later. Synchronous wherever memory can
   * tell; only a filter's "perhaps", or a look further back than was read, asks the store.
   */
  findIdentity(
    account: LoadedAccount,
    source: string,
    id: string,
    since: number,
  ): ChargedAt | undefined | Promise<ChargedAt | undefined> {
    const key = account.keyOf(source, id);
    const recent = account.recent.find(key);
    if (recent || account.checkpoint < 0) return recent;
    if (since < account.knownSince)
      return this.learnSince(account, since).then(() => this.findIdentity(account, source, id, since));
    const segments = account.filter?.perhaps(key) ?? [];
    if (segments.length === 0) return undefined;
    return this.findInCheckpoints(account, segments, source, id);
  }

  /** The charge of a usage identity, however long ago, as of what is loaded. */
  async findCharge(account: LoadedAccount, source: string, id: string): Promise<FoundCharge | undefined> {
    const key = account.keyOf(source, id);
    let place = account.recent.find(key);
    if (!place && account.checkpoint >= 0)
      for await (const stored of this.store.read(checkpointStream(account.stream), account.checkpoint, 'backward')) {
        place = new PackedIdentities(decodeEvent<AccountCheckpointed>(stored).identities).find(key);
        if (place) break;
      }
    return place && chargeAt(this.store, account.stream, place.revision, place.index);
  }

  needsCheckpoint(account: LoadedAccount): boolean {
    return account.recent.size >= this.limits.checkpointEvery;
  }

  /** The next checkpoint of an account as it stands now. */
  async checkpointOf(account: LoadedAccount): Promise<StreamAppend> {
    const stream = checkpointStream(account.stream);
    const revision = account.checkpoint + 1;
    const previousHash = revision === 0 ? chainStart : (await eventAt(this.store, stream, account.checkpoint)).hash;
    const event: AccountCheckpointed = {
      type: 'AccountCheckpointed',
      revision: account.revision,
      hash: account.hash,
      state: toSnapshot(opened(account)),
      identities: account.recent.pack(),
    };
    const expectedRevision = revision === 0 ? 'no-stream' : account.checkpoint;
    return {
      stream,
      expectedRevision,
      events: [encodeEvent(stream, revision, previousHash, event, { actor: 'ledger' })],
    };
  }

  /** Notes that the checkpoint was appended: its identities move from memory to the filter in front of it. */
  checkpointed(account: LoadedAccount, append: StreamAppend): void {
    const before = account.bytes;
    const stored = append.events[0];
    if (!stored) throw new Error(`${append.stream}: an empty checkpoint`);
    account.checkpoint += 1;
    this.addToFilter(account, account.checkpoint, decodeEvent<AccountCheckpointed>(stored));
    account.recent.clear();
    this.bytes += account.bytes - before;
  }

  private async read(stream: string): Promise<LoadedAccount> {
    const account = (await this.readWhole(stream)) ?? (await this.readFromCheckpoint(stream));
    account.usedInRound = this.round;
    const other = this.loaded.get(stream);
    if (other) return other;
    this.loaded.set(stream, account);
    this.bytes += account.bytes;
    return account;
  }

  /** An account of a few events in one reading; undefined where there are more, or so many charges that there may be a checkpoint. */
  private async readWhole(stream: string): Promise<LoadedAccount | undefined> {
    const newestFirst: StoredEvent[] = [];
    for await (const stored of this.store.read(stream, 'end', 'backward')) {
      if (stored.revision >= fewEvents) return undefined;
      newestFirst.push(stored);
    }
    const account = new LoadedAccount(stream);
    for (const stored of newestFirst.reverse())
      account.fold(decodeEvent<AccountEvent>(stored), stored.revision, copyOf(stored.hash));
    return this.needsCheckpoint(account) ? undefined : account;
  }

  private async readFromCheckpoint(stream: string): Promise<LoadedAccount> {
    const account = new LoadedAccount(stream);
    for await (const stored of this.store.read(checkpointStream(stream), 'end', 'backward')) {
      account.checkpoint = Math.max(account.checkpoint, stored.revision);
      const checkpoint = decodeEvent<AccountCheckpointed>(stored);
      const state = fromSnapshot(checkpoint.state);
      // Written by a later version: an older checkpoint may do, or the stream itself.
      if (!state) continue;
      account.account = state;
      account.revision = checkpoint.revision;
      account.hash = checkpoint.hash;
      account.checkpointsFrom = stored.revision + 1;
      account.knownSince = Infinity;
      break;
    }
    await this.foldTail(account);
    return account;
  }

  private async foldTail(account: LoadedAccount): Promise<void> {
    const from = account.revision < 0 ? 'start' : account.revision + 1;
    for await (const stored of this.store.read(account.stream, from, 'forward'))
      // Others may fold the same account while this waits for the store.
      if (stored.revision > account.revision)
        account.fold(decodeEvent<AccountEvent>(stored), stored.revision, copyOf(stored.hash));
  }

  /** Reads on for everybody who waits for it at once. */
  private learnSince(account: LoadedAccount, since: number): Promise<void> {
    account.learning ??= this.readIdentities(account, since).finally(() => {
      account.learning = null;
    });
    return account.learning;
  }

  /** Puts the identities of every checkpoint booked at `since` or later into the filter. */
  private async readIdentities(account: LoadedAccount, since: number): Promise<void> {
    const before = account.bytes;
    const next = account.checkpointsFrom - 1;
    let knownSince = -Infinity;
    if (next >= 0)
      for await (const stored of this.store.read(checkpointStream(account.stream), next, 'backward')) {
        if (stored.bookedAt < since) {
          knownSince = stored.bookedAt + 1;
          break;
        }
        this.addToFilter(account, stored.revision, decodeEvent<AccountCheckpointed>(stored));
        account.checkpointsFrom = stored.revision;
      }
    account.knownSince = Math.min(account.knownSince, knownSince);
    this.bytes += account.bytes - before;
  }

  private addToFilter(account: LoadedAccount, segment: number, checkpoint: AccountCheckpointed): void {
    account.filter ??= new IdentityFilter();
    for (const key of new PackedIdentities(checkpoint.identities).keys()) account.filter.add(segment, key);
  }

  private async findInCheckpoints(
    account: LoadedAccount,
    segments: readonly number[],
    source: string,
    id: string,
  ): Promise<ChargedAt | undefined> {
    const key = account.keyOf(source, id);
    for (const segment of segments) {
      const { identities } = decodeEvent<AccountCheckpointed>(
        await eventAt(this.store, checkpointStream(account.stream), segment),
      );
      const found = new PackedIdentities(identities).find(key);
      if (found) return found;
    }
    return undefined;
  }

  private evict(): void {
    const target = this.limits.maxBytes * (1 - evictedShare);
    let rest = this.loaded.size;
    for (const [stream, account] of this.loaded) {
      if (this.bytes <= target || rest-- === 0) return;
      this.loaded.delete(stream);
      // Used lately: it goes to the end of the line, so that a long run of such accounts is passed only once.
      if (account.usedInRound > this.round - sparedRounds) this.loaded.set(stream, account);
      else this.bytes -= account.bytes;
    }
  }
}

/** A text of its own: a slice would keep the whole record it was cut from in memory. */
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function opened({ stream, account }: LoadedAccount): Account {
  if (!account) throw new Error(`${stream} was never opened`);
  return account;
}
