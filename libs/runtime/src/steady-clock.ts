import { Clock } from './clock';

/** The most that may pass between two looks and still be taken for time that has passed, milliseconds. */
export const LONGEST_STEP_MS = 60_000;

/**
 * A clock to measure how long something takes. It starts with what another clock says, never goes back, and goes on by at most
 * `LONGEST_STEP_MS` between two looks: where that clock is set to another time, nobody has waited for days because of it, and
 * nobody waits for days.
 */
export class SteadyClock extends Clock {
  private seenMs: number;
  private steadyMs: number;

  constructor(private readonly clock: Clock) {
    super();
    this.seenMs = clock.now();
    this.steadyMs = this.seenMs;
  }

  override now(): number {
    const now = this.clock.now();
    this.steadyMs += Math.min(Math.max(0, now - this.seenMs), LONGEST_STEP_MS);
    this.seenMs = now;
    return this.steadyMs;
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.clock.sleep(ms, signal);
  }
}
