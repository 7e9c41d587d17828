import { comparePositions, type EventStore } from '@meterbook/event-store/event-store';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import type { Clock } from '@meterbook/runtime/clock';
import type { KeyIndex } from './key-index';
import type { IndexedKey } from './key-index-file';

/** How long an unknown key waits for the index to have read what is in the store. */
const CATCH_UP_WITHIN_MS = 1_000;
const LOOK_EVERY_MS = 10;
const RETRY_AFTER_SECONDS = 1;

/**
 * Finds keys in the index, a key that was issued a moment ago too: one that is not there is looked for again once the index has
 * read all that was in the store when it was asked. However many ask for keys that nobody has, they wait together.
 */
export class FindKey {
  private current: Promise<void> = Promise.resolve();
  private following: Promise<void> | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly index: KeyIndex,
    private readonly clock: Clock,
  ) {}

  /** The key of a secret, by its hash; undefined where nobody was issued it. Throws the problem `unavailable` while the index is far behind. */
  async find(secretHash: string): Promise<IndexedKey | undefined> {
    const known = this.index.of(secretHash);
    if (known) return known;
    await this.upToNow();
    return this.index.of(secretHash);
  }

  /** The next look at the store's end is for all who ask before it. */
  private upToNow(): Promise<void> {
    this.following ??= this.current
      .catch(() => undefined)
      .then(() => {
        this.following = undefined;
        this.current = this.catchUp();
        return this.current;
      });
    return this.following;
  }

  private async catchUp(): Promise<void> {
    const end = await this.store.end();
    const deadline = this.clock.now() + CATCH_UP_WITHIN_MS;
    while (comparePositions(this.index.position(), end) < 0) {
      if (this.clock.now() >= deadline)
        throw new Problem('unavailable', 'The API keys are still being read from the store.', {
          headers: retryAfter(RETRY_AFTER_SECONDS),
        });
      await this.clock.sleep(LOOK_EVERY_MS);
    }
  }
}
