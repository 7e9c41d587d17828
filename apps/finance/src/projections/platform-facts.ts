import { rulebookStream } from '@meterbook/books/rulebooks';
import { VersionReader } from '@meterbook/books/version-events';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore } from '@meterbook/event-store/event-store';

/** Platforms that are remembered; about 1 kB each. */
const MAX_PLATFORMS = 10_000;

/** What reports need to know of a platform's rulebooks. */
export interface PlatformFacts {
  /** Of the wallet; null where no version says it. */
  readonly currency: string | null;
  /** The labels that a version names, those withdrawn included; none of a version that is not there. */
  labelsOf(version: number): readonly string[];
  /** Whether some version names a label. */
  names(label: string): boolean;
}

class ReadFacts implements PlatformFacts {
  currency: string | null = null;
  /** Revision of the last event read; −1 for none. */
  revision = -1;
  private readonly labels = new Map<number, readonly string[]>();
  private readonly named = new Set<string>();
  readonly reader = new VersionReader();

  labelsOf(version: number): readonly string[] {
    return this.labels.get(version) ?? [];
  }

  names(label: string): boolean {
    return this.named.has(label);
  }

  take(version: number, { currency, labels }: Content): void {
    if (typeof currency === 'string') this.currency = currency;
    const named = Array.isArray(labels) ? labels.filter((label): label is string => typeof label === 'string') : [];
    if (named.length === 0) return;
    this.labels.set(version, named);
    for (const label of named) this.named.add(label);
  }
}

interface Content {
  readonly currency?: unknown;
  readonly labels?: unknown;
}

/** Reads from platforms' rulebook streams as they grow what reports need of them. */
export class KnownFacts {
  private readonly platforms = new Map<string, ReadFacts>();

  constructor(private readonly store: Pick<EventStore, 'read' | 'head'>) {}

  /** As of the head of the platform's stream; throws `StreamDamaged` where that makes no sense. */
  async of(platform: string): Promise<PlatformFacts> {
    const stream = rulebookStream(platform);
    const known = this.platforms.get(platform);
    const head = await this.store.head(stream);
    if (known && (head === 'no-stream' || head === known.revision)) return known;
    const facts = known ?? new ReadFacts();
    if (this.platforms.size >= MAX_PLATFORMS) this.platforms.clear();
    this.platforms.set(platform, facts);
    for await (const stored of this.store.read(stream, facts.revision + 1, 'forward')) {
      if (stored.revision !== facts.revision + 1) continue;
      folded(stream, () => {
        const read = facts.reader.read(stored);
        if (read.kind === 'published') facts.take(read.head.version, JSON.parse(read.text) as Content);
      });
      facts.revision = stored.revision;
    }
    return facts;
  }

  /** What was read of a platform before, whether it has grown since or not; undefined for none. */
  known(platform: string): PlatformFacts | undefined {
    return this.platforms.get(platform);
  }
}
