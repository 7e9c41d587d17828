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
  | { readonly kind: 'wrong-expected-version'; readonly current: number };

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

  /** A stream that does not exist will go on at a revision, as one does that was softly deleted. */
  continueAt(stream: string, revision: number): void {
    this.numbering.set(stream, revision);
  }

  onWrite(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private at(stream: string, revision: number): WireRecord | undefined {
    return this.stream(stream).find((record) => record.revision === revision);
  }

  private writeOne(stream: string, proposed: ProposedRecord): void {
    const revision = this.stream(stream).length === 0 ? (this.numbering.get(stream) ?? 0) : this.head(stream) + 1;
    const before = this.records.at(-1);
    const position = before
      ? before.position + 60n + BigInt(before.data.length + before.metadata.length)
      : firstPosition;
    const created = BigInt(Date.now() + this.clockAheadMs) * ticksPerMs + 9_999n;
    const record = { ...proposed, stream, revision, position, created };
    this.records.push(record);
    const records = this.streams.get(stream);
    if (records) records.push(record);
    else this.streams.set(stream, [record]);
  }
}
