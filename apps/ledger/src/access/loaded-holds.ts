import type { HoldEvent } from '@meterbook/domain/access/events';
import { evolveHolds, newHoldBook, type HoldBook } from '@meterbook/domain/access/hold-book';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { fingerprintOf, RequestIndex } from './request-index';
import { pageStart } from './request-page';

/** Bytes that an account's holds take in memory, about, before those that are live. */
const BASE_BYTES = 1500;
const BYTES_PER_HOLD = 300;
const BYTES_PER_FINGERPRINT = 8;

/** The `hold-` stream of an account in memory. */
export class LoadedHolds {
  book = newHoldBook();
  /** Hash of the event at its revision. */
  hash = chainStart;
  /** Null for whoever only looks at what is live. */
  readonly requests: RequestIndex | null;
  /** Fingerprints of the page that is being filled, from its first revision on. */
  private page: number[] = [];

  constructor(
    readonly stream: string,
    withRequests: boolean,
  ) {
    this.requests = withRequests ? new RequestIndex() : null;
  }

  /** Bytes of memory it takes, about. */
  get bytes(): number {
    const { live, expiring } = this.book;
    const requests = (this.requests?.bytes ?? 0) + this.page.length * BYTES_PER_FINGERPRINT;
    return BASE_BYTES + Math.max(live.size, expiring.length) * BYTES_PER_HOLD + requests;
  }

  /** The fingerprints of the page that ends with the next event, whose own is the last. */
  get filledPage(): readonly number[] {
    return this.page;
  }

  /** Takes in the next event of the stream, or the first that is read of it. */
  fold(event: HoldEvent, revision: number, hash: string): void {
    evolveHolds(this.book, event, revision);
    if (pageStart(revision) === revision) this.page = [];
    this.hash = hash;
    if (this.requests !== null) this.index(event, revision);
  }

  /**
   * Goes back to what stood at a revision, after events that were taken in and not stored. What the index has too much is harmless:
   * whoever finds something there looks at the event. False where the page was begun since, so that it has to be read anew.
   */
  rewind(book: HoldBook, hash: string): boolean {
    if (this.page.length > 0 && pageStart(this.book.revision) > book.revision + 1) return false;
    this.page.length = Math.min(this.page.length, book.revision + 1 - pageStart(this.book.revision));
    this.book = book;
    this.hash = hash;
    return true;
  }

  /** Notes which request an event held, be it one that was not folded. */
  index(event: HoldEvent, revision: number): void {
    const fingerprint =
      event.type === 'HoldPlaced' && event.requestId !== undefined ? fingerprintOf(this.stream, event.requestId) : 0;
    this.indexAt(fingerprint, revision);
  }

  /** The same by its fingerprint; zero stands for none. */
  indexAt(fingerprint: number, revision: number): void {
    if (fingerprint !== 0) this.requests?.add(fingerprint, revision);
    if (revision < pageStart(Math.max(this.book.revision, 0))) return;
    this.page[revision - pageStart(revision)] = fingerprint;
  }
}
