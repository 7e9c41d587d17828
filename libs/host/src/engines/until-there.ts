import { backoffMs, type BackoffLimits } from '@meterbook/runtime/backoff';
import type { Clock } from '@meterbook/runtime/clock';
import type { Random } from '@meterbook/runtime/random';
import type { Log } from '@meterbook/runtime/log';

/** Delays before something that is away is asked again. */
const PATIENCE: BackoffLimits = { firstMs: 250, longestMs: 5_000 };

export interface Patience {
  readonly clock: Clock;
  /** Processes that wait for the same server do not ask in the same moment. Left out where nobody else does. */
  readonly random?: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Tries for as long as the failure is one that passes; rejects with any other. Resolves also when aborted. */
export async function untilThere(
  what: string,
  attempt: () => Promise<void>,
  passes: (error: unknown) => boolean,
  { clock, random, log, signal }: Patience,
): Promise<void> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    const delayMs = backoffMs(PATIENCE, failures, random);
    try {
      await attempt();
      return;
    } catch (error) {
      if (!passes(error)) throw error;
      log.warn({ err: error, retryInMs: delayMs }, `The ${what} is not there yet.`);
    }
    await clock.sleep(delayMs, signal);
  }
}
