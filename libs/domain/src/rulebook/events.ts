/** WARNING: stored for ever. Add optional fields; never rename, retype or remove one. */
export interface RulebookPublished {
  readonly type: 'RulebookPublished';
  readonly version: number;
  readonly effectiveFrom: string;
  readonly sha256: string;
  /** The content as it was sent, without `effectiveFrom`. */
  readonly rulebook: Readonly<Record<string, unknown>>;
}

/** A part of the content of a version that is too large for one event. Parts that no `RulebookPublishedInParts` follows mean nothing. */
export interface RulebookPart {
  readonly type: 'RulebookPart';
  /** A part of the JSON text of the content as it was sent, without `effectiveFrom`. */
  readonly text: string;
}

/** A version whose content is the text of the parts right before it. It is the version: without it the parts are of no account. */
export interface RulebookPublishedInParts {
  readonly type: 'RulebookPublishedInParts';
  readonly version: number;
  readonly effectiveFrom: string;
  readonly sha256: string;
  /** How many parts there are. */
  readonly parts: number;
}

/**
 * A version that was not yet in force never will be: it counts as if it had not been published, but its number stays taken. One
 * that the store booked when the version was in force already came too late, and is of no account.
 */
export interface RulebookWithdrawn {
  readonly type: 'RulebookWithdrawn';
  readonly version: number;
}

/** The name of a platform, noted before its first version is published, since a store cannot be asked for its streams. */
export interface PlatformNamed {
  readonly type: 'PlatformNamed';
  readonly platform: string;
}
