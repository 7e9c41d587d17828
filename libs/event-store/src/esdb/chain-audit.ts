import { chainHash, chainStart } from '../hash-chain';
import type { Position, StoreAudit, StoredEvent, StoreFault } from '../event-store';
import { StreamIndex } from '../embedded/stream-index';
import { deletedForGood } from './esdb-failure';
import { eventIdOf, tombstoneType, toStoredEvent, type RecordedEvent } from './recorded-event';
import { RetentionCheck, streamOfMetadata } from './retention-check';

const HASH_BYTES = 32;
/** In place of a hash that is gone. */
const lost = '';
const unreadable = 'the record cannot be read';
/** Faults listed in one report; the count goes on. */
const MAX_FAULTS = 1000;

/**
 * Takes records in store order and names every one that no longer is what was written: its texts and its id against the hash
 * chain of its stream, its revision against the one before.
 */
export class ChainAudit {
  private readonly heads = new StreamIndex();
  /** The last hash of each stream, by its number in `heads`. */
  private hashes = Buffer.alloc(HASH_BYTES * 1024);
  /**
   * Of a stream whose last event was at fault: the hash its changed texts would have, or `lost` where it has none to go by.
   * The event after it is not blamed.
   */
  private readonly recomputed = new Map<number, string>();
  /** Streams of somebody else: each with the position of its first event. */
  private readonly foreign = new Map<string, Position>();
  private readonly retention = new RetentionCheck();
  private booked = 0;
  private readonly faults: StoreFault[] = [];
  private events = 0;

  /** @param mayBeginLate whether the stream's first events may be gone: those of derived streams. */
  constructor(
    private readonly visit: (event: StoredEvent) => void,
    private readonly mayBeginLate: (stream: string) => boolean,
  ) {}

  /** Takes the next record of the log, be it an event or metadata of a stream. */
  check(record: RecordedEvent): void {
    if (streamOfMetadata(record.stream) !== undefined) this.retention.add(record);
    else if (!this.isForeign(record)) this.checkEvent(record);
  }

  result(): StoreAudit {
    for (const { stream, settings, record } of this.retention.found())
      if (!this.foreign.has(stream))
        this.fault(
          { position: record.position, stream, revision: null },
          `its metadata sets ${settings.join(', ')}, by which the server drops events`,
        );
    return { streams: this.heads.size, events: this.events, faults: this.faults };
  }

  /** A stream whose first event is not ours is somebody else's, unless one of ours follows. */
  private isForeign(record: RecordedEvent): boolean {
    const { stream, revision, position, ours, type } = record;
    const began = this.foreign.get(stream);
    if (began === undefined) {
      if (ours || revision !== 0 || type === tombstoneType) return false;
      this.foreign.set(stream, position);
      return true;
    }
    if (!ours) return true;
    this.foreign.delete(stream);
    this.fault({ position: began, stream, revision: 0 }, unreadable);
    return false;
  }

  private checkEvent(record: RecordedEvent): void {
    this.events += 1;
    if (record.type === tombstoneType) {
      this.fault(record, deletedForGood);
      return;
    }
    const entry = this.heads.find(record.stream);
    const late = entry < 0 && record.revision > 0 && this.mayBeginLate(record.stream);
    const expected = late ? record.hash : hashAfter(this.hashOf(entry), record);
    const matches = expected === record.hash || this.followsFault(entry, record);
    const next = late ? record.revision : entry < 0 ? 0 : this.heads.headOf(entry).revision + 1;
    const detail = faultOf(record, next, matches);
    if (detail !== undefined) this.fault(record, detail);
    if (record.ours) {
      if (!this.mayBeginLate(record.stream)) this.booked = Math.max(this.booked, record.bookedAt);
      this.visit(toStoredEvent(record, this.booked));
    }
    this.keep(record, record.hash === '' ? lost : matches ? undefined : expected);
  }

  private followsFault(entry: number, record: RecordedEvent): boolean {
    const before = this.recomputed.get(entry);
    return before !== undefined && (before === lost || hashAfter(before, record) === record.hash);
  }

  private hashOf(entry: number): string {
    return entry < 0 ? chainStart : this.hashes.toString('base64url', entry * HASH_BYTES, (entry + 1) * HASH_BYTES);
  }

  private keep(record: RecordedEvent, recomputed: string | undefined): void {
    try {
      const entry = this.heads.set(record.stream, record.revision, 0, 0);
      if ((entry + 1) * HASH_BYTES > this.hashes.length)
        this.hashes = Buffer.concat([this.hashes], this.hashes.length * 2);
      this.hashes.fill(0, entry * HASH_BYTES, (entry + 1) * HASH_BYTES);
      this.hashes.write(record.hash, entry * HASH_BYTES, 'base64url');
      if (recomputed === undefined) this.recomputed.delete(entry);
      else this.recomputed.set(entry, recomputed);
    } catch (error) {
      this.fault(record, error instanceof Error ? error.message : String(error));
    }
  }

  private fault({ position, stream, revision }: Omit<StoreFault, 'detail'>, detail: string): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push({ position, stream, revision, detail });
  }
}

function faultOf(record: RecordedEvent, next: number, matches: boolean): string | undefined {
  if (!record.ours) return unreadable;
  if (record.revision !== next)
    return `revision ${record.revision} follows ${next === 0 ? 'nothing' : String(next - 1)}`;
  if (!matches) return 'the record does not match its hash';
  return record.id === eventIdOf(record.hash) ? undefined : 'the event id does not derive from the hash';
}

function hashAfter(previous: string, { stream, revision, type, metadata, data }: RecordedEvent): string {
  return chainHash(previous, stream, revision, type, metadata, data);
}
