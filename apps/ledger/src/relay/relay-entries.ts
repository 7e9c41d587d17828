import { decodeEvent, encodeEvent } from '@meterbook/books/event-codec';
import type { EventStore, Position, SubscriptionBatch } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import type { Clock } from '@meterbook/runtime/clock';
import type { TopicRecord, Topics } from '@meterbook/topics/topics';
import { toRecord } from '@meterbook/messages/relayed-event';

/** How far the relay has come: one event of its own stream. */
interface RelayAdvanced {
  readonly type: 'RelayAdvanced';
  readonly position: Position;
}

const relayStream = 'relay-entries';
/** How often the relay notes its position, at the most; what it relayed since is relayed again after a crash. */
const noteEveryMs = 1000;

/**
 * Hop 5: every event of an account or a tier goes from the store to `ledger.entries` or `tier.changes`, in the order of its
 * stream. It starts at the position noted last; a note is an append at an expected revision, so a second relay, or one that
 * was believed dead, fails at its first note and starts over. Whatever it repeated, consumers drop.
 */
export class RelayEntries {
  private position: Position | 'start' = 'start';
  private caughtUpAt: number | null = null;

  constructor(
    private readonly store: EventStore,
    private readonly topics: Topics,
    private readonly clock: Clock,
  ) {}

  /** How far behind the store it is: when it last had relayed everything, milliseconds since 1970; null before that. */
  progress(): { readonly position: Position | 'start'; readonly caughtUpAt: number | null } {
    return { position: this.position, caughtUpAt: this.caughtUpAt };
  }

  /** The loop: relays until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    let note = await this.lastNote();
    let notedAt = this.clock.now();
    let relayed = false;
    this.position = note.position;
    for await (const batch of this.store.subscribe(['account-', 'tier-'], note.position, signal)) {
      await this.relay(batch);
      this.position = batch.position;
      if (batch.caughtUp) this.caughtUpAt = batch.observedAt;
      const now = this.clock.now();
      relayed ||= batch.events.length > 0;
      // A note is an event of its own: it must not be a reason for the next.
      if (!relayed || now - notedAt < noteEveryMs) continue;
      note = await this.note(note, batch.position);
      notedAt = now;
      relayed = false;
    }
  }

  private async relay({ events }: SubscriptionBatch): Promise<void> {
    const entries: TopicRecord[] = [];
    const tiers: TopicRecord[] = [];
    for (const event of events) (event.stream.startsWith('tier-') ? tiers : entries).push(toRecord(event));
    await Promise.all([
      entries.length > 0 ? this.topics.publish('ledger.entries', entries) : undefined,
      tiers.length > 0 ? this.topics.publish('tier.changes', tiers) : undefined,
    ]);
  }

  private async lastNote(): Promise<Note> {
    for await (const stored of this.store.read(relayStream, 'end', 'backward'))
      return { revision: stored.revision, hash: stored.hash, position: decodeEvent<RelayAdvanced>(stored).position };
    return { revision: -1, hash: chainStart, position: 'start' };
  }

  private async note(last: Note, position: Position): Promise<Note> {
    const event: RelayAdvanced = { type: 'RelayAdvanced', position };
    const revision = last.revision + 1;
    const encoded = encodeEvent(relayStream, revision, last.hash, event, { actor: 'relay' });
    const expectedRevision = last.revision < 0 ? 'no-stream' : last.revision;
    const [outcome] = await this.store.append([{ stream: relayStream, expectedRevision, events: [encoded] }]);
    if (outcome?.kind !== 'appended') throw new Error('another relay is at work');
    return { revision, hash: encoded.hash, position };
  }
}

interface Note {
  readonly revision: number;
  readonly hash: string;
  readonly position: Position | 'start';
}
