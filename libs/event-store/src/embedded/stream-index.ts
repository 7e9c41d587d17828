/** Where the newest event of a stream stands. */
export interface StreamHead {
  readonly revision: number;
  readonly position: number;
  /** Where its line starts in the body of its frame, in bytes. */
  readonly offset: number;
}

/** Every so many events of a stream its place is kept, so that a read in the middle of a long stream walks no further. */
export const EVENTS_PER_MARK = 256;

const INITIAL_ENTRIES = 1024;
const MAX_NAME_BYTES = 255;
const streamName = /^[\x21-\x7e]+$/;

/** Stream names are plain ASCII without spaces, at most 255 bytes. */
export function isStreamName(text: string): boolean {
  return text.length <= MAX_NAME_BYTES && streamName.test(text);
}

/**
 * Every stream's head in typed arrays: about 60 bytes a stream, where a Map costs three times that and a table on the
 * append path costs a random page a charge. It is derived from the frames and can be thrown away.
 */
export class StreamIndex {
  private count = 0;
  private slots = new Int32Array(INITIAL_ENTRIES * 2).fill(-1);
  private hashes = new Uint32Array(INITIAL_ENTRIES);
  private nameStarts = new Uint32Array(INITIAL_ENTRIES + 1);
  private names = Buffer.alloc(INITIAL_ENTRIES * 32);
  private revisions = new Uint32Array(INITIAL_ENTRIES);
  private positions = new Float64Array(INITIAL_ENTRIES);
  private offsets = new Uint32Array(INITIAL_ENTRIES);
  /** Entry → the places of its events 255, 511, 767 …; only streams that long have any. */
  private readonly marks = new Map<number, StreamHead[]>();

  get size(): number {
    return this.count;
  }

