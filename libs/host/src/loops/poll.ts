import type { Clock } from '@meterbook/runtime/clock';
import { SteadyClock } from '@meterbook/runtime/steady-clock';

/** An answer that is older than this tells nothing about now. */
export const STALE_MS = 5_000;

/** Asks the same question again and again, one at a time, and keeps the last answer. */
export class Poll<T> {
  private answer: { readonly atMs: number; readonly value: T } | undefined;

  private readonly clock: Clock;

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly everyMs: number,
    clock: Clock,
  ) {
    this.clock = new SteadyClock(clock);
  }

  /** The last answer; undefined where the last question failed, or is not answered for too long. */
  get last(): T | undefined {
    return this.answer && this.clock.now() - this.answer.atMs <= STALE_MS ? this.answer.value : undefined;
  }

  /** Goes on until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const value = await this.ask();
        this.answer = { atMs: this.clock.now(), value };
      } catch {
        // What is asked about is down: whoever works with it reports the error.
        this.answer = undefined;
      }
      await this.clock.sleep(this.everyMs, signal);
    }
  }
}
