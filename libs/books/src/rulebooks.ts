import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { encodeTexts, type EventMetadata } from './event-codec';
import { rulebookPrefix } from './stream-kinds';
import { ReadyVersions, StoredVersion } from './stored-version';
import { versionEvents, VersionReader, type NewVersion } from './version-events';

export function rulebookStream(platform: string): string {
  return `${rulebookPrefix}${platform}`;
}

/** A platform's stream as far as it was read. */
class Known {
  readonly versions: StoredVersion[] = [];
  /** Revision of the last event read; −1 for none. */
  revision = -1;
  hash = chainStart;
  private readonly reader = new VersionReader();

  constructor(
    private readonly stream: string,
    private readonly ready: ReadyVersions,
  ) {}

  /** Throws `StreamDamaged` where the event makes no sense; what was read before it stays. */
  read(stored: StoredEvent): void {
    const { stream, versions } = this;
    folded(stream, () => {
      const found = this.reader.read(stored);
      if (found) {
        if (found.head.version !== versions.length + 1)
          throw new Error(`version ${found.head.version} follows version ${versions.length}`);
        versions.push(new StoredVersion(stream, found.head, found.text, this.ready));
        this.releaseBefore(stored.bookedAt);
      }
    });
    this.revision = stored.revision;
    this.hash = stored.hash;
  }

  /** Reads those in force and those to come, as of when the last one was published: they are what will be asked for. */
  async keepCurrent(): Promise<void> {
    for (const version of this.current) if (!version.isKept) await version.keep();
  }

  private current: readonly StoredVersion[] = [];

  private releaseBefore(bookedAtMs: number): void {
    const inForce = this.versions.findLastIndex(({ effectiveFrom }) => effectiveFrom <= bookedAtMs);
    this.current = this.versions.slice(Math.max(0, inForce));
    for (const version of this.versions) if (version.isKept && !this.current.includes(version)) version.release();
  }
}

/**
 * Every platform's rulebook versions, read from their streams as they grow. What is not there is never remembered as missing. The
 * rules of those in force and to come are kept ready; others are read when they are asked for. A stream that makes no sense takes
 * its platform out: it throws `StreamDamaged`.
 */
export class Rulebooks {
  private readonly platforms = new Map<string, Known>();
  private readonly ready = new ReadyVersions();

  constructor(private readonly store: EventStore) {}

  /** A platform's versions as of the head of its stream, in order, ready to decide by; none where nothing was published. */
  async confirmed(platform: string): Promise<readonly PublishedRulebook[]> {
    const known = await this.known(platform);
    await known.keepCurrent();
    return known.versions;
  }

  /** The same to look at, so that nothing is read that is not asked for. */
  async versions(platform: string): Promise<readonly StoredVersion[]> {
    return (await this.known(platform)).versions;
  }

  /** Appends the next version, all of it or, in effect, nothing; false where another event came first. */
  async append(platform: string, version: NewVersion, metadata: EventMetadata): Promise<boolean> {
    const stream = rulebookStream(platform);
    let { revision, hash } = await this.known(platform);
    if (version.version !== (this.platforms.get(platform)?.versions.length ?? 0) + 1) return false;
    // One call each, since together they may be larger than an append. Whoever comes between makes the rest a conflict, and
    // parts that nothing completes are of no account.
    for (const { type, data } of versionEvents(version)) {
      const event = encodeTexts(stream, revision + 1, hash, type, data, JSON.stringify(metadata));
      const expectedRevision = revision < 0 ? 'no-stream' : revision;
      const [outcome] = await this.store.append([{ stream, expectedRevision, events: [event] }]);
      if (outcome?.kind !== 'appended') return false;
      revision += 1;
      hash = event.hash;
    }
    return true;
  }

  private async known(platform: string): Promise<Known> {
    const stream = rulebookStream(platform);
    const known = this.platforms.get(platform) ?? new Known(stream, this.ready);
    const head = await this.store.head(stream);
    if (head === 'no-stream' || head === known.revision) return known;
    this.platforms.set(platform, known);
    for await (const stored of this.store.read(stream, known.revision + 1, 'forward'))
      if (stored.revision === known.revision + 1) known.read(stored);
    return known;
  }
}
