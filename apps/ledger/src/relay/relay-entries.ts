import { accountPrefix, tierPrefix } from '@meterbook/books/stream-kinds';
import { DamagedStreams } from '@meterbook/event-store/damaged-streams';
import type { EventStore, Position, SubscriptionBatch } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { TopicRecord, Topics } from '@meterbook/topics/topics';
import { toRecord } from '@meterbook/messages/relayed-event';
import { RelayNotes } from './relay-notes';
import { TOPICS } from '@meterbook/messages/topic-table';

/** How often the relay notes its position, at the most; what it relayed since is relayed again after a crash. */
const NOTE_EVERY_MS = 1000;
/** Text that one publish hands to a topic, UTF-16 units, about: what is larger is published one part after the other. */
const MAX_PUBLISH_UNITS = 4 * 1024 * 1024;

/**
 * Hop 5: every event of an account or a tier goes from the store to `ledger.entries` or `tier.changes`, in the order of its
 * stream. It starts at the position noted last. Whatever it repeats, consumers drop. Nothing that is stored stops it: an event
 * that is too large is named instead, a stream that cannot be read is passed over and told of, and texts are not looked into.
 */
export class RelayEntries {
  /** Streams that are not relayed, or not in full. */
  readonly damaged = new DamagedStreams();
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
    const notes = new RelayNotes(this.store, this.damaged);
    this.position = await notes.last();
    let notedAt = this.clock.now();
    let relayed = false;
    for await (const batch of this.store.subscribe([accountPrefix, tierPrefix], this.position, signal)) {
      await this.relay(batch);
      this.position = batch.position;
      if (batch.caughtUp) this.caughtUpAt = batch.observedAt;
      const now = this.clock.now();
      relayed ||= batch.events.length > 0;
      // A note is an event of its own: it must not be a reason for the next.
      if (!relayed || now - notedAt < NOTE_EVERY_MS) continue;
      await notes.note(batch.position);
      notedAt = now;
      relayed = false;
    }
  }

  private async relay({ events, damaged }: SubscriptionBatch): Promise<void> {
    for (const { stream, damage } of damaged) this.damaged.note(stream, damage);
    const entries: TopicRecord[] = [];
    const tiers: TopicRecord[] = [];
    for (const event of events) {
      const record = toRecord(event);
      if (record) (event.stream.startsWith(tierPrefix) ? tiers : entries).push(record);
      else this.damaged.note(event.stream, `no record can name its revision ${event.revision}: the type is too long`);
    }
    await Promise.all([this.publish(TOPICS.entries, entries), this.publish(TOPICS.tierChanges, tiers)]);
  }

  private async publish(topic: string, records: readonly TopicRecord[]): Promise<void> {
    let from = 0;
    let units = 0;
    for (const [i, { value }] of records.entries()) {
      units += value.length;
      if (units < MAX_PUBLISH_UNITS && i < records.length - 1) continue;
      await this.topics.publish(topic, records.slice(from, i + 1));
      from = i + 1;
      units = 0;
    }
  }
}
