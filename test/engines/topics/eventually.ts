import { SystemClock } from '@meterbook/runtime/system-clock';

const clock = new SystemClock();
/** An engine may take seconds to notice that somebody has gone. */
const DEADLINE_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** Resolves once it holds; rejects when it does not in time. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = clock.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (clock.now() > end) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
    await clock.sleep(LOOK_EVERY_MS);
  }
}
