import type { Statement } from '@meterbook/runtime/sqlite';
import type { NewEvent, StreamAppend } from '../event-store';
import { encodeLine, frameHash } from './frame';
import { EVENTS_PER_MARK, isStreamName, type StreamHead } from './stream-index';

/** Bytes of a database page, and what of it a frame's body may fill, so that reading one event reads one page. */
export const PAGE_BYTES = 16 * 1024;
const MAX_FRAME_BYTES = PAGE_BYTES - 250;

/** Throws where an append cannot be stored as it is: what got into a frame like that could never be read again. */
export function refuseUnstorable({ stream, events }: StreamAppend): void {
  if (!isStreamName(stream)) throw new Error(`not the name of a stream: ${JSON.stringify(stream)}`);
  if (events.length === 0) throw new Error(`append of no events to ${stream}`);
  for (const { type, hash, metadata, data } of events) {
    for (const text of [type, hash, metadata])
      if (text.includes('\t') || text.includes('\n'))
        throw new Error(`a raw tab or line break in an event for ${stream}`);
    if (data.includes('\n')) throw new Error(`a raw line break in an event for ${stream}`);
  }
}

/** Events that are to become a frame; when they are booked, and behind which frame they stand, is said as they are written. */
export interface PackedFrame {
  /** Position of its first event. */
  readonly position: number;
  readonly events: number;
  /** The lines of its body. */
  readonly text: string;
  /** When another store has booked them, milliseconds; left out where they are booked as they are written. */
  readonly bookedAt?: number;
}

/** Packs events into frames of about `MAX_FRAME_BYTES`, and hands on each that is full. */
export class FrameWriter {
  /** The places among those packed that the stream index keeps. */
  readonly marks: { readonly stream: string; readonly place: StreamHead }[] = [];
  private lines: string[] = [];
  private bytes = 0;
  private first: number;
  private bookedAt: number | undefined;

  constructor(
    public next: number,
    private readonly take: (frame: PackedFrame) => void,
  ) {
    this.first = next;
  }

  /** When another store has booked what is added from here on, milliseconds; undefined where it is booked as it is written. */
  bookAt(bookedAt: number | undefined): void {
    if (bookedAt === this.bookedAt) return;
    this.flush();
    this.bookedAt = bookedAt;
  }

  add(stream: string, head: StreamHead | undefined, event: NewEvent): StreamHead {
    const revision = head ? head.revision + 1 : 0;
    const line = encodeLine(stream, revision, head, event);
    const bytes = Buffer.byteLength(line);
    if (this.bytes + bytes > MAX_FRAME_BYTES) this.flush();
    const place = { revision, position: this.next, offset: this.bytes };
    this.lines.push(line);
    this.bytes += bytes;
    this.next += 1;
    if (revision % EVENTS_PER_MARK === EVENTS_PER_MARK - 1) this.marks.push({ stream, place });
    return place;
  }

  /** Hands on what is left. */
  flush(): void {
    if (this.lines.length === 0) return;
    const { first: position, bookedAt } = this;
    const frame = { position, events: this.lines.length, text: this.lines.join('') };
    this.take(bookedAt === undefined ? frame : { ...frame, bookedAt });
    this.first = this.next;
    this.lines = [];
    this.bytes = 0;
  }
}

/** Inserts frames one behind the other inside the transaction that is open, all of them booked now, but for those that say otherwise. */
export class FrameChain {
  /** When the last frame was booked, milliseconds. */
  bookedAt: number;

  constructor(
    public lastHash: string,
    private readonly now: number,
    private readonly insert: Statement<[number, number, number, string, Buffer]>,
  ) {
    this.bookedAt = now;
  }

  add({ position, events, text, bookedAt = Math.max(this.now, this.bookedAt) }: PackedFrame): void {
    this.bookedAt = bookedAt;
    const body = Buffer.from(text);
    this.lastHash = frameHash(this.lastHash, { position, events, bookedAt, body });
    this.insert.run(position, events, bookedAt, this.lastHash, body);
  }
}
