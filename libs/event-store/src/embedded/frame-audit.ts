import { isUtf8 } from 'node:buffer';
import type { StoreAudit, StoredEvent, StoreFault } from '../event-store';
import { decodeLine, frameHash, nowhere, toStoredEvent, unitsOf, type Frame, type FrameLine } from './frame';
import { isWhole } from './frame-examination';
import { chainHash, chainStart } from '../hash-chain';
import { isStreamName, StreamIndex, type StreamHead } from './stream-index';

const HASH_BYTES = 32;
/** Faults listed in one report. */
const MAX_FAULTS = 1000;
/** Frames read in one go. */
const PAGE_FRAMES = 256;
/** Stretches of frames that cannot be read; a store with more is not read to its end. */
const MAX_UNREADABLE = 1000;

/** Where the frames come from. */
export interface FrameSource {
  /** Frames from a position on; throws where they cannot be read. */
  readonly read: (position: number, count: number) => readonly Frame[];
  /** The first position after one that cannot be read at which a frame can, or the end. */
  readonly nextReadable: (position: number) => number;
}

/** Audits every frame that can be read; what cannot is a fault, and what stands behind is read if it can be. */
export async function auditFrames(
  { read, nextReadable }: FrameSource,
  visit: (event: StoredEvent) => void,
  pause: () => Promise<void>,
): Promise<StoreAudit> {
  const audit = new FrameAudit(visit);
  let next = 0;
  let failures = 0;
  while (failures <= MAX_UNREADABLE) {
    const frames = readOrFail(read, next, failures > 0 ? 1 : PAGE_FRAMES);
    if (typeof frames === 'string') {
      // The first failure was of a whole page: now it is read frame by frame, which says where it fails.
      if (failures === 1) audit.unreadable(Math.max(next, audit.expected), frames);
      if (failures > 0) next = Math.max(next + 1, nextReadable(next));
      failures += 1;
    } else {
      if (frames.length === 0) break;
      for (const frame of frames) audit.check(frame);
      next = Math.max(next, ...frames.map(({ position }) => position)) + 1;
      failures = failures > 1 ? 0 : failures;
    }
    await pause();
  }
  return audit.result();
}

