import type { BookedEvent } from './projection';

/** A projection's rows could not be written. It says at which event, where the event alone tells. Strangers never see it. */
export class FoldFailed extends Error {
  override readonly name = 'FoldFailed';

  constructor(
    readonly projection: string,
    readonly at: Pick<BookedEvent, 'stream' | 'revision' | 'position' | 'event'> | null,
    cause: unknown,
  ) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const where = at
      ? `at position ${at.position}, revision ${at.revision} of ${at.stream} (${at.event.type})`
      : 'at no one event';
    super(`${projection} cannot be folded ${where}: ${why}`, { cause });
  }
}
