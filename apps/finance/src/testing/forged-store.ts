import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeTexts } from '@meterbook/books/event-codec';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { SettableClock } from './settable-clock';

/** Everything that stands in a store, in its order. */
export async function everyEventOf(store: EventStore): Promise<StoredEvent[]> {
  const done = new AbortController();
  const all: StoredEvent[] = [];
  for await (const { events, caughtUp } of store.subscribe([''], 'start', done.signal)) {
    all.push(...events);
    if (caughtUp) break;
  }
  done.abort();
  return all;
}

/** What somebody makes who can write the store's file and knows how it is made: every hash of it is right. */
export class ForgedStore {
  private constructor(
    readonly store: EmbeddedEventStore,
    readonly clock: SettableClock,
    readonly directory: string,
  ) {}

  /** @param events in their order, each with the time at which it is to seem to have been booked; revisions and hashes are made anew */
  static async of(events: readonly StoredEvent[]): Promise<ForgedStore> {
    const directory = mkdtempSync(join(tmpdir(), 'meterbook-forged-'));
    const clock = new SettableClock(0);
    const store = new EmbeddedEventStore(directory, clock);
    const heads = new Map<string, { readonly revision: number; readonly hash: string }>();
    for (const { stream, type, data, metadata, bookedAt } of events) {
      clock.set(new Date(bookedAt).toISOString());
      const { revision, hash } = heads.get(stream) ?? { revision: -1, hash: chainStart };
      const event = encodeTexts(stream, revision + 1, hash, type, data, metadata);
      await store.append([{ stream, expectedRevision: revision < 0 ? 'no-stream' : revision, events: [event] }]);
      heads.set(stream, { revision: revision + 1, hash: event.hash });
    }
    return new ForgedStore(store, clock, directory);
  }

  async destroy(): Promise<void> {
    await this.store.close();
    rmSync(this.directory, { recursive: true });
  }
}
