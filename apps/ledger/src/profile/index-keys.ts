import type { ApiKeyIssued } from '@meterbook/domain/account/standing/events';
import { accountNamed } from '@meterbook/books/account-stream';
import { decodeEvent } from '@meterbook/books/event-codec';
import { accountPrefix } from '@meterbook/books/stream-kinds';
import { DamagedStreams, folded } from '@meterbook/event-store/damaged-streams';
import { comparePositions, type EventStore, type Position, type StoredEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import { KeyIndexFile, type IndexedKey } from './key-index-file';

/** How often a position is saved that no key has led to, at the most: whoever waits for the index sees it there. */
const SAVE_EVERY_MS = 50;

/**
 * Keeps which account each API key is of, by the hash of its secret, from the store. A file that is lost or cannot be read is
 * filled again from the first event. All other events pass unparsed; whether a key was revoked is asked of its account.
 */
export class IndexKeys {
  /** Streams whose keys are not found, or not all of them. */
  readonly damaged = new DamagedStreams();
  private reached: Position | 'start' | null = null;

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly ledgerFolder: string,
    private readonly log: Log,
  ) {}

  /** How far along the store it has come; null while it does not run. */
  progress(): Position | 'start' | null {
    return this.reached;
  }

  /** The loop: indexes until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const file = KeyIndexFile.open(this.ledgerFolder, (path, err) =>
      this.log.warn(
        { file: path, err },
        'The file cannot be read: it is thrown away and filled again from the event store.',
      ),
    );
    try {
      await this.follow(file, signal);
    } finally {
      this.reached = null;
      file.close();
    }
  }

  private async follow(file: KeyIndexFile, signal: AbortSignal): Promise<void> {
    let saved = file.position();
    this.reached = saved;
    await this.refuseAnotherStore(saved);
    let savedAt = this.clock.now();
    for await (const { events, damaged, position } of this.store.subscribe([accountPrefix], saved, signal)) {
      for (const { stream, damage } of damaged) this.damaged.note(stream, damage);
      const keys = events.flatMap((event) => this.keysIn(event));
      const now = this.clock.now();
      if (position !== saved && (keys.length > 0 || now - savedAt >= SAVE_EVERY_MS)) {
        file.save(keys, position);
        saved = position;
        savedAt = now;
      }
      this.reached = position;
      if (events.length > 0) await this.clock.sleep(0, signal);
    }
  }

  private keysIn(stored: StoredEvent): IndexedKey[] {
    const { stream, type } = stored;
    const account = stream.slice(accountPrefix.length);
    if (type !== 'ApiKeyIssued' || !accountNamed(account)) return [];
    try {
      return [folded(stream, () => toIndexed(account, decodeEvent<ApiKeyIssued>(stored)))];
    } catch (error) {
      if (!(error instanceof StreamDamaged)) throw error;
      this.damaged.note(stream, error);
      return [];
    }
  }

  /** A store that is shorter than what was read of it is not the one that was read: its keys would not be found. */
  private async refuseAnotherStore(position: Position | 'start'): Promise<void> {
    const end = await this.store.end();
    if (comparePositions(position, end) <= 0) return;
    throw new Error(
      `the event store ends at ${end}, but api-keys.db has read it up to ${position}: restore the store, or delete api-keys.db if this store is the right one`,
    );
  }
}

function toIndexed(account: string, { keyId, secretHash }: ApiKeyIssued): IndexedKey {
  const texts: readonly unknown[] = [keyId, secretHash];
  if (!texts.every((text) => typeof text === 'string')) throw new Error('the key has no id or no hash of a secret');
  return { account, keyId, secretHash };
}
