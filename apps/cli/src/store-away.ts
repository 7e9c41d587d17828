import { StoreUnavailable } from '@meterbook/event-store/store-failure';

/** The store that a command is about does not answer, or takes nothing. The command does not wait: whoever typed it does. */
export class StoreAway extends Error {
  override readonly name = 'StoreAway';

  private constructor(
    why: string,
    /** What to do, a sentence. */
    readonly remedy: string,
    cause: unknown,
  ) {
    super(`The event store cannot be reached or written: ${why}`, { cause });
  }

  /** What a failure stands for, for the store that the environment names; undefined for any other error. */
  static of(error: unknown, serverUrl: string | undefined): StoreAway | undefined {
    if (!(error instanceof StoreUnavailable)) return undefined;
    const isServer = serverUrl !== undefined && serverUrl !== '';
    const remedy = isServer
      ? 'See that its server runs, and that EVENTSTORE_URL says where; then give the same command again.'
      : 'See that there is room on the disk of DATA_DIR, and that nobody else holds its files; then give the same command again.';
    return new StoreAway(error.why.trim(), remedy, error);
  }
}
