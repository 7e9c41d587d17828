import { backoffMs } from '@meterbook/runtime/backoff';
import type { Clock } from '@meterbook/runtime/clock';
import { SystemRandom } from '@meterbook/runtime/system-random';

/** What the adapter waits for, how often and for how much. */
export interface EsdbLimits {
  /** How long one call may take, and finding the cluster before it, before its outcome counts as unknown. */
  readonly callDeadlineMs: number;
  /** How often a call whose outcome is unknown is made, all told. */
  readonly attempts: number;
  /** A call is given up once it has taken this long, all its attempts and pauses told: whoever waits for it has to hear something. */
  readonly giveUpAfterMs: number;
  /** No attempt gets less time than this: one that ends too soon would speak ill of a node that is well. */
  readonly leastAttemptMs: number;
  /** Longest wait before the second attempt; each further one doubles it. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** Appends of different streams that are under way at a time, over all callers. */
  readonly parallelAppends: number;
  /** How often an idle subscription asks the leader whether it has seen everything. */
  readonly markEveryMs: number;
  /** A subscription that leaves an event undelivered for this long is taken for dead and opened anew. */
  readonly silenceMs: number;
  /**
   * How far the servers' clocks may be behind ours, and how long a write may take from its timestamp until it can be read,
   * both together: a caught-up mark is dated back by it, so that nothing is booked before it later on.
   */
  readonly clockAllowanceMs: number;
}

export const esdbLimits: EsdbLimits = {
  callDeadlineMs: 5_000,
  attempts: 8,
  giveUpAfterMs: 8_000,
  leastAttemptMs: 1_000,
  firstRetryMs: 50,
  longestRetryMs: 2_000,
  parallelAppends: 64,
  markEveryMs: 200,
  silenceMs: 5_000,
  clockAllowanceMs: 1_000,
};

/** How often a call is made that gets no answer, and until when: its attempts, and the pauses between them, share one time. */
export class Attempts {
  private failures = 0;
  private readonly startedAt: number;

  constructor(
    private readonly limits: EsdbLimits,
    private readonly clock: Clock,
    private readonly most = limits.attempts,
  ) {
    this.startedAt = clock.now();
  }

  /** How long the next attempt may take, milliseconds. A clock that is set back adds nothing to it. */
  get leftMs(): number {
    const { leastAttemptMs, callDeadlineMs } = this.limits;
    return Math.min(Math.max(this.restMs(), leastAttemptMs), callDeadlineMs);
  }

  /** Notes that an attempt has failed and waits before the next; false where there is to be none. */
  async again(): Promise<boolean> {
    this.failures += 1;
    const pauseMs = retryDelayMs(this.limits, this.failures);
    if (this.failures >= this.most || this.restMs() < pauseMs + this.limits.leastAttemptMs) return false;
    await this.clock.sleep(pauseMs);
    return true;
  }

  private restMs(): number {
    return this.startedAt + this.limits.giveUpAfterMs - this.clock.now();
  }
}

const chance = new SystemRandom();

/** Wait after the `failures`th failure in a row, in milliseconds; spread, since all processes fail together when the server does. */
export function retryDelayMs(limits: EsdbLimits, failures: number): number {
  return backoffMs({ firstMs: limits.firstRetryMs, longestMs: limits.longestRetryMs }, failures, chance);
}
