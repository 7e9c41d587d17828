import type { PlatformNamed } from '@meterbook/domain/rulebook/events';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { decodeEvent, encodeEvent, type EventMetadata } from './event-codec';
import { platformsStream } from './stream-kinds';

/** Races that a name may lose to others before the writer gives up. */
const MAX_ATTEMPTS = 20;

/** Too many others wrote names at the same time; the same call may succeed a little later. */
export class NamesContended extends Error {
  override readonly name = 'NamesContended';
}

/**
 * The names of all platforms, in a stream of their own, since a store cannot be asked for its streams. A name is noted before
 * the first rulebook is published: one without a rulebook may stand there, and one with a rulebook always does.
 */
export class PlatformNames {
  private readonly names: string[] = [];
  private readonly known = new Set<string>();
  private revision = -1;
  private hash = chainStart;

  constructor(private readonly store: EventStore) {}

  /** As of the head of the stream, in the order in which they were noted. An event that names nothing is passed over. */
  async confirmed(): Promise<readonly string[]> {
    const head = await this.store.head(platformsStream);
    if (head === 'no-stream' || head <= this.revision) return this.names;
    for await (const stored of this.store.read(platformsStream, this.revision + 1, 'forward')) {
      if (stored.revision !== this.revision + 1) continue;
      const platform = nameIn(stored);
      if (platform !== undefined && !this.known.has(platform)) {
        this.names.push(platform);
        this.known.add(platform);
      }
      this.revision = stored.revision;
      this.hash = stored.hash;
    }
    return this.names;
  }

  /** Notes a name, once. Throws `NamesContended`. */
  async note(platform: string, metadata: EventMetadata): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      await this.confirmed();
      if (this.known.has(platform)) return;
      const event: PlatformNamed = { type: 'PlatformNamed', platform };
      const { revision } = this;
      const expectedRevision = revision < 0 ? 'no-stream' : revision;
      const events = [encodeEvent(platformsStream, revision + 1, this.hash, event, metadata)];
      const [outcome] = await this.store.append([{ stream: platformsStream, expectedRevision, events }]);
      if (outcome?.kind === 'appended') return;
    }
    throw new NamesContended(`the name of ${platform} lost ${MAX_ATTEMPTS} times to other writers`);
  }
}

function nameIn(stored: StoredEvent): string | undefined {
  try {
    const { type, platform } = decodeEvent<PlatformNamed | { readonly type: ''; readonly platform: unknown }>(stored);
    return type === 'PlatformNamed' && typeof platform === 'string' ? platform : undefined;
  } catch {
    return undefined;
  }
}
