import type { Frame, PlacedLine } from './frame';
import { examineFrame, isWhole } from './frame-examination';
import type { FrameTable } from './frame-table';
import type { RecentFrames } from './recent-frames';

/** Positions of the store at which something is lost and nothing tells whose it was. */
export interface Hole {
  readonly from: number;
  readonly to: number;
}

export interface WalkedFrame {
  /** Position after the frame's last event. */
  readonly end: number;
  readonly bookedAt: number;
  readonly hash: string;
  readonly lines: readonly PlacedLine[];
  /** What is wrong, by the stream that it is wrong with. */
  readonly damaged: ReadonlyMap<string, string>;
}

/** Holes that are told apart; those after them are taken for one. */
const MAX_HOLES = 1_000;

const none: ReadonlyMap<string, string> = new Map();

/** Goes over the frames in store order, a few at a time, and judges each of them. */
export class FrameWalk {
  readonly holes: Hole[] = [];
  /** Whether there may be frames after those that were taken last. */
  more = false;

  constructor(
    private readonly table: FrameTable,
    private readonly recent: RecentFrames,
    /** Position of the event that comes next. */
    public next: number,
    /** Hash of the frame that ends before it; undefined where that is not known. */
    public hash?: string,
  ) {}

  /** The next frames, at most `count`; none where there are no more just now. */
  take(count: number): WalkedFrame[] {
    const known = this.takeRecent(count);
    if (known.length > 0) {
      this.more = true;
      return known;
    }
    this.more = this.hash === undefined || this.table.reaches(this.next);
    return this.more ? this.read(count) : [];
  }

  private takeRecent(count: number): WalkedFrame[] {
    const walked: WalkedFrame[] = [];
    while (this.hash !== undefined && walked.length < count) {
      const frame = this.recent.at(this.next, this.hash);
      if (!frame) break;
      walked.push(this.pass(frame, none));
    }
    return walked;
  }

  private read(count: number): WalkedFrame[] {
    const walked: WalkedFrame[] = [];
    const first = this.hash === undefined ? this.table.firstFor(this.next) : this.next;
    const { frames, more, lost } = this.table.from(first, count);
    this.more = more;
    if (lost) this.passLost(lost);
    for (const frame of frames) {
      if (isWhole(frame) && frame.position + frame.events <= this.next) continue;
      if (frame.position > this.next) this.addHole(this.next, frame.position - 1);
      walked.push(this.examine(frame));
    }
    return walked;
  }

  /** Everything from here to the end of the store is lost, and what is appended next goes on behind it. */
  private passLost({ position, events, hash }: Omit<Frame, 'body'>): void {
    const end = position + events;
    if (end <= this.next) return;
    this.addHole(this.next, end - 1);
    this.next = end;
    this.hash = hash;
  }

  private examine(frame: Frame): WalkedFrame {
    const { position, bookedAt, hash } = frame;
    const hashBefore = position === this.next && this.hash !== undefined ? this.hash : this.table.hashBefore(position);
    const { lines, damaged, lost, isSound } = examineFrame(frame, {
      hashBefore,
      lineAt: (place) => this.table.lineAt(place)?.line,
    });
    const end = isWhole(frame) ? position + frame.events : position + 1;
    if (lost) this.addHole(position, end - 1);
    // One without events would be found again and again.
    if (isSound && hashBefore !== undefined && end > position)
      this.recent.keep({ position, end, bookedAt, hash, hashBefore, bytes: frame.body.length, lines });
    return this.pass({ end, bookedAt, hash, lines }, damaged);
  }

  private pass(frame: Omit<WalkedFrame, 'damaged'>, found: ReadonlyMap<string, string>): WalkedFrame {
    const { end, bookedAt, hash, lines } = frame;
    const damaged = this.holes.length === 0 ? found : this.withCutOff(lines, found);
    this.next = end;
    this.hash = hash;
    return { end, bookedAt, hash, lines, damaged };
  }

  /** A stream whose event before this one is lost is damaged, although this one is whole. */
  private withCutOff(lines: readonly PlacedLine[], damaged: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const all = new Map(damaged);
    for (const { line } of lines)
      if (
        !all.has(line.stream) &&
        this.holes.some(({ from, to }) => line.previous.position >= from && line.previous.position <= to)
      )
        all.set(line.stream, `what stood before revision ${line.revision} of it is lost`);
    return all;
  }

  private addHole(from: number, to: number): void {
    const last = this.holes.at(-1);
    if (last && (this.holes.length >= MAX_HOLES || last.to >= from - 1))
      this.holes[this.holes.length - 1] = { ...last, to };
    else this.holes.push({ from, to });
  }
}
