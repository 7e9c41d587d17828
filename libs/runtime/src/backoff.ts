import type { Random } from './random';

/** How long somebody waits before the same thing is tried again. */
export interface BackoffLimits {
  /** The wait after the first failure, milliseconds. Each further one doubles it. */
  readonly firstMs: number;
  /** No wait is longer, milliseconds. */
  readonly longestMs: number;
}

/** Doublings after which any limit is reached. */
const MOST_DOUBLINGS = 30;

/** Bytes of chance that a wait takes. */
const CHANCE_BYTES = 4;

/**
 * The wait after the `failures`th failure in a row, counted from 1, in milliseconds. With `random` it is anything from half of that:
 * whoever met the same server when it failed then does not come back to it in the same moment.
 */
export function backoffMs({ firstMs, longestMs }: BackoffLimits, failures: number, random?: Random): number {
  const wholeMs = Math.min(longestMs, firstMs * 2 ** Math.min(Math.max(failures - 1, 0), MOST_DOUBLINGS));
  return random ? Math.round((wholeMs / 2) * (1 + chanceOf(random))) : wholeMs;
}

/** From 0 to less than 1. */
function chanceOf(random: Random): number {
  const bytes = random.bytes(CHANCE_BYTES);
  return new DataView(bytes.buffer, bytes.byteOffset, CHANCE_BYTES).getUint32(0) / 2 ** (8 * CHANCE_BYTES);
}
