import { LONGEST_HOLD_MS } from '@meterbook/domain/access/settled-holds';
import type { HoldEvent } from '@meterbook/domain/access/events';
import { storedInstant } from '@meterbook/domain/time/instant';
import { decodeHoldEvent } from '@meterbook/books/hold-stream';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { chainHash } from '@meterbook/event-store/hash-chain';
import type { Clock } from '@meterbook/runtime/clock';
import { ownText } from '@meterbook/runtime/own-text';
import { Turns } from '@meterbook/runtime/turns';
import { sideBySide } from '../engine/side-by-side';
import { LoadedHolds } from './loaded-holds';
import { fromPageText, PAGE_EVENTS, pageStart } from './request-page';

/** Pages that are read at a time. */
const PAGES_AT_A_TIME = 16;

interface ReadEvent {
  readonly stored: StoredEvent;
  readonly event: HoldEvent;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Reads `hold-` streams from their ends: back to the last note, or to what can still be live, whichever comes first. Which requests
 * were held before is read from pages, each of which tells of many events. Throws `StreamDamaged` where an event cannot be read,
 * does not follow the one before it, or cannot be.
 */
export class HoldLoader {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    /** For how long the id of a held request means that request, milliseconds. */
    private readonly rememberMs: number,
  ) {}

  async read(stream: string, withRequests: boolean): Promise<LoadedHolds> {
    const holds = new LoadedHolds(stream, withRequests);
    const { needed, older } = await this.readBack(stream, 'end', withRequests);
    for (const read of needed) fold(holds, read);
    for (const { stored, event } of older) holds.index(event, stored.revision);
    const first = pageStart(Math.max(holds.book.revision, 0));
    if (withRequests && first > 0) await this.readPages(holds, first);
    return holds;
  }

  /** Goes back to what is stored up to a revision; false where all of it has to be read anew. */
  async rewind(holds: LoadedHolds, revision: number): Promise<boolean> {
    const before = new LoadedHolds(holds.stream, false);
    if (revision >= 0) {
      const { needed } = await this.readBack(holds.stream, revision, false);
      for (const read of needed) fold(before, read);
    }
    return holds.rewind(before.book, before.hash);
  }

  /** Folds what was appended since. */
  async foldTail(holds: LoadedHolds): Promise<void> {
    const turns = new Turns(this.clock);
    const from = holds.book.revision < 0 ? 'start' : holds.book.revision + 1;
    for await (const stored of this.store.read(holds.stream, from, 'forward')) {
      // Others may fold the same while this waits for the store.
      if (stored.revision > holds.book.revision) {
        check(stored, holds.hash);
        fold(holds, decoded(stored));
      }
      await turns.next();
    }
  }

  /**
   * Reads back as far as it has to: what is needed to know what is live, in the order of the stream, and with requests what is older
   * and in no page yet.
   */
  private async readBack(
    stream: string,
    from: number | 'end',
    withRequests: boolean,
  ): Promise<{ readonly needed: readonly ReadEvent[]; readonly older: readonly ReadEvent[] }> {
    const turns = new Turns(this.clock);
    const needed: ReadEvent[] = [];
    const older: ReadEvent[] = [];
    let isNeeded = true;
    let [first, since, upTo]: [number, number, number] = [0, -Infinity, -Infinity];
    let newer: StoredEvent | undefined;
    for await (const stored of this.store.read(stream, from, 'backward')) {
      const read = decoded(stored);
      const { event, at } = read;
      if (newer) {
        check(newer, stored.hash);
        isNeeded &&= at >= since;
      } else {
        // The last event is always needed: it says where the stream ends.
        first = withRequests ? pageStart(stored.revision) : stored.revision;
        since = Math.max(this.clock.now(), at) - LONGEST_HOLD_MS;
      }
      newer = stored;
      (isNeeded ? needed : older).push(read);
      if (isNeeded && event.note !== undefined) upTo = Math.max(upTo, event.note.from ?? stored.revision);
      isNeeded &&= stored.revision > upTo;
      if (!isNeeded && stored.revision <= first) break;
      await turns.next();
    }
    return { needed: needed.reverse(), older };
  }

  /** Which requests were held before a revision, as far back as that has a meaning. */
  private async readPages(holds: LoadedHolds, before: number): Promise<void> {
    const since = this.clock.now() - this.rememberMs;
    const ends = Array.from({ length: before / PAGE_EVENTS }, (_, i) => before - 1 - i * PAGE_EVENTS);
    let oldest = -1;
    await sideBySide(ends, PAGES_AT_A_TIME, async (end) => {
      // The newest come first: what lies behind one that is too old is older.
      if (end < oldest) return;
      if ((await this.readPage(holds, end)) < since) oldest = Math.max(oldest, end);
    });
  }

  /** Takes in the page that an event ends; when it ended. */
  private async readPage(holds: LoadedHolds, end: number): Promise<number> {
    for await (const stored of this.store.read(holds.stream, end, 'backward')) {
      const { event, at } = decoded(stored);
      if (event.requests === undefined) await this.indexEvents(holds, end);
      else {
        const page = folded(holds.stream, () => fromPageText(event.requests ?? ''));
        holds.requests?.addPage(pageStart(end), page);
      }
      return at;
    }
    return -Infinity;
  }

  /** The same from the events themselves. */
  private async indexEvents(holds: LoadedHolds, end: number): Promise<void> {
    const turns = new Turns(this.clock);
    for await (const stored of this.store.read(holds.stream, end, 'backward')) {
      holds.index(decoded(stored).event, stored.revision);
      if (stored.revision <= pageStart(end)) return;
      await turns.next();
    }
  }
}

function decoded(stored: StoredEvent): ReadEvent {
  return folded(stored.stream, () => {
    const event = decodeHoldEvent(stored);
    return { stored, event, at: storedInstant(event.occurredAt) };
  });
}

function check({ stream, revision, type, data, metadata, hash }: StoredEvent, previousHash: string): void {
  folded(stream, () => {
    if (chainHash(previousHash, stream, revision, type, metadata, data) !== hash)
      throw new Error(`the hash at revision ${revision} does not follow from the event before it`);
  });
}

function fold(holds: LoadedHolds, { stored, event }: ReadEvent): void {
  folded(holds.stream, () => holds.fold(event, stored.revision, ownText(stored.hash)));
}
