/** What a client proposes. */
export interface ProposedRecord {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface WireRecord extends ProposedRecord {
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  /** Ticks of 100 ns since 1970. */
  readonly created: bigint;
}

/** The revision before the first event. */
export const noStream = -1;

export type WriteResult =
  | { readonly kind: 'written'; readonly last: WireRecord }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'wrong-expected-version'; readonly current: number };

/** The revision of a tombstone: the largest there is. */
export const tombstoneRevision = 2n ** 63n - 1n;

const ticksPerMs = 10_000n;
/** A server's log begins with records of its own. */
const firstPosition = 1_000n;

/**
 * The store behind a wire test server, in memory: one log of all streams, and EventStoreDB's rules for an append at an
 * explicit revision. It outlives the servers that show it.
 */
export class WireLog {
  readonly records: WireRecord[] = [];
  private readonly streams = new Map<string, WireRecord[]>();
  private readonly numbering = new Map<string, number>();
  private readonly tombstones = new Set<string>();
  private readonly emptied = new Set<string>();
  private readonly listeners = new Set<() => void>();
  /** Milliseconds by which this store's clock is ahead of the machine's. */
  clockAheadMs = 0;

  stream(name: string): readonly WireRecord[] {
    return this.streams.get(name) ?? [];
  }

  head(stream: string): number {
    return this.stream(stream).at(-1)?.revision ?? noStream;
  }

  /** Only ids are compared, and only where the head has passed the expected revision: as the server does. */
  append(stream: string, expected: number, proposed: readonly ProposedRecord[]): WriteResult {
    if (this.tombstones.has(stream)) return { kind: 'deleted' };
    const current = this.head(stream);
    if (expected > current) return { kind: 'wrong-expected-version', current };
    if (expected === current) return { kind: 'written', last: this.write(stream, proposed) };
    const standing = proposed.map((_, i) => this.at(stream, expected + 1 + i));
    const same = standing.every((record, i) => record?.id === proposed[i]?.id);
    return same
      ? { kind: 'written', last: standing.at(-1) as WireRecord }
      : { kind: 'wrong-expected-version', current };
  }

  write(stream: string, proposed: readonly ProposedRecord[]): WireRecord {
    for (const record of proposed) this.writeOne(stream, record);
    for (const listener of [...this.listeners]) listener();
    return this.records.at(-1) as WireRecord;
  }

  /** What another application writes: events without a hash of ours. */
  writeForeign(stream: string, count = 1): void {
    const event = {
      id: '11111111-1111-8111-8111-111111111111',
      type: 'SomethingElse',
      contentType: 'application/json',
      data: Buffer.from('{}'),
      metadata: Buffer.of(),
    };
    this.write(stream, new Array<ProposedRecord>(count).fill(event));
  }

  /** Puts other bytes into a record, as a failing disk or a person would. */
  tamper(record: WireRecord, change: Partial<WireRecord>): void {
    const changed = { ...record, ...change };
    const stream = this.streams.get(record.stream) as WireRecord[];
    stream[stream.indexOf(record)] = changed;
    this.records[this.records.indexOf(record)] = changed;
  }

  /** Drops the first events of a stream, as `$maxCount` and scavenging do. */
  truncate(stream: string, count: number): void {
    const dropped = new Set((this.streams.get(stream) as WireRecord[]).splice(0, count));
    this.records.splice(0, this.records.length, ...this.records.filter((record) => !dropped.has(record)));
  }

  /** Deletes a stream for good: its events stay in the log until it is scavenged, and a tombstone says that none will follow. */
  tombstone(stream: string): void {
    this.write(stream, [
      { id: 'tombstone', type: '$streamDeleted', contentType: '', data: Buffer.of(), metadata: Buffer.of() },
    ]);
    this.tombstones.add(stream);
    this.streams.delete(stream);
  }

  isTombstoned(stream: string): boolean {
    return this.tombstones.has(stream);
  }

  /** Sets the metadata of a stream. Events that it drops are not read from the stream any more; the log keeps them until it is scavenged. */
  setMetadata(stream: string, metadata: Readonly<Record<string, unknown>>): void {
    const data = Buffer.from(JSON.stringify(metadata));
    this.write(`$$${stream}`, [
      { id: 'metadata', type: '$metadata', contentType: 'application/json', data, metadata: Buffer.of() },
    ]);
    const records = this.streams.get(stream) ?? [];
    const { $tb: before, $maxCount: count, $maxAge: age } = metadata;
    const first = typeof before === 'number' ? before : 0;
    const last = records.at(-1)?.revision ?? noStream;
    const kept = records.filter(
      ({ revision }) =>
        revision >= first &&
        (typeof count !== 'number' || revision > last - count) &&
        (typeof age !== 'number' || age > 0),
    );
    if (kept.length === records.length) return;
    if (kept.length > 0) this.streams.set(stream, kept);
    else {
      this.streams.delete(stream);
      this.numbering.set(stream, last + 1);
      // A soft deletion hides the stream; whatever else empties it leaves it there, without events.
      if (first <= last + 1) this.emptied.add(stream);
    }
  }

  /** True where a read of the stream finds it, be it without events. */
  exists(stream: string): boolean {
    return this.stream(stream).length > 0 || this.emptied.has(stream);
  }

  /** A stream that does not exist will go on at a revision, as one does that was softly deleted. */
  continueAt(stream: string, revision: number): void {
    this.numbering.set(stream, revision);
  }

  /** Records at a position and after it whose streams match, at most `count`. */
  forward(from: bigint, count: number, matches: (stream: string) => boolean): WireRecord[] {
    const found: WireRecord[] = [];
    for (let at = this.firstAt(from); at < this.records.length && found.length < count; at++) {
      const record = this.records[at];
      if (record && matches(record.stream)) found.push(record);
    }
    return found;
  }

  /** Records before a position, or before the end, whose streams match, the newest first. */
  backward(before: bigint | undefined, count: number, matches: (stream: string) => boolean): WireRecord[] {
    const found: WireRecord[] = [];
    const end = before === undefined ? this.records.length : this.firstAt(before);
    for (let at = end - 1; at >= 0 && found.length < count; at--) {
      const record = this.records[at];
      if (record && matches(record.stream)) found.push(record);
    }
    return found;
  }

  /** Index of the first record at a position or after it: positions grow. */
  firstAt(position: bigint): number {
    let [low, high] = [0, this.records.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.records[middle]?.position ?? position) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  onWrite(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private at(stream: string, revision: number): WireRecord | undefined {
    return this.stream(stream).find((record) => record.revision === revision);
  }

  private writeOne(stream: string, proposed: ProposedRecord): void {
    const going = this.stream(stream).length === 0 ? (this.numbering.get(stream) ?? 0) : this.head(stream) + 1;
    const revision = proposed.type === '$streamDeleted' ? Number(tombstoneRevision) : going;
    const before = this.records.at(-1);
    const position = before
      ? before.position + 60n + BigInt(before.data.length + before.metadata.length)
      : firstPosition;
    const created = BigInt(Date.now() + this.clockAheadMs) * ticksPerMs + 9_999n;
    const record = { ...proposed, stream, revision, position, created };
    this.records.push(record);
    this.emptied.delete(stream);
    const records = this.streams.get(stream);
    if (records) records.push(record);
    else this.streams.set(stream, [record]);
  }
}
