import { backoffMs } from '@meterbook/runtime/backoff';

/** What the adapter waits for, how often and for how much. */
export interface EsdbLimits {
  /** How long one call may take, and finding the cluster before it, before its outcome counts as unknown. */
  readonly callDeadlineMs: number;
  /** How often a call whose outcome is unknown is made, all told. */
  readonly attempts: number;
  /** No further attempt is made once a call has taken this long, all told: whoever waits for it has to hear something. */
  readonly giveUpAfterMs: number;
  /** Wait before the second attempt; each further one doubles it. */
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
  firstRetryMs: 50,
  longestRetryMs: 2_000,
  parallelAppends: 64,
  markEveryMs: 200,
  silenceMs: 5_000,
  clockAllowanceMs: 1_000,
};

/** Wait after the `failures`th failure in a row, in milliseconds. */
export function retryDelayMs(limits: EsdbLimits, failures: number): number {
  return backoffMs({ firstMs: limits.firstRetryMs, longestMs: limits.longestRetryMs }, failures);
}

/** Whether a call that keeps failing is given up: it was made often enough, or has taken long enough. */
export function isGivenUp(limits: EsdbLimits, failures: number, attempts: number, tookMs: number): boolean {
  return failures >= attempts || tookMs >= limits.giveUpAfterMs;
}
