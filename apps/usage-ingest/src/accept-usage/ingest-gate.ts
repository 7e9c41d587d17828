import type { BodyPlace, BodyRoom } from '@meterbook/http/body/body-room';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import type { Clock } from '@meterbook/runtime/clock';

/** How long nobody is let in after the topics had said that they are busy. */
export const CLOSED_MS = 100;
const RETRY_AFTER_SECONDS = 1;

/** Refused because the topics are busy; the same request may be sent again. */
export const topicsBusy = (): Problem =>
  new Problem('too_busy', 'Too much usage is waiting to become durable.', { headers: retryAfter(RETRY_AFTER_SECONDS) });

/** Lets requests in while the bodies that are in flight stay under a limit. It decides before a body is read, and while it arrives. */
export class IngestGate {
  private closedAt: number | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly room: BodyRoom,
  ) {}

  get bytesInFlight(): number {
    return this.room.bytesHeld;
  }

  /** A place for the body of a caller. Throws the problem `too_busy`. */
  enter(caller: string, announcedBytes: number): BodyPlace {
    if (this.isClosed()) throw topicsBusy();
    return this.room.enter(caller, announcedBytes);
  }

  /** Lets nobody in for a moment. */
  close(): void {
    this.closedAt = this.clock.now();
  }

  private isClosed(): boolean {
    if (this.closedAt === null) return false;
    // A clock that was put back must not keep the door shut for as long as that.
    const forMs = this.clock.now() - this.closedAt;
    return forMs >= 0 && forMs < CLOSED_MS;
  }
}
