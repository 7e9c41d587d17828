import type { Account } from '@meterbook/domain/account/account';
import type { AccountCheckpointed } from '@meterbook/domain/account/checkpoint';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { evolve } from '@meterbook/domain/account/evolve';
import { fromSnapshot } from '@meterbook/domain/account/snapshot';
import { accountStream, checkpointStream, type AccountName } from './account-stream';
import { decodeEvent } from './event-codec';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { StoreUnavailable } from '@meterbook/event-store/store-failure';

/** Where an event stands in its account's history. */
export interface Place {
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly bookedAt: number;
}

/** An event that is not what those before it come to. */
export interface StatementFault {
  readonly revision: number;
  readonly detail: string;
}

/** An account as its first events made it, and those that follow. */
export interface AccountThen {
  /** Undefined where the first event has yet to come. */
  readonly account: Account | undefined;
  /** The event that comes next; undefined after the last. */
  readonly next: StoredEvent | undefined;
  /** What comes after that one. */
  readonly rest: AsyncIterator<StoredEvent>;
  /** Where the account cannot be what its events say; nothing is known of what comes after. */
  readonly fault: StatementFault | undefined;
}

/** Reads an account's stream from any place on, and never more of what is before it than there is behind a checkpoint. */
export class AccountHistory {
  private readonly stream: string;

  constructor(
    private readonly store: EventStore,
    name: AccountName,
  ) {
    this.stream = accountStream(name);
  }

  /** The account as of the last event that is before; whoever reads on ends `rest`. */
  async upTo(isBefore: (place: Place) => boolean): Promise<AccountThen> {
    let account = await this.checkpointUpTo(isBefore);
    const events = this.store.read(this.stream, account ? account.revision + 1 : 'start', 'forward');
    const rest = events[Symbol.asyncIterator]();
    for (;;) {
      const read = await rest.next();
      const next = read.done === true ? undefined : read.value;
      if (!next || !isBefore(next)) return { account, next, rest, fault: undefined };
      try {
        account = evolve(account, decodeEvent<AccountEvent>(next), next.revision);
      } catch (error) {
        return { account, next, rest, fault: faultOf(next, error) };
      }
    }
  }

  /** The same where nobody reads on. */
  async at(isBefore: (place: Place) => boolean): Promise<Pick<AccountThen, 'account' | 'fault'>> {
    const { account, rest, fault } = await this.upTo(isBefore);
    await rest.return?.();
    return { account, fault };
  }

  /** Checkpoints are derived: one that cannot be read costs time and nothing else. */
  private async checkpointUpTo(isBefore: (place: Place) => boolean): Promise<Account | undefined> {
    try {
      const newest = await this.newestCheckpoint(isBefore);
      return newest === undefined ? undefined : await this.readableFrom(newest);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      return undefined;
    }
  }

  /** The revision of the newest checkpoint of what is before. Both only rise along their stream, so half of them are left out at a time. */
  private async newestCheckpoint(isBefore: (place: Place) => boolean): Promise<number | undefined> {
    const checkpoints = checkpointStream(this.stream);
    const head = await this.store.head(checkpoints);
    if (head === 'no-stream') return undefined;
    let newest: number | undefined;
    for (let low = 0, high = head; low <= high;) {
      const middle = Math.floor((low + high) / 2);
      const stored = await this.firstFrom(checkpoints, middle);
      if (!stored) high = middle - 1;
      else if (isBefore(placeOf(stored))) [newest, low] = [stored.revision, stored.revision + 1];
      else high = middle - 1;
    }
    return newest;
  }

  /** The first event at a revision or later: those before it may have been thrown away. */
  private async firstFrom(stream: string, revision: number): Promise<StoredEvent | undefined> {
    for await (const stored of this.store.read(stream, revision, 'forward')) return stored;
    return undefined;
  }

  /** One of a later version is passed over. */
  private async readableFrom(revision: number): Promise<Account | undefined> {
    for await (const stored of this.store.read(checkpointStream(this.stream), revision, 'backward')) {
      const account = fromSnapshot(decodeEvent<AccountCheckpointed>(stored).state);
      if (account) return account;
    }
    return undefined;
  }
}

/** What a checkpoint is of: the account after a revision, whose event was booked no later than it. */
function placeOf(checkpoint: StoredEvent): Place {
  return { revision: decodeEvent<AccountCheckpointed>(checkpoint).revision, bookedAt: checkpoint.bookedAt };
}

export function faultOf({ revision }: StoredEvent, error: unknown): StatementFault {
  return { revision, detail: error instanceof Error ? error.message : String(error) };
}
