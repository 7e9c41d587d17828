import type { PublishedRulebook, Rulebook } from '../../rulebook/rulebook';
import { storedInstant } from '../../time/instant';
import type { Charge } from '../charging/events';

/** The number of a rulebook that was never published: versions count from 1. */
export const SUPPOSED_VERSION = 0;
/** What is in force from here on is in force always: no instant lies before. */
const ALWAYS_MS = Number.MIN_SAFE_INTEGER;

/** A version of the books as another list has it: its content is read when it is asked for. */
class Reissued implements PublishedRulebook {
  readonly version: number;
  readonly sha256: string;

  constructor(
    private readonly original: PublishedRulebook,
    /** Milliseconds since 1970. */
    readonly effectiveFrom: number,
  ) {
    this.version = original.version;
    this.sha256 = original.sha256;
  }

  get rulebook(): Rulebook {
    return this.original.rulebook;
  }
}

/**
 * By which rules what happened is decided again: what occurred from an instant on by a supposed rulebook alone, everything else by the
 * versions that the books name. A version that is withdrawn or replaced since is still the one that something was decided by.
 */
export class SupposedRules {
  private readonly byNumber: ReadonlyMap<number, PublishedRulebook>;
  private readonly alone = new Map<number, readonly PublishedRulebook[]>();
  private readonly supposedVersion: PublishedRulebook | null;

  /** @param fromMs milliseconds since 1970 */
  constructor(
    readonly fromMs: number,
    supposed: Rulebook | null,
    private readonly published: readonly PublishedRulebook[],
  ) {
    this.byNumber = new Map(published.map((version) => [version.version, version]));
    this.supposedVersion = supposed && {
      version: SUPPOSED_VERSION,
      effectiveFrom: fromMs,
      sha256: '',
      rulebook: supposed,
    };
  }

  /** Whether what occurs at an instant, in milliseconds since 1970, falls under the supposed rulebook. */
  isSupposed(atMs: number): boolean {
    return this.supposedVersion !== null && atMs >= this.fromMs;
  }

  /** Whether the supposed rulebook lets recharges earn tiers. */
  get promotes(): boolean {
    return this.supposedVersion !== null && this.supposedVersion.rulebook.promotion.length > 0;
  }

  /** A version by its number, the supposed one included. Throws where there is none: the books name what they were decided by. */
  version(number: number): PublishedRulebook {
    const found = number === SUPPOSED_VERSION ? this.supposedVersion : this.byNumber.get(number);
    if (!found) throw new Error(`there is no version ${number} of the rulebook`);
    return found;
  }

  /**
   * The rules of a command that occurred at an instant and was decided by a version. Where it looks back at a recharge, the version
   * that this was credited by is among them, though never in force.
   */
  ofCommand(atMs: number, decidedBy: number, rechargedBy?: number): readonly PublishedRulebook[] {
    const inForce = this.isSupposed(atMs) ? SUPPOSED_VERSION : decidedBy;
    const rules = this.only(inForce);
    if (rechargedBy === undefined || rechargedBy === inForce) return rules;
    return [new Reissued(this.version(rechargedBy), -Infinity), ...rules];
  }

  /** The rules of a command that names no version: the first published that fits, since it was not refused. */
  ofUnnamed(atMs: number, fits: (rulebook: Rulebook) => boolean): readonly PublishedRulebook[] {
    if (this.isSupposed(atMs)) return this.only(SUPPOSED_VERSION);
    const known = this.published.find(({ rulebook }) => fits(rulebook)) ?? this.published[0];
    return known === undefined ? [] : this.only(known.version);
  }

  /** The rules of one batch of charges. Its versions follow one another in time, each from the first of its charges on. */
  ofCharges(charges: readonly Charge[]): readonly PublishedRulebook[] {
    const since = new Map<number, number>();
    for (const { occurredAt, rulebook } of charges) {
      const atMs = storedInstant(occurredAt);
      const decidedBy = this.isSupposed(atMs) ? SUPPOSED_VERSION : rulebook;
      since.set(decidedBy, Math.min(since.get(decidedBy) ?? Infinity, atMs));
    }
    const [[first] = [SUPPOSED_VERSION], second] = [...since];
    if (second === undefined) return this.only(first);
    return [...since].map(([version, sinceMs]) => new Reissued(this.version(version), sinceMs));
  }

  private only(number: number): readonly PublishedRulebook[] {
    const known = this.alone.get(number) ?? [new Reissued(this.version(number), ALWAYS_MS)];
    this.alone.set(number, known);
    return known;
  }
}
