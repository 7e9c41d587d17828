import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import type { Clock } from '@meterbook/runtime/clock';

/** How long nobody is let in after the topics had said that they are busy. */
export const CLOSED_MS = 100;
const RETRY_AFTER_SECONDS = 1;

const refusals = {
  'in-flight': 'Too many bytes of usage are in flight.',
  topics: 'Too much usage is waiting to become durable.',
} as const;

/** Refused because too much is waiting; the same request may be sent again. */
export const tooBusy = (why: keyof typeof refusals): Problem =>
  new Problem('too_busy', refusals[why], { headers: retryAfter(RETRY_AFTER_SECONDS) });

/** Lets requests in while the bodies that are in flight stay under a limit. It decides before a body is read. */
export class IngestGate {
  private bytes = 0;
  private closedUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly maxBytes: number,
  ) {}

  get bytesInFlight(): number {
    return this.bytes;
  }

  /** Takes room for a body of so many bytes; what it returns gives the room back, once. Throws the problem `too_busy`. */
  enter(bodyBytes: number): () => void {
    if (this.clock.now() < this.closedUntil) throw tooBusy('topics');
    if (this.bytes + bodyBytes > this.maxBytes) throw tooBusy('in-flight');
    this.bytes += bodyBytes;
    let inside = true;
    return () => {
      if (inside) this.bytes -= bodyBytes;
      inside = false;
    };
  }

  /** Lets nobody in for a moment. */
  close(): void {
    this.closedUntil = this.clock.now() + CLOSED_MS;
  }
}
