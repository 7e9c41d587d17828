import { decodeEvent, encodeEvent } from '@meterbook/books/event-codec';
import { relayStream } from '@meterbook/books/stream-kinds';
import type { DamagedStreams } from '@meterbook/event-store/damaged-streams';
import type { EventStore, Position, StoredEvent } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { StreamDamaged } from '@meterbook/event-store/store-failure';

/** WARNING: stored for ever (though derived, and disposable). How far the relay has come: one event of its own stream. */
interface RelayAdvanced {
  readonly type: 'RelayAdvanced';
  readonly position: Position;
}

/** Notes that are looked at for one that can be read, from the newest back. */
const MAX_NOTES_LOOKED_AT = 100;

/**
 * Where the relay is, in a stream of its own. A note is an append at an expected revision, so a second relay, or one that was
 * believed dead, fails at its first note and starts over. Without notes that can be read it relays everything again, which
 * consumers drop; where none can be written, it goes on without and does so at every start.
 */
export class RelayNotes {
  private head: { readonly revision: number; readonly hash: string } | undefined = { revision: -1, hash: chainStart };

  constructor(
    private readonly store: EventStore,
    private readonly damaged: DamagedStreams,
  ) {}

  /** The position noted last; `start` where none can be read. */
  async last(): Promise<Position | 'start'> {
    let looked = 0;
    try {
      for await (const stored of this.store.read(relayStream, 'end', 'backward')) {
        if (looked === 0) this.head = { revision: stored.revision, hash: stored.hash };
        const position = positionIn(stored);
        if (position !== undefined) return position;
        this.damaged.note(relayStream, `its note at revision ${stored.revision} cannot be read`);
        if (++looked === MAX_NOTES_LOOKED_AT) break;
      }
    } catch (error) {
      this.withoutNotes(error);
    }
    return 'start';
  }

  /** Notes a position; throws where another relay did since. */
  async note(position: Position): Promise<void> {
    if (!this.head) return;
    const event: RelayAdvanced = { type: 'RelayAdvanced', position };
    const { revision, hash } = this.head;
    const encoded = encodeEvent(relayStream, revision + 1, hash, event, { actor: 'relay' });
    const expectedRevision = revision < 0 ? 'no-stream' : revision;
    try {
      const append = { stream: relayStream, expectedRevision, events: [encoded] } as const;
      const [outcome] = await this.store.append([append]);
      if (outcome?.kind !== 'appended') throw new Error('another relay is at work');
      this.head = { revision: revision + 1, hash: encoded.hash };
    } catch (error) {
      this.withoutNotes(error);
    }
  }

  private withoutNotes(error: unknown): void {
    if (!(error instanceof StreamDamaged)) throw error;
    this.damaged.note(relayStream, error);
    this.head = undefined;
  }
}

function positionIn(stored: StoredEvent): Position | undefined {
  try {
    const { type, position } = decodeEvent<RelayAdvanced | { type: ''; position: unknown }>(stored);
    return type === 'RelayAdvanced' && typeof position === 'string' ? position : undefined;
  } catch {
    return undefined;
  }
}
