import { decodeEvent, encodeEvent, type EventMetadata } from '@meterbook/books/event-codec';
import type { EventStore } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { maxPublishAttempts } from './publish-limits';

/** WARNING: stored for ever. Add optional fields; never rename, retype or remove one. */
export interface PlatformNamed {
  readonly type: 'PlatformNamed';
  readonly platform: string;
}

const stream = 'platforms';

/**
 * The names of all platforms, in a stream of their own, since a store cannot be asked for its streams. A name is noted before
 * the first rulebook is published: one without a rulebook may stand there, and one with a rulebook always does.
 */
export class PlatformNames {
  private readonly names: string[] = [];
  private readonly known = new Set<string>();
  private hash = chainStart;

  constructor(private readonly store: EventStore) {}

  /** As of the head of the stream, in the order in which they were noted. */
  async confirmed(): Promise<readonly string[]> {
    const head = await this.store.head(stream);
    if (head === 'no-stream' || head < this.names.length) return this.names;
    for await (const stored of this.store.read(stream, this.names.length, 'forward')) {
      if (stored.revision !== this.names.length) continue;
      const { platform } = decodeEvent<PlatformNamed>(stored);
      this.names.push(platform);
      this.known.add(platform);
      this.hash = stored.hash;
    }
    return this.names;
  }

  /** Notes a name, once. */
  async note(platform: string, metadata: EventMetadata): Promise<void> {
    for (let attempt = 0; attempt < maxPublishAttempts; attempt++) {
      const { length } = await this.confirmed();
      if (this.known.has(platform)) return;
      const event: PlatformNamed = { type: 'PlatformNamed', platform };
      const expectedRevision = length === 0 ? 'no-stream' : length - 1;
      const events = [encodeEvent(stream, length, this.hash, event, metadata)];
      const [outcome] = await this.store.append([{ stream, expectedRevision, events }]);
      if (outcome?.kind === 'appended') return;
    }
    throw new Problem('too_busy', 'Too many others publish just now.', { headers: retryAfter(1) });
  }
}