/** Frames, or why there are none. */
function readOrFail(
  read: (position: number, count: number) => readonly Frame[],
  position: number,
  count: number,
): readonly Frame[] | string {
  try {
    return read(position, count);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Reads frames in store order and names every event whose record no longer is what was written: its texts against the
 * hash chain of its stream, its pointers against the lines before, its frame's envelope against the chain of frames.
 */
class FrameAudit {
  private readonly heads = new StreamIndex();
  /** The last hash of each stream, by its number in `heads`. */
  private hashes = Buffer.alloc(HASH_BYTES * 1024);
  /** Of a stream whose last event was at fault: the hash its changed texts would have. Whichever of the two was changed, the event after it is not blamed. */
  private readonly recomputed = new Map<number, string>();
  private readonly faults: StoreFault[] = [];
  private events = 0;
  private next = 0;
  /** What the next frame may be chained to: more than one hash where it is not known which was changed, none where nothing is known. */
  private lastHashes: readonly string[] = [''];
  private lastBookedAt = 0;

  constructor(private readonly visit: (event: StoredEvent) => void) {}

  /** Position of the event that is to come next. */
  get expected(): number {
    return this.next;
  }

  check(frame: Frame): void {
    const before = this.faults.length;
    this.checkPlace(frame);
    if (!isWhole(frame)) {
      this.unreadable(frame.position, 'the record cannot be read');
      return;
    }
    if (frame.bookedAt < this.lastBookedAt) this.fault(frame.position, null, 'booked before what stands before it');
    this.checkLines(frame);
    this.checkHash(frame, this.faults.length === before);
    this.lastBookedAt = frame.bookedAt;
    this.next = frame.position + frame.events;
  }

  /** Notes a frame that the database cannot give back. */
  unreadable(position: number, detail: string): void {
    this.fault(position, null, detail);
    this.lastHashes = [];
    this.next = position + 1;
  }

  result(): StoreAudit {
    return { streams: this.heads.size, events: this.events, faults: this.faults };
  }

  private checkPlace({ position }: Frame): void {
    if (position > this.next) this.fault(this.next, null, `events ${this.next} to ${position - 1} are missing`);
    if (position < this.next) this.fault(position, null, 'the record stands out of order');
  }

  private checkHash(frame: Frame, blameless: boolean): void {
    const expected = this.lastHashes.map((previous) => frameHash(previous, frame));
    const known = expected.length > 0 && !expected.includes(frame.hash);
    // One of the two was changed, the frame or its hash: the frame after it is not blamed for either.
    this.lastHashes = known ? [frame.hash, ...expected] : [frame.hash];
    if (!known || !blameless) return;
    const units = unitsOf(frame.body);
    const first = decodeLine(units, 0, units.indexOf('\n'));
    const last = frame.position + frame.events - 1;
    this.fault(frame.position, first ?? null, `the envelope of events ${frame.position} to ${last} was changed`);
  }

  private checkLines(frame: Frame): void {
    const units = unitsOf(frame.body);
    const valid = isUtf8(frame.body);
    let offset = 0;
    let ordinal = 0;
    while (offset < units.length) {
      const end = units.indexOf('\n', offset);
      const line = decodeLine(units, offset, end);
      // Bytes that are no UTF-8 can read as the same replacement character, which no hash over texts would notice.
      const isText = valid || isUtf8(frame.body.subarray(offset, end));
      if (line) this.checkLine(frame, frame.position + ordinal, offset, line, isText);
      else this.fault(frame.position + ordinal, null, 'the record cannot be read');
      ordinal += 1;
      if (end < 0) break;
      offset = end + 1;
    }
    if (ordinal !== frame.events)
      this.fault(frame.position, null, `a frame of ${frame.events} events holds ${ordinal}`);
  }

  private checkLine(frame: Frame, position: number, offset: number, line: FrameLine, isText: boolean): void {
    const entry = this.heads.find(line.stream);
    const head = entry < 0 ? undefined : this.heads.headOf(entry);
    const previousHash =
      entry < 0 ? chainStart : this.hashes.toString('base64url', entry * HASH_BYTES, (entry + 1) * HASH_BYTES);
    const hashAfter = (previous: string): string =>
      chainHash(previous, line.stream, line.revision, line.type, line.metadata, line.data);
    const expected = hashAfter(previousHash);
    const alternative = this.recomputed.get(entry);
    const matches = expected === line.hash || (alternative !== undefined && hashAfter(alternative) === line.hash);
    this.events += 1;
    const detail = isText ? faultOf(line, head, matches) : 'the record is no UTF-8';
    if (detail !== undefined) this.fault(position, line, detail);
    this.visit(toStoredEvent(position, frame.bookedAt, line));
    if (!isStreamName(line.stream)) {
      this.fault(position, line, 'not the name of a stream');
      return;
    }
    const number = this.heads.set(line.stream, line.revision, position, offset);
    this.keepHash(number, line.hash);
    if (matches) this.recomputed.delete(number);
    else this.recomputed.set(number, expected);
  }

  private keepHash(entry: number, hash: string): void {
    if ((entry + 1) * HASH_BYTES > this.hashes.length)
      this.hashes = Buffer.concat([this.hashes], this.hashes.length * 2);
    this.hashes.write(hash, entry * HASH_BYTES, 'base64url');
  }

  private fault(position: number, line: FrameLine | null, detail: string): void {
    if (this.faults.length >= MAX_FAULTS) return;
    this.faults.push({
      position: String(position),
      stream: line?.stream ?? null,
      revision: line?.revision ?? null,
      detail,
    });
  }
}

/** What is wrong with a line that stands behind its stream's head. */
function faultOf(line: FrameLine, head: StreamHead | undefined, matches: boolean): string | undefined {
  if (line.revision !== (head ? head.revision + 1 : 0))
    return `revision ${line.revision} follows ${head ? String(head.revision) : 'nothing'}`;
  if (!matches) return 'the record does not match its hash';
  const { position, offset } = head ?? nowhere;
  return line.previous.position === position && line.previous.offset === offset
    ? undefined
    : 'the pointer to the event before it was changed';
}
