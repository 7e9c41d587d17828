import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';

/** Delay before something that is away is asked again; each further one doubles it. */
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5_000;

export interface Patience {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Tries for as long as the failure is one that passes; rejects with any other. Resolves also when aborted. */
export async function untilThere(
  what: string,
  attempt: () => Promise<void>,
  passes: (error: unknown) => boolean,
  { clock, log, signal }: Patience,
): Promise<void> {
  for (let delayMs = FIRST_DELAY_MS; !signal.aborted; delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2)) {
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
