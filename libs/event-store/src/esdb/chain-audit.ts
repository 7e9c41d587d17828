import { chainHash, chainStart } from '../hash-chain';
import type { StoreAudit, StoredEvent, StoreFault } from '../event-store';
import { StreamIndex } from '../embedded/stream-index';
import { eventIdOf, type RecordedEvent } from './recorded-event';

const hashBytes = 32;
/** In place of a hash that is gone. */
const lost = '';
/** Faults listed in one report; the count goes on. */
const maxFaults = 1000;

/**
 * Takes records in store order and names every one that no longer is what was written: its texts and its id against the hash
 * chain of its stream, its revision against the one before.
 */
export class ChainAudit {
  private readonly heads = new StreamIndex();
  /** The last hash of each stream, by its number in `heads`. */
  private hashes = Buffer.alloc(hashBytes * 1024);
  /**
   * Of a stream whose last event was at fault: the hash its changed texts would have, or `lost` where it has none to go by.
   * The event after it is not blamed.
   */
  private readonly recomputed = new Map<number, string>();
  private readonly faults: StoreFault[] = [];
  private events = 0;

  /** @param mayBeginLate whether the stream's first events may be gone: those of derived streams. */
  constructor(
    private readonly visit: (event: StoredEvent) => void,
    private readonly mayBeginLate: (stream: string) => boolean,
  ) {}

  check(record: RecordedEvent): void {
    this.events += 1;
    const entry = this.heads.find(record.stream);
    const late = entry < 0 && record.revision > 0 && this.mayBeginLate(record.stream);
    const expected = late ? record.hash : hashAfter(this.hashOf(entry), record);
    const matches = expected === record.hash || this.followsFault(entry, record);
    const next = late ? record.revision : entry < 0 ? 0 : this.heads.headOf(entry).revision + 1;
    const detail = faultOf(record, next, matches);
    if (detail !== undefined) this.fault(record, detail);
    if (record.ours) this.visit(storedEvent(record));
    this.keep(record, record.hash === '' ? lost : matches ? undefined : expected);
  }

  result(): StoreAudit {
    return { streams: this.heads.size, events: this.events, faults: this.faults };
  }

  private followsFault(entry: number, record: RecordedEvent): boolean {
    const before = this.recomputed.get(entry);
    return before !== undefined && (before === lost || hashAfter(before, record) === record.hash);
  }

  private hashOf(entry: number): string {
    return entry < 0 ? chainStart : this.hashes.toString('base64url', entry * hashBytes, (entry + 1) * hashBytes);
  }

  private keep(record: RecordedEvent, recomputed: string | undefined): void {
    try {
      const entry = this.heads.set(record.stream, record.revision, 0, 0);
      if ((entry + 1) * hashBytes > this.hashes.length)
        this.hashes = Buffer.concat([this.hashes], this.hashes.length * 2);
      this.hashes.fill(0, entry * hashBytes, (entry + 1) * hashBytes);
      this.hashes.write(record.hash, entry * hashBytes, 'base64url');
      if (recomputed === undefined) this.recomputed.delete(entry);
      else this.recomputed.set(entry, recomputed);
    } catch (error) {
      this.fault(record, error instanceof Error ? error.message : String(error));
    }
  }

  private fault(record: RecordedEvent, detail: string): void {
    if (this.faults.length >= maxFaults) return;
    this.faults.push({ position: record.position, stream: record.stream, revision: record.revision, detail });
  }
}

function faultOf(record: RecordedEvent, next: number, matches: boolean): string | undefined {
  if (!record.ours) return 'the record cannot be read';
  if (record.revision !== next)
    return `revision ${record.revision} follows ${next === 0 ? 'nothing' : String(next - 1)}`;
  if (!matches) return 'the record does not match its hash';
  return record.id === eventIdOf(record.hash) ? undefined : 'the event id does not derive from the hash';
}

function hashAfter(previous: string, { stream, revision, type, metadata, data }: RecordedEvent): string {
  return chainHash(previous, stream, revision, type, metadata, data);
}

function storedEvent({ stream, revision, position, bookedAt, type, data, metadata, hash }: RecordedEvent): StoredEvent {
  return { stream, revision, position, bookedAt, type, data, metadata, hash };
}
