import type { Clock } from './clock';

/** How long one piece of work may hold the thread before others have their turn, in milliseconds. */
export const LONGEST_TURN_MS = 10;

/** Cuts a long loop into turns, so that what else waits for the thread is served between them. Begin one for each loop. */
export class Turns {
  private startedAt: number;

  constructor(private readonly clock: Clock) {
    this.startedAt = clock.now();
  }

  /** Whether the turn is used up: a loop of very small steps asks first and waits only then. */
  get areOver(): boolean {
    // A clock that was set back must not keep the turn either.
    return Math.abs(this.clock.now() - this.startedAt) >= LONGEST_TURN_MS;
  }

  /** Called after each step of the loop: resolves at once, or, where the turn is used up, after others had theirs. */
  async next(): Promise<void> {
    if (!this.areOver) return;
    await this.clock.sleep(0);
    this.startedAt = this.clock.now();
  }
}
