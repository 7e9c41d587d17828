import type { Revision, StoredEvent } from '../event-store';
import { StreamDamaged } from '../store-failure';
import { toStoredEvent, type Place } from './frame';
import type { FrameTable } from './frame-table';
import { eventsPerMark, type StreamIndex } from './stream-index';

/** Reads one stream by walking its events back, each from the one after it, a few hundred at a time. Throws `StreamDamaged`. */
export class StreamWalk {
  constructor(
    private readonly table: FrameTable,
    private readonly index: StreamIndex,
    private readonly stream: string,
  ) {}

  /** The events from a revision up to another, in lists that end at the places which the index knows. */
  *forward(first: Revision, last: Revision): Iterable<readonly StoredEvent[]> {
    for (let next = first; next <= last;) {
      const events = this.upToNextMark(next, last);
      yield events;
      next += events.length;
    }
  }

  /** The events from a revision down to the first, in lists. */
  *backward(from: Revision): Iterable<readonly StoredEvent[]> {
    let list: StoredEvent[] = [];
    for (const event of this.walk(this.placeFrom(from))) {
      if (event.revision > from) continue;
      list.push(event);
      if (list.length < eventsPerMark) continue;
      yield list;
      list = [];
    }
    yield list;
  }

  /** Read backward, given forward. */
  private upToNextMark(first: Revision, last: Revision): StoredEvent[] {
    const events: StoredEvent[] = [];
    for (const event of this.walk(this.placeFrom(first))) {
      if (event.revision <= last) events.push(event);
      if (event.revision <= first) break;
    }
    return events.reverse();
  }

  private placeFrom(revision: Revision): Place {
    const place = this.index.placeFrom(this.stream, revision);
    if (!place) throw new StreamDamaged(this.stream, `nothing says where its event ${revision} stands`);
    return place;
  }

  /** The events from a place on, backward. */
  private *walk(from: Place): Iterable<StoredEvent> {
    let before: Revision | undefined;
    for (let place = from; place.position >= 0;) {
      const { line, bookedAt } = this.table.lineAt(place) ?? this.unreadable(place);
      if (line.stream !== this.stream || (before !== undefined && line.revision !== before - 1)) this.unreadable(place);
      yield toStoredEvent(place.position, bookedAt, line);
      before = line.revision;
      place = line.previous;
    }
    if (before !== 0) throw new StreamDamaged(this.stream, `it begins at revision ${before ?? 'none'}`);
  }

  private unreadable({ position }: Place): never {
    throw new StreamDamaged(this.stream, `its event at position ${position} cannot be read`);
  }
}