  /** The stream's number in this index, or -1. */
  find(stream: string): number {
    const hash = hashOf(stream);
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.slots[slot] as number;
      if (entry < 0) return -1;
      if (this.hashes[entry] === hash && this.hasName(entry, stream)) return entry;
    }
  }

  head(stream: string): StreamHead | undefined {
    const entry = this.find(stream);
    return entry < 0 ? undefined : this.headOf(entry);
  }

  headOf(entry: number): StreamHead {
    return {
      revision: this.revisions[entry] as number,
      position: this.positions[entry] as number,
      offset: this.offsets[entry] as number,
    };
  }

  /** The streams whose newest event stands at one of some positions; it looks at all streams. */
  withHeadIn(from: number, to: number): string[] {
    const found: string[] = [];
    for (let entry = 0; entry < this.count; entry++) {
      const position = this.positions[entry] as number;
      if (position >= from && position <= to)
        found.push(this.names.toString('latin1', this.nameStarts[entry], this.nameStarts[entry + 1]));
    }
    return found;
  }

  /** The name of each stream, in the order of their numbers. */
  *streams(): Iterable<string> {
    for (let entry = 0; entry < this.count; entry++)
      yield this.names.toString('latin1', this.nameStarts[entry], this.nameStarts[entry + 1]);
  }

  /** Notes the newest event of a stream and returns the stream's number. */
  set(stream: string, revision: number, position: number, offset: number): number {
    let entry = this.find(stream);
    if (entry < 0) entry = this.add(stream);
    this.revisions[entry] = revision;
    this.positions[entry] = position;
    this.offsets[entry] = offset;
    if (revision % EVENTS_PER_MARK === EVENTS_PER_MARK - 1) this.mark(entry, { revision, position, offset });
    return entry;
  }

  /** The first place known at or after a revision of a stream, fewer than `EVENTS_PER_MARK` events further on; undefined beyond its head. */
  placeFrom(stream: string, revision: number): StreamHead | undefined {
    const entry = this.find(stream);
    if (entry < 0) return undefined;
    const head = this.headOf(entry);
    if (revision > head.revision) return undefined;
    return this.marks.get(entry)?.[Math.floor(revision / EVENTS_PER_MARK)] ?? head;
  }

  /** The index as buffers, a copy that later changes do not touch. */
  toBuffers(): Buffer[] {
    const nameBytes = this.nameStarts[this.count] as number;
    return [
      bytesOf(this.hashes.slice(0, this.count)),
      bytesOf(this.nameStarts.slice(0, this.count + 1)),
      bytesOf(this.revisions.slice(0, this.count)),
      bytesOf(this.positions.slice(0, this.count)),
      bytesOf(this.offsets.slice(0, this.count)),
      Buffer.from(this.names.subarray(0, nameBytes)),
      this.marksToBuffer(),
    ];
  }

  /** Reads what `toBuffers` wrote. */
  static fromBuffers(count: number, buffers: readonly Buffer[]): StreamIndex {
    const [hashes, nameStarts, revisions, positions, offsets, names, marks] = buffers;
    if (!hashes || !nameStarts || !revisions || !positions || !offsets || !names || !marks)
      throw new Error('stream index: parts missing');
    const index = new StreamIndex();
    let entries = INITIAL_ENTRIES;
    while (entries < count) entries *= 2;
    index.resize(entries);
    index.count = count;
    new Uint8Array(index.hashes.buffer).set(hashes);
    new Uint8Array(index.nameStarts.buffer).set(nameStarts);
    new Uint8Array(index.revisions.buffer).set(revisions);
    new Uint8Array(index.positions.buffer).set(positions);
    new Uint8Array(index.offsets.buffer).set(offsets);
    index.names = Buffer.alloc(Math.max(names.length * 2, INITIAL_ENTRIES * 32));
    names.copy(index.names);
    index.fillSlots();
    const values = new Float64Array(new Uint8Array(marks).buffer);
    for (let at = 0; at + 3 < values.length; at += 4) {
      const [entry = 0, revision = 0, position = 0, offset = 0] = values.subarray(at, at + 4);
      index.mark(entry, { revision, position, offset });
    }
    return index;
  }

  private mark(entry: number, place: StreamHead): void {
    const places = this.marks.get(entry) ?? [];
    places[Math.floor(place.revision / EVENTS_PER_MARK)] = place;
    this.marks.set(entry, places);
  }

  /** Four numbers a mark: entry, revision, position, offset. */
  private marksToBuffer(): Buffer {
    const values: number[] = [];
    for (const [entry, places] of this.marks)
      // A list may have holes, which `forEach` leaves out.
      places.forEach(({ revision, position, offset }) => values.push(entry, revision, position, offset));
    return bytesOf(Float64Array.from(values));
  }

  private add(stream: string): number {
    if (!isStreamName(stream)) throw new Error(`not the name of a stream: ${JSON.stringify(stream)}`);
    if (this.count === this.hashes.length) this.resize(this.count * 2);
    const entry = this.count++;
    const start = this.nameStarts[entry] as number;
    if (start + stream.length > this.names.length) this.names = Buffer.concat([this.names], this.names.length * 2);
    this.names.write(stream, start, 'latin1');
    this.nameStarts[entry + 1] = start + stream.length;
    this.hashes[entry] = hashOf(stream);
    this.place(entry);
    return entry;
  }

  private hasName(entry: number, stream: string): boolean {
    const start = this.nameStarts[entry] as number;
    if ((this.nameStarts[entry + 1] as number) - start !== stream.length) return false;
    for (let i = stream.length - 1; i >= 0; i--) if (this.names[start + i] !== stream.charCodeAt(i)) return false;
    return true;
  }

  private resize(entries: number): void {
    this.hashes = grown(this.hashes, new Uint32Array(entries));
    this.nameStarts = grown(this.nameStarts, new Uint32Array(entries + 1));
    this.revisions = grown(this.revisions, new Uint32Array(entries));
    this.offsets = grown(this.offsets, new Uint32Array(entries));
    this.positions = grown(this.positions, new Float64Array(entries));
    this.slots = new Int32Array(entries * 2);
    this.fillSlots();
  }

  private fillSlots(): void {
    this.slots.fill(-1);
    for (let entry = 0; entry < this.count; entry++) this.place(entry);
  }

  private place(entry: number): void {
    const mask = this.slots.length - 1;
    let slot = (this.hashes[entry] as number) & mask;
    while ((this.slots[slot] as number) >= 0) slot = (slot + 1) & mask;
    this.slots[slot] = entry;
  }
}

/** FNV-1a with a final mix, 32 bits: only the place in the table hangs on it, names are compared in full. */
function hashOf(stream: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < stream.length; i++) hash = Math.imul(hash ^ stream.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function grown<T extends Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from.subarray(0, Math.min(from.length, to.length)));
  return to;
}

function bytesOf(array: Uint32Array | Float64Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}
