import type { Clock } from './clock';

/** How long one piece of work may hold the thread before others have their turn, in milliseconds. */
export const LONGEST_TURN_MS = 10;

/** Cuts a long loop into turns, so that what else waits for the thread is served between them. Begin one for each loop. */
export class Turns {
  private startedAt: number;

  constructor(private readonly clock: Clock) {
    this.startedAt = clock.now();
  }

  /** Called after each step of the loop: resolves at once, or, where the turn is used up, after others had theirs. */
  async next(): Promise<void> {
    // A clock that was set back must not keep the turn either.
    if (Math.abs(this.clock.now() - this.startedAt) < LONGEST_TURN_MS) return;
    await this.clock.sleep(0);
    this.startedAt = this.clock.now();
  }
}
