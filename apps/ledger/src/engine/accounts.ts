import { doneKey } from '@meterbook/domain/account/account';
import type { AccountEvent } from '@meterbook/domain/account/events';
import type { WalletRecharged } from '@meterbook/domain/account/wallet/events';
import { eventAt } from '@meterbook/books/account-stream';
import { decodeEvent } from '@meterbook/books/event-codec';
import type { FoundCharge } from '@meterbook/domain/account/charging/reverse';
import type { EventStore, NewEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import { AccountCache } from './account-cache';
import { AccountLoader } from './account-loader';
import { Checkpoints } from './checkpoints';
import { DamagedAccounts } from './damaged-accounts';
import type { IdentityKey } from './identity-key';
import type { LoadedAccount } from './loaded-account';
import { UsageIdentities } from './usage-identities';

export interface AccountsLimits {
  /** Bytes of account states kept in memory, about. */
  readonly maxBytes: number;
  /** Charges of an account after which its state and their identities become a checkpoint. */
  readonly checkpointEvery: number;
}

/** An account whose folded tail has grown to this many checkpoints' worth is read anew from its latest checkpoint. */
const STALE_AFTER_CHECKPOINTS = 4;

/** Accounts as their streams say: those in memory, and the others read from the store. */
export class Accounts {
  readonly cache: AccountCache;
  readonly checkpoints: Checkpoints;
  readonly identities: UsageIdentities;
  private readonly loader: AccountLoader;

  constructor(
    private readonly store: EventStore,
    private readonly limits: AccountsLimits,
    clock: Clock,
    /** Shared by those of one process that answer for the same accounts. */
    readonly damaged = new DamagedAccounts(clock),
  ) {
    this.cache = new AccountCache(limits.maxBytes);
    this.checkpoints = new Checkpoints(store, limits.checkpointEvery);
    this.identities = new UsageIdentities(store, this.checkpoints, this.cache, clock);
    this.loader = new AccountLoader(store, this.checkpoints, clock);
  }

  /**
   * The account as it was last known here, read from the store where it is not in memory. It may be behind its stream. Throws
   * `StreamDamaged`.
   */
  load(stream: string): LoadedAccount | Promise<LoadedAccount> {
    return this.cache.get(stream) ?? this.read(stream);
  }

  /** The account as of its stream's head. Throws `StreamDamaged`. */
  async confirmed(stream: string): Promise<LoadedAccount> {
    const account = await this.load(stream);
    const head = await this.store.head(stream).catch((error: unknown) => this.damage(stream, error));
    return head === 'no-stream' || head === account.revision ? account : this.refresh(account);
  }

  /** Folds what was appended since. Throws `StreamDamaged`. */
  async refresh(account: LoadedAccount): Promise<LoadedAccount> {
    const { stream } = account;
    await this.loader.foldTail(account).catch((error: unknown) => this.damage(stream, error));
    this.cache.measure(account);
    if (!this.isStale(account)) return account;
    this.forget(stream);
    return this.read(stream);
  }

  /** Lets go of what is known, for example after an append of unknown outcome. */
  forget(stream: string): void {
    this.cache.remove(stream);
  }

  /** Notes that a stream cannot be read, and throws why; any other error goes on as it is. */
  damage(stream: string, error: unknown): never {
    this.forget(stream);
    if (error instanceof StreamDamaged) this.damaged.note(stream, error);
    throw error;
  }

  /**
   * Folds events that were appended from here, the first of them at a revision; whoever read meanwhile may have folded them.
   * `keys` are those of the charges of the first of them, where they are known already.
   */
  advance(
    account: LoadedAccount,
    firstRevision: number,
    events: readonly AccountEvent[],
    encoded: readonly NewEvent[],
    keys?: readonly IdentityKey[],
  ): void {
    for (const [i, event] of events.entries())
      if (firstRevision + i > account.revision)
        account.fold(event, firstRevision + i, encoded[i]?.hash ?? '', i === 0 ? keys : undefined);
    this.cache.measure(account);
  }

  /** The charge of a usage identity, however long ago, as of what is loaded. */
  findCharge(account: LoadedAccount, source: string, id: string): Promise<FoundCharge | undefined> {
    return this.identities.findCharge(account, source, id);
  }

  /** The recharge of an id as of what is loaded; undefined where the account has none. */
  async findRecharge({ stream, account }: LoadedAccount, rechargeId: string): Promise<WalletRecharged | undefined> {
    const done = account?.done?.get(doneKey('recharge', rechargeId));
    if (done === undefined) return undefined;
    const event = decodeEvent<AccountEvent>(await eventAt(this.store, stream, done.revision));
    if (event.type !== 'WalletRecharged') throw new Error(`${stream} has no recharge at ${done.revision}`);
    return event;
  }

  /** Without checkpoints there is nothing to gain from reading anew; whether there are some by now is seen each time the tail has doubled. */
  private isStale({ remembersAll, recent, recentWhenRead }: LoadedAccount): boolean {
    const longTail = Math.max(this.limits.checkpointEvery * STALE_AFTER_CHECKPOINTS, recentWhenRead * 2);
    return !remembersAll && recent.size > longTail;
  }

  private async read(stream: string): Promise<LoadedAccount> {
    const damage = this.damaged.current(stream);
    if (damage) throw damage;
    const account = await this.loader.read(stream).catch((error: unknown) => this.damage(stream, error));
    this.damaged.mended(stream);
    return this.cache.keep(account);
  }
}
