import { isUtf8 } from 'node:buffer';
import { chainHash, chainStart } from '../hash-chain';
import {
  decodeLine,
  frameHash,
  linesOf,
  unitsOf,
  type Frame,
  type FrameLine,
  type Place,
  type PlacedLine,
} from './frame';
import { isStreamName } from './stream-index';

export interface ExaminedFrame {
  /** The lines that can be read, those of damaged streams included. */
  readonly lines: readonly PlacedLine[];
  /** What is wrong, by the stream that it is wrong with. */
  readonly damaged: ReadonlyMap<string, string>;
  /** True where something in it is lost and nothing tells whose it was. */
  readonly lost: boolean;
  /** True where the frame's own hash holds. */
  readonly isSound: boolean;
}

/** What has to be known of other frames to judge one line by itself. */
export interface OtherFrames {
  /** Hash of the frame before; undefined where there is none that ends where this one begins. */
  readonly hashBefore: string | undefined;
  readonly lineAt: (place: Place) => FrameLine | undefined;
}

/**
 * Reads the lines of a frame. Where the frame's own hash holds, they are as they were written; where it does not, each line is
 * judged by the chain of its stream, so that one changed byte takes out one stream and not all that share the frame.
 */
export function examineFrame(frame: Frame, others: OtherFrames): ExaminedFrame {
  if (!isWhole(frame)) return { lines: [], damaged: new Map(), lost: true, isSound: false };
  if (others.hashBefore !== undefined && frameHash(others.hashBefore, frame) === frame.hash) {
    try {
      return { lines: linesOf(frame), damaged: new Map(), lost: false, isSound: true };
    } catch {
      // What was written wrongly in the first place is judged line by line as well.
    }
  }
  return new FrameExamination(frame, others).result();
}

/** A changed byte in the database's own record header gives values of other types, or none. */
export function isWhole(frame: { readonly [Column in keyof Frame]: unknown }): boolean {
  const { position, events, bookedAt, hash, body } = frame;
  const numbers = [position, events, bookedAt].every((value) => Number.isSafeInteger(value));
  return numbers && typeof hash === 'string' && Buffer.isBuffer(body);
}

class FrameExamination {
  private readonly lines: PlacedLine[] = [];
  private readonly byOffset = new Map<number, FrameLine>();
  private readonly damaged = new Map<string, string>();
  private lost = false;

  constructor(
    private readonly frame: Frame,
    private readonly others: OtherFrames,
  ) {}

  result(): ExaminedFrame {
    const { body, events, position } = this.frame;
    const units = unitsOf(body);
    let ordinal = 0;
    for (let offset = 0; offset < units.length; ordinal++) {
      const found = units.indexOf('\n', offset);
      const end = found < 0 ? units.length : found;
      this.take(units, offset, end, position + ordinal);
      offset = end + 1;
    }
    if (ordinal !== events) {
      // A line break was lost or made: which line stands at which position cannot be told any more.
      this.lost = true;
      for (const { line } of this.lines)
        this.blame(line.stream, `events ${position} to ${position + events - 1} cannot be told apart`);
    }
    return { lines: this.lines, damaged: this.damaged, lost: this.lost, isSound: false };
  }

  private take(units: string, offset: number, end: number, position: number): void {
    const line = decodeLine(units, offset, end);
    const isText = isUtf8(this.frame.body.subarray(offset, end));
    if (line && isText && isStreamName(line.stream)) {
      this.lines.push({ position, offset, line });
      this.byOffset.set(offset, line);
      const fault = this.faultOf(line);
      if (fault !== undefined) this.blame(line.stream, fault);
      return;
    }
    const stream = this.streamOf(units.slice(offset, end));
    if (stream === undefined) this.lost = true;
    else this.blame(stream, `the event at position ${position} cannot be read`);
  }

  private faultOf(line: FrameLine): string | undefined {
    const previous = line.previous.position < 0 ? undefined : this.lineAt(line.previous);
    if (line.revision > 0 && !previous) return `what stood before revision ${line.revision} of it is lost`;
    const follows = previous ? previous.stream === line.stream && previous.revision === line.revision - 1 : true;
    const hash = chainHash(
      previous?.hash ?? chainStart,
      line.stream,
      line.revision,
      line.type,
      line.metadata,
      line.data,
    );
    return follows && hash === line.hash ? undefined : `event ${line.revision} of it was changed after it was written`;
  }

  private lineAt(place: Place): FrameLine | undefined {
    const { position, events } = this.frame;
    const isHere = place.position >= position && place.position < position + events;
    return isHere ? this.byOffset.get(place.offset) : this.others.lineAt(place);
  }

  /** Whose a line is that cannot be read: the event before it knows, else its own first word. */
  private streamOf(units: string): string | undefined {
    const [name = '', revision = '', position = '', offset = ''] = units.split('\t', 1)[0]?.split(' ') ?? [];
    if (/^\d+$/.test(position) && /^\d+$/.test(offset)) {
      const previous = this.lineAt({ position: Number(position), offset: Number(offset) });
      if (previous) return previous.stream;
    }
    return isStreamName(name) && /^\d+$/.test(revision) ? name : undefined;
  }

  private blame(stream: string, damage: string): void {
    if (!this.damaged.has(stream)) this.damaged.set(stream, damage);
  }
}
