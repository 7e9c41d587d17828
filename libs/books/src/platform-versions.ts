import type { RulebookWithdrawn } from '@meterbook/domain/rulebook/events';
import { versionInForce } from '@meterbook/domain/rulebook/rulebook';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { StoredVersion, type ReadyVersions } from './stored-version';
import { VersionReader } from './version-events';

/** What was published for a platform, as of some event of its stream; it is not to be kept. */
export interface Published {
  /** Those that were not withdrawn, by number. Another array after each change. */
  readonly versions: readonly StoredVersion[];
  /** The highest number that was ever given to a version; 0 for none. Numbers of withdrawn versions are not used again. */
  readonly lastNumber: number;
  /** Whether a version was withdrawn in time. */
  isWithdrawn(version: number): boolean;
}

/** The same for all that have none, so that what was decided on it can be told from what came after. */
const none: readonly StoredVersion[] = [];

/** A platform's stream as far as it was read. */
export class PlatformVersions implements Published {
  versions = none;
  lastNumber = 0;
  /** Revision of the last event read; −1 for none. */
  revision = -1;
  hash = chainStart;
  private readonly reader = new VersionReader();
  private current: readonly StoredVersion[] = [];
  private readonly withdrawn = new Set<number>();

  constructor(
    private readonly stream: string,
    private readonly ready: ReadyVersions,
  ) {}

  /** Throws `StreamDamaged` where the event makes no sense; what was read before it stays. */
  read(stored: StoredEvent): void {
    folded(this.stream, () => this.take(stored));
    this.revision = stored.revision;
    this.hash = stored.hash;
  }

  isWithdrawn(version: number): boolean {
    return this.withdrawn.has(version);
  }

  /** Reads the latest, the one in force and those to come, as of the last event: they are what will be asked for. */
  async keepCurrent(): Promise<void> {
    for (const version of this.current) if (!version.isKept) await version.keep();
  }

  private take(stored: StoredEvent): void {
    const { stream, lastNumber, ready } = this;
    const read = this.reader.read(stored);
    if (read.kind === 'part') return;
    if (read.kind === 'withdrawn') {
      this.withdraw(read.version, stored.bookedAt);
    } else {
      const { version } = read.head;
      if (version !== lastNumber + 1) throw new Error(`version ${version} follows version ${lastNumber}`);
      this.versions = [...this.versions, new StoredVersion(stream, read.head, read.text, ready)];
      this.lastNumber = version;
    }
    this.keepFrom(stored.bookedAt);
  }

  /**
   * By the store's own time, which every reader knows alike: one that was in force already when its withdrawal was booked stays, since
   * something may have been charged by it.
   */
  private withdraw(number: RulebookWithdrawn['version'], bookedAtMs: number): void {
    if (!Number.isSafeInteger(number) || number < 1 || number > this.lastNumber)
      throw new Error(`version ${number} of ${this.lastNumber} is withdrawn`);
    const version = this.versions.find((each) => each.version === number);
    if (version === undefined || version.effectiveFrom <= bookedAtMs) return;
    this.withdrawn.add(number);
    this.versions = this.versions.filter((each) => each !== version);
    version.release();
  }

  private keepFrom(bookedAtMs: number): void {
    const inForce = versionInForce(this.versions, bookedAtMs);
    const latest = this.versions.at(-1);
    const isCurrent = (version: StoredVersion): boolean =>
      version === inForce || version === latest || version.effectiveFrom > bookedAtMs;
    this.current = this.versions.filter(isCurrent);
    for (const version of this.versions) if (version.isKept && !isCurrent(version)) version.release();
  }
}
