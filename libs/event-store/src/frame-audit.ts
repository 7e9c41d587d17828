import type { StoreAudit, StoredEvent, StoreFault } from './event-store';
import { decodeLine, frameHash, toStoredEvent, unitsOf, type Frame, type FrameLine } from './frame';
import { chainHash, chainStart } from './hash-chain';
import { StreamIndex } from './stream-index';

const hashBytes = 32;
/** Faults listed in one report; the count goes on. */
const maxFaults = 1000;

/**
 * Reads frames in store order and names every event whose record no longer is what was written: its texts against the
 * hash chain of its stream, its pointers against the lines before, its frame's envelope against the chain of frames.
 */
export class FrameAudit {
  private readonly heads = new StreamIndex();
  /** The last hash of each stream, by its number in `heads`. */
  private hashes = Buffer.alloc(hashBytes * 1024);
  /** Of a stream whose last event was at fault: the hash its changed texts would have. Whichever of the two was changed, the event after it is not blamed. */
  private readonly recomputed = new Map<number, string>();
  private readonly faults: StoreFault[] = [];
  private events = 0;
  private next = 0;
  private lastHash = '';
  private lastBookedAt = 0;

  constructor(private readonly visit: (event: StoredEvent) => void) {}

  check(frame: Frame): void {
    const before = this.faults.length;
    if (frame.position !== this.next)
      this.fault(frame.position, null, `events ${this.next} to ${frame.position - 1} are missing`);
    if (frame.bookedAt < this.lastBookedAt)
      this.fault(frame.position, null, 'booked before the event that stands before it');
    this.checkLines(frame);
    const expected = frameHash(this.lastHash, frame);
    if (expected !== frame.hash && this.faults.length === before) {
      const units = unitsOf(frame.body);
      const first = decodeLine(units, 0, units.indexOf('\n'));
      this.fault(
        frame.position,
        first ?? null,
        `the envelope of events ${frame.position} to ${frame.position + frame.events - 1} was changed`,
      );
    }
    this.lastHash = frame.hash;
    this.lastBookedAt = frame.bookedAt;
    this.next = frame.position + frame.events;
  }

  result(): StoreAudit {
    return { streams: this.heads.size, events: this.events, faults: this.faults };
  }

  private checkLines(frame: Frame): void {
    const units = unitsOf(frame.body);
    let offset = 0;
    let ordinal = 0;
    while (offset < units.length) {
      const end = units.indexOf('\n', offset);
      const line = decodeLine(units, offset, end);
      if (line) this.checkLine(frame, ordinal, offset, line);
      else this.fault(frame.position + ordinal, null, 'the record cannot be read');
      ordinal += 1;
      if (end < 0) break;
      offset = end + 1;
    }
    if (ordinal !== frame.events)
      this.fault(frame.position, null, `a frame of ${frame.events} events holds ${ordinal}`);
  }

  private checkLine(frame: Frame, ordinal: number, offset: number, line: FrameLine): void {
    const position = frame.position + ordinal;
    const entry = this.heads.find(line.stream);
    const head = entry < 0 ? undefined : this.heads.headOf(entry);
    const previousHash =
      entry < 0 ? chainStart : this.hashes.toString('base64url', entry * hashBytes, (entry + 1) * hashBytes);
    const hashAfter = (previous: string): string =>
      chainHash(previous, line.stream, line.revision, line.type, line.metadata, line.data);
    const expected = hashAfter(previousHash);
    const alternative = this.recomputed.get(entry);
    const matches = expected === line.hash || (alternative !== undefined && hashAfter(alternative) === line.hash);
    this.events += 1;
    if (line.revision !== (head ? head.revision + 1 : 0)) {
      this.fault(position, line, `revision ${line.revision} follows ${head ? String(head.revision) : 'nothing'}`);
    } else if (!matches) {
      this.fault(position, line, 'the record does not match its hash');
    } else if (line.previous.position !== (head?.position ?? -1) || line.previous.offset !== (head?.offset ?? -1)) {
      this.fault(position, line, 'the pointer to the event before it was changed');
    }
    this.visit(toStoredEvent(position, frame.bookedAt, line));
    try {
      const number = this.heads.set(line.stream, line.revision, position, offset);
      this.keepHash(number, line.hash);
      if (matches) this.recomputed.delete(number);
      else this.recomputed.set(number, expected);
    } catch (error) {
      this.fault(position, line, error instanceof Error ? error.message : String(error));
    }
  }

  private keepHash(entry: number, hash: string): void {
    if ((entry + 1) * hashBytes > this.hashes.length)
      this.hashes = Buffer.concat([this.hashes], this.hashes.length * 2);
    this.hashes.write(hash, entry * hashBytes, 'base64url');
  }

  private fault(position: number, line: FrameLine | null, detail: string): void {
    if (this.faults.length >= maxFaults) return;
    this.faults.push({
      position: String(position),
      stream: line?.stream ?? null,
      revision: line?.revision ?? null,
      detail,
    });
  }
}
