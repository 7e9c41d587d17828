import { SystemClock } from '@meterbook/runtime/system-clock';
import type { ProjectionLoop } from '../projections/projection-loop';

/** How long a condition may take to come true. */
const deadlineMs = 30_000;
const lookEveryMs = 5;

/** A projection loop that a spec starts and stops as often as it likes. */
export class StartedLoop {
  private started: { readonly abort: AbortController; readonly running: Promise<void> } | undefined;

  start(loop: ProjectionLoop): ProjectionLoop {
    const abort = new AbortController();
    this.started = { abort, running: loop.run(abort.signal) };
    return loop;
  }

  /** Ends it, and fails where it has failed; nothing happens where none runs. */
  async stop(): Promise<void> {
    const { started } = this;
    this.started = undefined;
    started?.abort.abort();
    await started?.running;
  }
}

/** Looks again and again, `meanwhile` in between, until it holds; throws at the deadline. */
export async function until(holds: () => boolean, meanwhile: () => void = () => undefined): Promise<void> {
  const clock = new SystemClock();
  for (const deadline = clock.now() + deadlineMs; !holds();) {
    if (clock.now() > deadline) throw new Error('it does not come to pass');
    meanwhile();
    await clock.sleep(lookEveryMs);
  }
}
