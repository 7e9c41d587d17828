/** How long somebody waits before the same thing is tried again. */
export interface BackoffLimits {
  /** The wait after the first failure, milliseconds. Each further one doubles it. */
  readonly firstMs: number;
  /** No wait is longer, milliseconds. */
  readonly longestMs: number;
}

/** Doublings after which any limit is reached. */
const MOST_DOUBLINGS = 30;

/** The wait after the `failures`th failure in a row, counted from 1, in milliseconds. */
export function backoffMs({ firstMs, longestMs }: BackoffLimits, failures: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(Math.max(failures - 1, 0), MOST_DOUBLINGS));
}
