import type { Statement } from 'better-sqlite3';
import type { NewEvent, StreamAppend } from './event-store';
import { encodeLine, frameHash } from './frame';
import { isStreamName, type StreamHead } from './stream-index';

/** A frame's body is closed at this length: small enough that reading one event reads little, large enough for few rows. */
const maxFrameBytes = 48 * 1024;

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

/** Packs events into frames of about `maxFrameBytes` and inserts them inside the open transaction. */
export class FrameWriter {
  private lines: string[] = [];
  private bytes = 0;
  private first: number;

  constructor(
    public next: number,
    public lastHash: string,
    readonly bookedAt: number,
    private readonly insert: Statement<[number, number, number, string, Buffer]>,
  ) {
    this.first = next;
  }

  add(stream: string, head: StreamHead | undefined, event: NewEvent): StreamHead {
    if (this.bytes >= maxFrameBytes) this.flush();
    const revision = head ? head.revision + 1 : 0;
    const line = encodeLine(stream, revision, head, event);
    const place = { revision, position: this.next, offset: this.bytes };
    this.lines.push(line);
    this.bytes += Buffer.byteLength(line);
    this.next += 1;
    return place;
  }

  flush(): void {
    if (this.lines.length === 0) return;
    const body = Buffer.from(this.lines.join(''));
    const frame = { position: this.first, events: this.lines.length, bookedAt: this.bookedAt, body };
    this.lastHash = frameHash(this.lastHash, frame);
    this.insert.run(frame.position, frame.events, frame.bookedAt, this.lastHash, frame.body);
    this.first = this.next;
    this.lines = [];
    this.bytes = 0;
  }
}
