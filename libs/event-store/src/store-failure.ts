/** The store cannot do it just now: it is away, not ready yet, or has no room left. Nothing was written. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';

  constructor(
    /** What it said, or who had to wait for it. */
    readonly why: string,
    cause?: unknown,
  ) {
    super(`the event store cannot be reached or written: ${why}`, { cause });
  }
}

/** An append that was sent and never answered, as often as allowed. It may have been written: sent again, it is written once. */
export class AppendOutcomeUnknown extends Error {
  override readonly name = 'AppendOutcomeUnknown';

  constructor(
    readonly stream: string,
    cause: unknown,
  ) {
    super(`nobody knows yet whether the append to ${stream} was written`, { cause });
  }
}

/**
 * A stream that cannot be read as it stands: deleted, cut off by its retention, of a broken chain, or holding an event that is not
 * ours or of a type that this version does not know. It takes its own account, tier or platform out, and nothing else.
 */
export class StreamDamaged extends Error {
  override readonly name = 'StreamDamaged';

  constructor(
    readonly stream: string,
    /** What is wrong with it, for whoever has to mend it. */
    readonly damage: string,
    cause?: unknown,
  ) {
    super(`${stream} is damaged: ${damage}`, { cause });
  }
}

/**
 * A store that is there and must not be used as it is: a wrong password, a right that is missing, a certificate nobody vouches for, a
 * setting that drops events, a file that is cut off. The message is one sentence with the remedy, for whoever runs it; the process ends.
 */
export class StoreUnfit extends Error {
  override readonly name = 'StoreUnfit';
  readonly remedy = 'Nothing was changed. docs/operating.md says what the store needs.';

  constructor(sentence: string, cause?: unknown) {
    super(sentence, { cause });
  }
}
