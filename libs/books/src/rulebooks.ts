import type { RulebookPublished } from '@meterbook/domain/rulebook/events';
import { readStoredRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { instantMs } from '@meterbook/domain/time/instant';
import { decodeEvent } from './event-codec';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';

export const rulebookPrefix = 'rulebook-';

interface Known {
  readonly versions: PublishedRulebook[];
  /** Revision of the last version read; −1 for none. */
  revision: number;
  /** Hash of the event at that revision. */
  hash: string;
}

/** Every platform's rulebook versions, read from their streams as they grow. What is not there is never remembered as missing. */
export class Rulebooks {
  private readonly platforms = new Map<string, Known>();

  constructor(private readonly store: EventStore) {}

  /** A platform's versions as of the head of its stream, in order; none where nothing was published. */
  async confirmed(platform: string): Promise<readonly PublishedRulebook[]> {
    return (await this.confirmedStream(platform)).versions;
  }

  /** The same with where the stream stands, for whoever appends the next version. */
  async confirmedStream(platform: string): Promise<Readonly<Known>> {
    const stream = `${rulebookPrefix}${platform}`;
    const known = this.platforms.get(platform) ?? { versions: [], revision: -1, hash: '' };
    const head = await this.store.head(stream);
    if (head === 'no-stream' || head === known.revision) return known;
    for await (const stored of this.store.read(stream, known.revision + 1, 'forward')) {
      if (stored.revision !== known.revision + 1) continue;
      known.versions.push(folded(stream, () => toPublished(stored)));
      known.revision = stored.revision;
      known.hash = stored.hash;
    }
    this.platforms.set(platform, known);
    return known;
  }
}

function toPublished(stored: StoredEvent): PublishedRulebook {
  const { version, effectiveFrom, sha256, rulebook } = decodeEvent<RulebookPublished>(stored);
  const read = readStoredRulebook(rulebook);
  if (read.kind === 'invalid')
    throw new Error(`${stored.stream} holds a rulebook that cannot be read: ${JSON.stringify(read.faults)}`);
  return { version, effectiveFrom: instantMs(effectiveFrom), sha256, rulebook: read.rulebook };
}
