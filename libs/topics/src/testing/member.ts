import { SystemClock } from '@meterbook/runtime/system-clock';
import type { BatchHandler, DeliveredRecord, Topics } from '../topics';

/** An engine may take seconds to let a member join or to notice that one has gone. */
export const DEADLINE_MS = 60_000;
export const LOOK_EVERY_MS = 20;

export const clock = new SystemClock();

/** Resolves once it holds; rejects after a minute. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = clock.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (clock.now() > end) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
    await clock.sleep(LOOK_EVERY_MS);
  }
}

/** A member of a group that keeps what it is given. */
export class Member {
  readonly records: DeliveredRecord[] = [];
  private readonly abort = new AbortController();
  private readonly ended: Promise<void>;

  constructor(topics: Topics, group: string, topic: string, handle: BatchHandler = async () => undefined) {
    this.ended = topics.consume(
      group,
      [topic],
      async (batch, signal) => {
        await handle(batch, signal);
        this.records.push(...batch.records);
      },
      this.abort.signal,
    );
    // A member that breaks down fails the test where it is stopped.
    this.ended.catch(() => undefined);
  }

  get values(): string[] {
    return this.records.map(({ value }) => value);
  }

  has(count: number): Promise<void> {
    return eventually(`${count} records are delivered`, () => this.records.length >= count);
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.ended;
  }
}
