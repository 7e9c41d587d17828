import type { RulebookWithdrawn } from '@meterbook/domain/rulebook/events';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import type { EventStore, NewEvent } from '@meterbook/event-store/event-store';
import { encodeEvent, encodeTexts, type EventMetadata } from './event-codec';
import { PlatformVersions, type Published } from './platform-versions';
import { rulebookPrefix } from './stream-kinds';
import { ReadyVersions, type StoredVersion } from './stored-version';
import { versionEvents, type NewVersion } from './version-events';

export function rulebookStream(platform: string): string {
  return `${rulebookPrefix}${platform}`;
}

/** A look at the head of a platform's stream that is on its way, and the one that comes after it. */
interface Looking {
  readonly now: Promise<PlatformVersions>;
  next: Promise<PlatformVersions> | null;
}

/** Resolves once something has come to an end, whichever. */
const settled = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => undefined,
    () => undefined,
  );

/**
 * Every platform's rulebook versions, read from their streams as they grow. What is not there is never remembered as missing. The
 * rules of those in force and to come are kept ready; others are read when they are asked for. A stream that makes no sense takes
 * its platform out: it throws `StreamDamaged`.
 */
export class Rulebooks {
  private readonly platforms = new Map<string, PlatformVersions>();
  private readonly ready = new ReadyVersions();

  private readonly looking = new Map<string, Looking>();

  constructor(private readonly store: EventStore) {}

  /**
   * A platform's versions as of the head of its stream, by number and without those that were withdrawn, ready to decide by; none
   * where nothing was published, or everything was withdrawn.
   */
  async confirmed(platform: string): Promise<readonly PublishedRulebook[]> {
    const known = await this.known(platform);
    await known.keepCurrent();
    return known.versions;
  }

  /** The same to look at, so that nothing is read that is not asked for. */
  async versions(platform: string): Promise<readonly StoredVersion[]> {
    return (await this.known(platform)).versions;
  }

  /** The same with what is known of the withdrawn ones. */
  published(platform: string): Promise<Published> {
    return this.known(platform);
  }

  /** The highest number ever given to a version, withdrawn or not, as of when the platform was last asked for; 0 for none. */
  lastNumber(platform: string): number {
    return this.platforms.get(platform)?.lastNumber ?? 0;
  }

  /**
   * Appends the next version, all of it or, in effect, nothing; false where it is not the next any more, or the versions are not
   * those that it was decided on.
   */
  async append(
    platform: string,
    decidedOn: readonly PublishedRulebook[],
    version: NewVersion,
    metadata: EventMetadata,
  ): Promise<boolean> {
    const stream = rulebookStream(platform);
    const known = await this.known(platform);
    if (known.versions !== decidedOn || version.version !== known.lastNumber + 1) return false;
    let { revision, hash } = known;
    // One call each, since together they may be larger than an append. Whoever comes between makes the rest a conflict, and
    // parts that nothing completes are of no account.
    for (const { type, data } of versionEvents(version)) {
      const event = encodeTexts(stream, revision + 1, hash, type, data, JSON.stringify(metadata));
      if (!(await this.appendOne(stream, revision, event))) return false;
      revision += 1;
      hash = event.hash;
    }
    return true;
  }

  /** Appends that a version is withdrawn; false where another event came first. Whether it came in time is read from the stream. */
  async withdraw(platform: string, version: number, metadata: EventMetadata): Promise<boolean> {
    const stream = rulebookStream(platform);
    const { revision, hash } = await this.known(platform);
    const event: RulebookWithdrawn = { type: 'RulebookWithdrawn', version };
    return this.appendOne(stream, revision, encodeEvent(stream, revision + 1, hash, event, metadata));
  }

  private async appendOne(stream: string, revision: number, event: NewEvent): Promise<boolean> {
    const expectedRevision = revision < 0 ? 'no-stream' : revision;
    const [outcome] = await this.store.append([{ stream, expectedRevision, events: [event] }]);
    return outcome?.kind === 'appended';
  }

  /**
   * The versions as of a head that was read after this was asked. Who asks while a head is on its way shares the one after it, so
   * that many commands at a time cost the store few looks.
   */
  private known(platform: string): Promise<PlatformVersions> {
    const looking = this.looking.get(platform);
    if (!looking) return this.beginLook(platform);
    looking.next ??= settled(looking.now).then(() => this.looking.get(platform)?.now ?? this.beginLook(platform));
    return looking.next;
  }

  private beginLook(platform: string): Promise<PlatformVersions> {
    const looking: Looking = { now: this.look(platform), next: null };
    this.looking.set(platform, looking);
    void settled(looking.now).then(() => {
      if (this.looking.get(platform) === looking) this.looking.delete(platform);
    });
    return looking.now;
  }

  private async look(platform: string): Promise<PlatformVersions> {
    const stream = rulebookStream(platform);
    const head = await this.store.head(stream);
    const known = this.platforms.get(platform) ?? new PlatformVersions(stream, this.ready);
    if (head === 'no-stream' || head === known.revision) return known;
    this.platforms.set(platform, known);
    for await (const stored of this.store.read(stream, known.revision + 1, 'forward'))
      if (stored.revision === known.revision + 1) known.read(stored);
    return known;
  }
}
