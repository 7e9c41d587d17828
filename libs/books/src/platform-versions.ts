import type { RulebookWithdrawn } from '@meterbook/domain/rulebook/events';
import { succeeds, versionInForce } from '@meterbook/domain/rulebook/rulebook';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { StoredVersion, type ReadyVersions, type VersionHead } from './stored-version';
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

/** Scheduled versions of a platform that are kept ready, those that come first; others are read when they are asked for. */
export const MAX_SCHEDULED_READY = 8;

/** The same for all that have none, so that what was decided on it can be told from what came after. */
const none: readonly StoredVersion[] = [];

/** A platform's stream as far as it was read. */
export class PlatformVersions implements Published {
  lastNumber = 0;
  /** Revision of the last event read; −1 for none. */
  revision = -1;
  hash = chainStart;
  private readonly reader = new VersionReader();
  /** Those that were not withdrawn, in the order of their numbers. */
  private readonly byNumber = new Map<number, StoredVersion>();
  private readonly withdrawn = new Set<number>();
  /** When the store booked the last event that changed anything, milliseconds since 1970. */
  private changedAt = -Infinity;
  // Made when they are asked for: a stream of very many versions is read without doing so after each of them.
  private listed: readonly StoredVersion[] | null = none;
  private current: readonly StoredVersion[] | null = none;

  constructor(
    private readonly stream: string,
    private readonly ready: ReadyVersions,
  ) {}

  get versions(): readonly StoredVersion[] {
    return (this.listed ??= [...this.byNumber.values()]);
  }

  /** Throws `StreamDamaged` where the event makes no sense; what was read before it stays. */
  read(stored: StoredEvent): void {
    folded(this.stream, () => this.take(stored));
    this.revision = stored.revision;
    this.hash = stored.hash;
  }

  isWithdrawn(version: number): boolean {
    return this.withdrawn.has(version);
  }

  /** Reads what will be asked for, as of the last event: the version in force, the latest, and those that come next. */
  async keepCurrent(): Promise<void> {
    for (const version of (this.current ??= this.chooseCurrent())) if (!version.isKept) await version.keep();
  }

  private take(stored: StoredEvent): void {
    const read = this.reader.read(stored);
    if (read.kind === 'part') return;
    if (read.kind === 'withdrawn') this.withdraw(read.version, stored.bookedAt);
    else this.publish(read.head, read.text);
    this.changedAt = stored.bookedAt;
    this.listed = null;
    this.current = null;
  }

  private publish(head: VersionHead, text: string): void {
    const { version } = head;
    if (version !== this.lastNumber + 1) throw new Error(`version ${version} follows version ${this.lastNumber}`);
    this.byNumber.set(version, new StoredVersion(this.stream, head, text, this.ready));
    this.lastNumber = version;
  }

  /**
   * By the store's own time, which every reader knows alike: one that was in force already when its withdrawal was booked stays, since
   * something may have been charged by it.
   */
  private withdraw(number: RulebookWithdrawn['version'], bookedAtMs: number): void {
    if (!Number.isSafeInteger(number) || number < 1 || number > this.lastNumber)
      throw new Error(`version ${number} of ${this.lastNumber} is withdrawn`);
    const version = this.byNumber.get(number);
    if (version === undefined || version.effectiveFrom <= bookedAtMs) return;
    this.withdrawn.add(number);
    this.byNumber.delete(number);
    version.release();
  }

  /** Lets go of what was kept and is not chosen any more. */
  private chooseCurrent(): readonly StoredVersion[] {
    const { versions, changedAt } = this;
    const inForce = versionInForce(versions, changedAt);
    const scheduled = versions.filter(({ effectiveFrom }) => effectiveFrom > changedAt);
    const next = scheduled.sort((one, other) => (succeeds(one, other) ? 1 : -1)).slice(0, MAX_SCHEDULED_READY);
    const latest = versions.at(-1);
    const isChosen = (version: StoredVersion): boolean =>
      version === inForce || version === latest || next.includes(version);
    for (const version of versions) if (version.isKept && !isChosen(version)) version.release();
    return versions.filter(isChosen);
  }
}
