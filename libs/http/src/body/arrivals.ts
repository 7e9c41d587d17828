import type { Clock } from '@meterbook/runtime/clock';

/** A body of which no byte arrives for this long is given up. */
export const BODY_IDLE_MS = 10_000;
/** How often is looked for such bodies. */
const LOOK_EVERY_MS = 1_000;
/** Looks without a byte after which a body is given up. Looks are counted instead of time, so that a clock that jumps ends no request. */
const QUIET_LOOKS = BODY_IDLE_MS / LOOK_EVERY_MS;

/** A body on its way. */
interface Arrival {
  /** Bytes that have come so far, of whatever; null when there is nothing to wait for any more. */
  readonly bytes: () => number | null;
  readonly giveUp: () => void;
  seen: number;
  quiet: number;
}

/** Gives up bodies that do not move on, whichever route they are for. */
export class Arrivals {
  private readonly waiting = new Set<Arrival>();
  private readonly stopping = new AbortController();
  private looking = false;

  constructor(private readonly clock: Clock) {}

  /** How many bodies are on their way. */
  get size(): number {
    return this.waiting.size;
  }

  /** Calls `giveUp` once nothing has come for `BODY_IDLE_MS`; what it returns ends the watch. */
  watch(bytes: Arrival['bytes'], giveUp: () => void): () => void {
    const arrival: Arrival = { bytes, giveUp, seen: bytes() ?? 0, quiet: 0 };
    this.waiting.add(arrival);
    if (!this.looking) void this.keepLooking();
    return () => void this.waiting.delete(arrival);
  }

  stop(): void {
    this.stopping.abort();
  }

  private async keepLooking(): Promise<void> {
    this.looking = true;
    while (this.waiting.size > 0 && !this.stopping.signal.aborted) {
      await this.clock.sleep(LOOK_EVERY_MS, this.stopping.signal);
      for (const arrival of this.waiting) this.look(arrival);
    }
    this.looking = false;
  }

  private look(arrival: Arrival): void {
    const bytes = arrival.bytes();
    arrival.quiet = bytes === arrival.seen ? arrival.quiet + 1 : 0;
    arrival.seen = bytes ?? 0;
    if (bytes !== null && arrival.quiet < QUIET_LOOKS) return;
    this.waiting.delete(arrival);
    if (bytes !== null) arrival.giveUp();
  }
}
