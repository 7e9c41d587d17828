import type { RecordedEvent } from './recorded-event';

/**
 * *Booked at* along the store: the running maximum of the server's time over the events of the books, so that it never falls and is the
 * same for every reader, wherever it began. What may age counts for nothing, since it may be gone for the next reader.
 */
export class BookedAt {
  /** @param latest the maximum before the first event that is taken, milliseconds. */
  constructor(
    public latest: number,
    private readonly mayAge: (stream: string) => boolean,
  ) {}

  /** When an event counts as booked, milliseconds; takes every event of the books in store order. */
  take(record: RecordedEvent): number {
    if (!record.ours) return this.latest;
    if (this.mayAge(record.stream)) return Math.max(this.latest, record.bookedAt);
    this.latest = Math.max(this.latest, record.bookedAt);
    return this.latest;
  }
}
