import { setImmediate as turn } from 'node:timers/promises';
import { Clock } from '../clock';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. */
export class ManualClock extends Clock {
  private readonly sleepers = new Set<Sleeper>();

  /** @param instant milliseconds since 1970 */
  constructor(private instant: number = Date.UTC(2026, 10, 21, 10)) {
    super();
  }

  /** How many sleep just now. */
  get sleeping(): number {
    return this.sleepers.size;
  }

  override now(): number {
    return this.instant;
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper: Sleeper = { at: this.instant + Math.max(0, ms), wake };
      this.sleepers.add(sleeper);
      signal?.addEventListener('abort', wake);
    });
  }

  /**
   * Moves on by `ms` milliseconds: wakes each sleeper at its own instant, earliest first, and lets it run before the next.
   * What is on its way to sleep gets there first.
   */
  async advance(ms: number): Promise<void> {
    await turn();
    const end = this.instant + ms;
    for (let next = this.nextUntil(end); next !== undefined; next = this.nextUntil(end)) {
      this.instant = Math.max(this.instant, next.at);
      next.wake();
      await turn();
    }
    this.instant = end;
    await turn();
  }

  /** Lets everything run that waits for no time. */
  async settle(): Promise<void> {
    await turn();
  }

  private nextUntil(end: number): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of this.sleepers) {
      if (sleeper.at <= end && (next === undefined || sleeper.at < next.at)) next = sleeper;
    }
    return next;
  }
}
