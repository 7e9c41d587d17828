import type { Account } from '@meterbook/domain/account/account';
import type { AccountCheckpointed } from '@meterbook/domain/account/checkpoint';
import { fromSnapshot, toSnapshot } from '@meterbook/domain/account/snapshot';
import { checkpointStream, eventAt } from '@meterbook/books/account-stream';
import { decodeEvent, encodeEvent, isTooLarge } from '@meterbook/books/event-codec';
import type { EventStore, NewEvent, StoredEvent, StreamAppend } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { LoadedAccount } from './loaded-account';
import { PackedIdentities } from './recent-identities';

/** Identities in one checkpoint, at the most: 430 kB of it. */
const MAX_IDENTITIES = 10_000;

/** A checkpoint, and the account that it holds. */
interface Checkpoint {
  readonly checkpoint: AccountCheckpointed;
  readonly state: Account;
}

/** What a checkpoint stream has to offer to who loads the account. */
export type NewestCheckpoint =
  | { readonly kind: 'none'; readonly revision: -1 }
  | ({ readonly kind: 'read'; readonly revision: number } & Checkpoint)
  /** The newest one cannot be read, or is of a format from the future: the account's own stream tells the same. */
  | { readonly kind: 'unreadable'; readonly revision: number }
  /** The stream can neither be read nor written. */
  | { readonly kind: 'lost'; readonly revision: -1 };

/** Accounts without checkpoints that are remembered, and so told of once each and counted. */
const MAX_NAMED_ACCOUNTS = 10_000;

/** Told of an account whose state is larger than a store takes: its stream, and the bytes that its checkpoint would have. */
export type TooLargeListener = (stream: string, bytes: number) => void;

/** The checkpoints of accounts: derived from their streams, so one that is lost or damaged is no fault and no loss. */
export class Checkpoints {
  private readonly tooLarge = new Set<string>();
  private readonly listeners: TooLargeListener[] = [];

  constructor(
    private readonly store: EventStore,
    /** Charges of an account after which its state and their identities become a checkpoint. */
    private readonly every: number,
  ) {}

  /** Accounts that were met whose state is larger than a store takes. */
  get tooLargeCount(): number {
    return this.tooLarge.size;
  }

  whenTooLarge(listener: TooLargeListener): void {
    this.listeners.push(listener);
  }

  isDue(account: LoadedAccount): boolean {
    return account.recent.size >= this.every && !account.withoutCheckpoints;
  }

  async newest(stream: string): Promise<NewestCheckpoint> {
    try {
      for await (const stored of this.store.read(checkpointStream(stream), 'end', 'backward'))
        return { revision: stored.revision, ...readable(stored) };
      return { kind: 'none', revision: -1 };
    } catch (error) {
      if (error instanceof StreamDamaged) return { kind: 'lost', revision: -1 };
      throw error;
    }
  }

  /** Checkpoints from a revision down, as far as they can be read; throws `StreamDamaged` where one cannot. */
  async *downFrom(stream: string, revision: number): AsyncIterable<ReadCheckpoint> {
    for await (const stored of this.store.read(checkpointStream(stream), revision, 'backward')) {
      const identities = identitiesOf(stored);
      if (!identities) throw new StreamDamaged(stored.stream, `revision ${stored.revision} is no checkpoint`);
      yield { revision: stored.revision, bookedAt: stored.bookedAt, identities };
    }
  }

  /**
   * The checkpoint that an account comes to now: one event, or several where it holds very many identities. Undefined where its
   * state alone is larger than a store takes: it then has none, and is read from its whole stream.
   */
  async next(account: LoadedAccount): Promise<StreamAppend | undefined> {
    const append = await this.encode(account);
    const tooLarge = append.events.find(isTooLarge);
    if (!tooLarge) return append;
    account.withoutCheckpoints = true;
    if (this.tooLarge.has(account.stream) || this.tooLarge.size >= MAX_NAMED_ACCOUNTS) return undefined;
    this.tooLarge.add(account.stream);
    for (const listener of this.listeners) listener(account.stream, Buffer.byteLength(tooLarge.data));
    return undefined;
  }

  private async encode(account: LoadedAccount): Promise<StreamAppend> {
    const stream = checkpointStream(account.stream);
    const { account: state, revision, hash, checkpoint, recent } = account;
    if (!state) throw new Error(`${account.stream} was never opened`);
    const snapshot = toSnapshot(state);
    let previousHash = checkpoint < 0 ? chainStart : (await eventAt(this.store, stream, checkpoint)).hash;
    const events: NewEvent[] = [];
    for (let from = 0; from === 0 || from < recent.size; from += MAX_IDENTITIES) {
      const identities = recent.pack(from, from + MAX_IDENTITIES);
      const event: AccountCheckpointed = { type: 'AccountCheckpointed', revision, hash, state: snapshot, identities };
      const encoded = encodeEvent(stream, checkpoint + 1 + events.length, previousHash, event, { actor: 'ledger' });
      previousHash = encoded.hash;
      events.push(encoded);
    }
    return { stream, expectedRevision: checkpoint < 0 ? 'no-stream' : checkpoint, events };
  }
}

export interface ReadCheckpoint {
  readonly revision: number;
  readonly bookedAt: number;
  readonly identities: PackedIdentities;
}

/** The identities in a checkpoint that was written here. */
export function identitiesIn(encoded: NewEvent): PackedIdentities {
  return new PackedIdentities(decodeEvent<AccountCheckpointed>(encoded).identities);
}

function readable(stored: StoredEvent): ({ readonly kind: 'read' } & Checkpoint) | { readonly kind: 'unreadable' } {
  try {
    const checkpoint = decodeEvent<AccountCheckpointed>(stored);
    if (stored.type !== 'AccountCheckpointed' || !packedIn(checkpoint)) return { kind: 'unreadable' };
    const state = fromSnapshot(checkpoint.state);
    const follows = Number.isSafeInteger(checkpoint.revision) && typeof checkpoint.hash === 'string';
    return state && follows ? { kind: 'read', checkpoint, state } : { kind: 'unreadable' };
  } catch {
    return { kind: 'unreadable' };
  }
}

function identitiesOf(stored: StoredEvent): PackedIdentities | undefined {
  try {
    return packedIn(decodeEvent<AccountCheckpointed>(stored));
  } catch {
    return undefined;
  }
}

function packedIn({ identities }: AccountCheckpointed): PackedIdentities | undefined {
  return typeof identities === 'string' ? new PackedIdentities(identities) : undefined;
}
