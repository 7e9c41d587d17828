import type { RulebookPublished } from '@meterbook/domain/rulebook/events';
import { readRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { instantMs } from '@meterbook/domain/time/instant';
import { decodeEvent } from '@meterbook/event-store/event-codec';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';

/** Every platform's rulebook versions as the tier service has read them. */
export class Rulebooks {
  private readonly platforms = new Map<string, PublishedRulebook[]>();

  constructor(private readonly store: EventStore) {}

  /** A platform's versions as of the head of its stream, in order; none where nothing was published. */
  async confirmed(platform: string): Promise<readonly PublishedRulebook[]> {
    const stream = `rulebook-${platform}`;
    const known = this.platforms.get(platform) ?? [];
    const head = await this.store.head(stream);
    if (head === 'no-stream' || head === known.length - 1) return known;
    this.platforms.set(platform, known);
    for await (const stored of this.store.read(stream, known.length, 'forward'))
      if (stored.revision === known.length) known.push(toPublished(stored));
    return known;
  }
}

function toPublished(stored: StoredEvent): PublishedRulebook {
  const { version, effectiveFrom, sha256, rulebook } = decodeEvent<RulebookPublished>(stored);
  const read = readRulebook(rulebook);
  if (read.kind === 'invalid') throw new Error(`${stored.stream} holds a rulebook that cannot be read: ${JSON.stringify(read.faults)}`);
  return { version, effectiveFrom: instantMs(effectiveFrom), sha256, rulebook: read.rulebook };
}
