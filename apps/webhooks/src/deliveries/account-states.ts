import type { Account } from '@meterbook/domain/account/account';
import { evolve } from '@meterbook/domain/account/evolve';
import { decodeAccountEvent } from '@meterbook/books/account-event';
import { AccountHistory } from '@meterbook/books/account-history';
import { accountStream, type AccountName } from '@meterbook/books/account-stream';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';

/** Accounts whose state is kept in memory. */
const MAX_STATES = 2_000;

interface Kept {
  account: Account | undefined;
  /** −1 before the first event. */
  revision: number;
}

/** Accounts as they were at any of their events, read from their streams; the most recently used ones are kept. */
export class AccountStates {
  private readonly kept = new Map<string, Kept>();

  constructor(private readonly store: EventStore) {}

  /** The account before the event at a revision; undefined where that one opens it. It is lent until the next call. Throws `StreamDamaged`. */
  async before(name: AccountName, revision: number): Promise<Account | undefined> {
    const stream = accountStream(name);
    const kept = this.kept.get(stream);
    this.kept.delete(stream);
    const state = kept && kept.revision < revision ? kept : await this.loaded(name, revision);
    if (state.revision < revision - 1) await this.readOn(stream, state, revision);
    if (state.revision !== revision - 1) throw new StreamDamaged(stream, `it has no revision ${revision - 1}`);
    this.keep(stream, state);
    return state.account;
  }

  /** The account after an event whose revision `before` was asked for. Throws `StreamDamaged`. */
  after(stored: StoredEvent): Account {
    const state = this.kept.get(stored.stream);
    if (!state || state.revision !== stored.revision - 1) throw new Error(`${stored.stream} was not read up to there`);
    try {
      return take(state, stored);
    } catch (error) {
      this.kept.delete(stored.stream);
      throw error;
    }
  }

  /** The account as it was read last, else as of the head of its stream; undefined where there is none. Throws `StreamDamaged`. */
  async latest(name: AccountName): Promise<Account | undefined> {
    return this.kept.get(accountStream(name))?.account ?? (await this.now(name));
  }

  /** The account as of the head of its stream; undefined where there is none. Throws `StreamDamaged`. */
  async now(name: AccountName): Promise<Account | undefined> {
    const { account, fault } = await new AccountHistory(this.store, name).at(() => true);
    if (fault) throw new StreamDamaged(accountStream(name), fault.detail);
    return account;
  }

  private async readOn(stream: string, state: Kept, revision: number): Promise<void> {
    for await (const stored of this.store.read(stream, state.revision + 1, 'forward')) {
      if (stored.revision >= revision) return;
      take(state, stored);
    }
  }

  private async loaded(name: AccountName, revision: number): Promise<Kept> {
    const { account, fault } = await new AccountHistory(this.store, name).at((place) => place.revision < revision);
    if (fault) throw new StreamDamaged(accountStream(name), fault.detail);
    return { account, revision: account?.revision ?? -1 };
  }

  private keep(stream: string, state: Kept): void {
    this.kept.set(stream, state);
    if (this.kept.size <= MAX_STATES) return;
    const oldest = this.kept.keys().next();
    if (!oldest.done) this.kept.delete(oldest.value);
  }
}

function take(state: Kept, stored: StoredEvent): Account {
  const { stream, revision } = stored;
  const account = folded(stream, () => evolve(state.account, decodeAccountEvent(stored), revision));
  state.account = account;
  state.revision = revision;
  return account;
}
