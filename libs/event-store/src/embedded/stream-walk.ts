import type { Revision, StoredEvent } from '../event-store';
import { StreamDamaged } from '../store-failure';
import { toStoredEvent, type Place } from './frame';
import type { FrameTable } from './frame-table';
import { EVENTS_PER_MARK, type StreamHead, type StreamIndex } from './stream-index';

/** Bytes that are read before others get their turn: a millisecond or two of work. One event may have more. */
export const TURN_BYTES = 256 * 1024;
/** Bytes of events that are kept while a reader walks back past them; those beyond are read again when their turn comes. */
const MAX_KEPT_BYTES = 1024 * 1024;

/** What passing an event without reading its content counts for. */
const PASSING_BYTES = 8 * 1024;

/** An event on the way; its content where it was wanted. */
interface Step {
  readonly place: Place;
  /** Where the stream's event before it stands. */
  readonly previous: Place;
  readonly revision: Revision;
  readonly event: StoredEvent | undefined;
  readonly bytes: number;
}

/** Stands between events where a turn of reading is over. */
export const turnOver = null;

/**
 * Reads one stream by walking its events back, each from the one after it, and no further than is asked for. Throws `StreamDamaged`.
 */
export class StreamWalk {
  constructor(
    private readonly table: FrameTable,
    private readonly index: StreamIndex,
    private readonly stream: string,
  ) {}

  /** The events from a revision up to another. */
  *forward(first: Revision, last: Revision): Iterable<StoredEvent | typeof turnOver> {
    for (let next = first; next <= last;) {
      const mark = Math.min(last, next - (next % EVENTS_PER_MARK) + EVENTS_PER_MARK - 1);
      yield* this.upTo(next, mark);
      next = mark + 1;
    }
  }

  /** The events from a revision down to the first. */
  *backward(from: Revision): Iterable<StoredEvent | typeof turnOver> {
    const turn = new TurnOfReading();
    for (const { bytes, event } of this.walk(this.placeFrom(from), (revision) => revision <= from)) {
      if (event) yield event;
      if (turn.endsWith(bytes)) yield turnOver;
    }
  }

  /** Walked backward, given forward. */
  private *upTo(first: Revision, last: Revision): Iterable<StoredEvent | typeof turnOver> {
    const turn = new TurnOfReading();
    const passed: Step[] = [];
    let keptBytes = 0;
    for (const step of this.walk(this.placeFrom(first), (at) => at <= last && keptBytes < MAX_KEPT_BYTES)) {
      if (step.event) keptBytes += step.bytes;
      if (step.revision <= last) passed.push(step);
      if (step.revision <= first) break;
      if (turn.endsWith(step.bytes)) yield turnOver;
    }
    for (const { place, event } of passed.reverse()) {
      const read = event ? { event, bytes: 0 } : this.eventAt(place);
      if (read.event) yield read.event;
      if (turn.endsWith(read.bytes)) yield turnOver;
    }
  }

  private placeFrom(revision: Revision): StreamHead {
    const place = this.index.placeFrom(this.stream, revision);
    if (!place) throw new StreamDamaged(this.stream, `nothing says where its event ${revision} stands`);
    return place;
  }

  /** The events from a place on, backward. */
  private *walk(from: StreamHead, isWanted: (revision: Revision) => boolean): Iterable<Step> {
    let place: Place = from;
    for (let { revision } = from; revision >= 0; revision--) {
      if (place.position < 0) throw new StreamDamaged(this.stream, `it begins at revision ${revision + 1}`);
      const step = isWanted(revision) ? this.eventAt(place) : this.pass(place);
      if (step.revision !== revision) this.unreadable(place);
      yield step;
      place = step.previous;
    }
  }

  private eventAt(place: Place): Step {
    const found = this.table.lineAt(place);
    if (found?.line.stream !== this.stream) this.unreadable(place);
    const { line, bookedAt, bytes } = found;
    const event = toStoredEvent(place.position, bookedAt, line);
    return { place, previous: line.previous, revision: line.revision, event, bytes };
  }

  private pass(place: Place): Step {
    const found = this.table.pointerAt(place);
    if (found?.stream !== this.stream) this.unreadable(place);
    const { revision, previous } = found;
    return { place, previous, revision, event: undefined, bytes: PASSING_BYTES };
  }

  private unreadable({ position }: Place): never {
    throw new StreamDamaged(this.stream, `its event at position ${position} cannot be read`);
  }
}

/** Counts what is read in one turn. */
class TurnOfReading {
  private bytes = 0;
  private reads = 0;

  /** Whether the turn is over with so many bytes more; then another begins. */
  endsWith(bytes: number): boolean {
    this.bytes += bytes;
    this.reads += 1;
    if (this.bytes < TURN_BYTES && this.reads < EVENTS_PER_MARK) return false;
    this.bytes = 0;
    this.reads = 0;
    return true;
  }
}
