import { createHash, hash as digestOf } from 'node:crypto';
import { StreamIndex } from './embedded/stream-index';
import type { Revision, StoredEvent } from './event-store';

const HASH_BYTES = 32;
/** What is kept of a stream: the hash of its newest event, and one over when each of its events was booked. */
const KEPT_BYTES = 2 * HASH_BYTES;
const INITIAL_STREAMS = 1024;

/** How far a stream goes; the hash stands for every text before it. */
export interface StreamHead {
  readonly revision: Revision;
  readonly hash: string;
}

/**
 * What two stores have to agree on to hold the same: of each stream its newest event, whose hash stands for all before it, and when each
 * of its events was booked. About 130 bytes a stream.
 */
export class StreamDigests {
  private readonly index = new StreamIndex();
  private kept = Buffer.alloc(KEPT_BYTES * INITIAL_STREAMS);
  /** Events that were taken. */
  events = 0;

  get streams(): number {
    return this.index.size;
  }

  /** Takes the next event of its stream. */
  take({ stream, revision, hash, bookedAt }: Pick<StoredEvent, 'stream' | 'revision' | 'hash' | 'bookedAt'>): void {
    const before = this.index.find(stream);
    const booked = digestOf('sha256', `${before < 0 ? '' : this.bookedOf(before)} ${bookedAt}`, 'base64url');
    const entry = this.index.set(stream, revision, 0, 0);
    if ((entry + 1) * KEPT_BYTES > this.kept.length) this.kept = Buffer.concat([this.kept], this.kept.length * 2);
    this.kept.write(hash, entry * KEPT_BYTES, HASH_BYTES, 'base64url');
    this.kept.write(booked, entry * KEPT_BYTES + HASH_BYTES, HASH_BYTES, 'base64url');
    this.events += 1;
  }

  head(stream: string): StreamHead | undefined {
    const entry = this.index.find(stream);
    return entry < 0 ? undefined : { revision: this.index.headOf(entry).revision, hash: this.hashOf(entry) };
  }

  /** Streams that go further here than there. */
  *beyond(other: StreamDigests): Iterable<string> {
    for (const stream of this.index.streams())
      if ((this.head(stream)?.revision ?? -1) > (other.head(stream)?.revision ?? -1)) yield stream;
  }

  /** What differs, a sentence each; none where both hold the same. */
  *differencesFrom(other: StreamDigests): Iterable<string> {
    for (const stream of this.index.streams()) {
      const [here, there] = [this.index.find(stream), other.index.find(stream)];
      if (there < 0) yield `${stream} is missing`;
      else {
        const [head, copied] = [this.index.headOf(here).revision, other.index.headOf(there).revision];
        if (head !== copied) yield `${stream} ends at revision ${copied}, and not at ${head}`;
        else if (this.hashOf(here) !== other.hashOf(there)) yield `${stream} has another event at revision ${head}`;
        else if (this.bookedOf(here) !== other.bookedOf(there)) yield `${stream} has events that were booked otherwise`;
      }
    }
    for (const stream of other.index.streams()) if (this.index.find(stream) < 0) yield `${stream} is one too many`;
  }

  /** SHA-256, hexadecimal, of a line `{stream} {revision} {hash}` for each stream, by the order of their names. */
  sha256(): string {
    const digest = createHash('sha256');
    for (const stream of [...this.index.streams()].sort()) {
      const entry = this.index.find(stream);
      digest.update(`${stream} ${this.index.headOf(entry).revision} ${this.hashOf(entry)}\n`);
    }
    return digest.digest('hex');
  }

  private hashOf(entry: number): string {
    return this.text(entry * KEPT_BYTES);
  }

  private bookedOf(entry: number): string {
    return this.text(entry * KEPT_BYTES + HASH_BYTES);
  }

  private text(at: number): string {
    return this.kept.toString('base64url', at, at + HASH_BYTES);
  }
}
