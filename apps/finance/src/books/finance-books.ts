import { Injectable } from '@nestjs/common';
import type { BooksEvent } from '@meterbook/domain/closing/events';
import { booksStream } from '@meterbook/books/books-event';
import { encodeEvent, type EventMetadata } from '@meterbook/books/event-codec';
import { EventStore } from '@meterbook/event-store/event-store';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { idOf, PlatformBooks, type BooksEventOf } from './platform-books';

/** Platforms whose books are kept in memory, those that were asked for last; a closing or a reconciliation takes about 1 KiB. */
const MAX_KEPT_PLATFORMS = 200;
/** Races that an event may lose to others before the writer gives up. */
const MAX_ATTEMPTS = 20;

export interface Recorded<Event> {
  /** What stands in the books: the event, or the same one of an earlier time. */
  readonly event: Event;
  readonly repeated: boolean;
}

/** What finance writes down: the closings and the reconciliations of each platform, each once by its id. */
@Injectable()
export class FinanceBooks {
  private readonly kept = new Map<string, PlatformBooks>();

  constructor(private readonly store: EventStore) {}

  /** A platform's books as of the head of their stream. Throws `StreamDamaged`. */
  async confirmed(platform: string): Promise<PlatformBooks> {
    const books = this.booksOf(platform);
    const head = await this.store.head(books.stream);
    if (head === 'no-stream' || head <= books.revision) return books;
    // Another reader may be at it too: each event is taken by whoever comes by first.
    for await (const stored of this.store.read(books.stream, books.revision + 1, 'forward'))
      if (stored.revision === books.revision + 1) books.read(stored);
    return books;
  }

  /** What was recorded under an id before; undefined where nothing was. Throws `idempotency_conflict` where that was of other content. */
  async earlier<Type extends BooksEvent['type']>(
    platform: string,
    type: Type,
    id: string,
    digest: string,
  ): Promise<BooksEventOf<Type> | undefined> {
    return sameOrRefused((await this.confirmed(platform)).earlier(type, id), digest);
  }

  /** Writes an event down, once by its id: throws `idempotency_conflict` where the id stands for other content, `too_busy` where others always come first. */
  async record<Event extends BooksEvent>(
    platform: string,
    event: Event,
    metadata: EventMetadata,
  ): Promise<Recorded<Event>> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const books = await this.confirmed(platform);
      const earlier = sameOrRefused(books.earlier(event.type, idOf(event)), event.digest);
      if (earlier) return { event: earlier as Event, repeated: true };
      const { stream, revision, hash } = books;
      const expectedRevision = revision < 0 ? 'no-stream' : revision;
      const events = [encodeEvent(stream, revision + 1, hash, event, metadata)];
      const [outcome] = await this.store.append([{ stream, expectedRevision, events }]);
      if (outcome?.kind === 'appended') return { event, repeated: false };
    }
    throw new Problem('too_busy', 'Too many others write into the books of this platform just now.', {
      headers: retryAfter(1),
    });
  }

  private booksOf(platform: string): PlatformBooks {
    const books = this.kept.get(platform) ?? new PlatformBooks(booksStream(platform));
    this.kept.delete(platform);
    this.kept.set(platform, books);
    if (this.kept.size > MAX_KEPT_PLATFORMS) {
      const oldest = this.kept.keys().next();
      if (!oldest.done) this.kept.delete(oldest.value);
    }
    return books;
  }
}

function sameOrRefused<Event extends BooksEvent>(earlier: Event | undefined, digest: string): Event | undefined {
  if (!earlier || earlier.digest === digest) return earlier;
  throw new Problem('idempotency_conflict', 'The id was used before with other content.');
}
