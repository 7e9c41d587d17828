import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';

/** How far the time of a topic may be ahead of our clock before that is an alarm: no two machines agree to the millisecond. */
const TOLERATED_MS = 60_000;

/**
 * Watches how far the time that usage was stored or accepted at is ahead of our clock. A clock that has jumped is an alarm and never
 * a loss: nothing is decided by it here.
 */
export class TopicTime {
  /** How far it is ahead, milliseconds; 0 while that is tolerable. */
  aheadMs = 0;

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Takes the time of a batch's last record, milliseconds since 1970. */
  note(topic: string, partition: number, timestampMs: number): void {
    const ahead = timestampMs - this.clock.now();
    const before = this.aheadMs;
    this.aheadMs = ahead > TOLERATED_MS ? ahead : 0;
    if (before === 0 && this.aheadMs > 0)
      this.log.error(
        { topic, partition, aheadMs: this.aheadMs },
        'A topic stores times that are far ahead of our clock: one of the clocks has jumped. Usage is charged all the same.',
      );
  }
}
