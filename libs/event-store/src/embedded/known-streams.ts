import { setImmediate as turn } from 'node:timers/promises';
import { StreamDamaged } from '../store-failure';
import type { Committed } from './commits';
import type { FrameTable } from './frame-table';
import { FrameWalk, type Hole, type WalkedFrame } from './frame-walk';
import { RecentFrames } from './recent-frames';
import { loadStreamIndex, saveStreamIndex } from './stream-index-file';
import { StreamIndex, type StreamHead } from './stream-index';

/** Frames that are read before others get their turn: a few milliseconds of work. */
export const TURN_FRAMES = 64;
/** New events after which the stream index is written to its file again. */
const INDEX_SAVE_EVERY = 500_000;

/** The places of events that were written. */
export interface Written {
  /** Position of the first, and after the last. */
  readonly from: number;
  readonly to: number;
  readonly marks: readonly { readonly stream: string; readonly place: StreamHead }[];
  readonly heads: ReadonlyMap<string, StreamHead>;
}

/** What one instance knows of every stream, as far as it has read: heads, and what is damaged. */
export class KnownStreams {
  /** Shared by all that walk the frames of this instance. */
  readonly recent = new RecentFrames();
  private index: StreamIndex | undefined;
  private walk: FrameWalk;
  private booked = 0;
  private savedAt = 0;
  /** The heads of the events before it come from the saved index, whatever has become of the frames. */
  private savedUpTo = 0;
  private saving: Promise<void> = Promise.resolve();
  private readonly damaged = new Map<string, string>();
  private readonly holes: Hole[] = [];

  constructor(
    private readonly table: FrameTable,
    private readonly indexFile: string,
  ) {
    this.walk = new FrameWalk(table, this.recent, 0, '');
  }

  /** Position that the next event will have. */
  get next(): number {
    return this.walk.next;
  }

  get lastHash(): string {
    return this.walk.hash ?? '';
  }

  /** Whether nothing is known to be damaged. */
  get areSound(): boolean {
    return this.damaged.size === 0 && this.holes.length === 0;
  }

  /** The latest *booked at* read so far. */
  get lastBookedAt(): number {
    return this.booked;
  }

  /** Reads what is new and lets others have their turn meanwhile; only little is left to read afterwards. */
  async catchUp(): Promise<void> {
    while (this.step()) await turn();
  }

  /** Reads what is new at once. */
  synchronise(): void {
    while (this.step());
  }

  /** The head of a stream in the synchronised index. Throws `StreamDamaged`. */
  head(stream: string): StreamHead | undefined {
    const damage = this.damaged.get(stream);
    if (damage !== undefined) throw new StreamDamaged(stream, damage);
    const head = this.opened().head(stream);
    if (!head || this.holes.length === 0) return head;
    const hole = this.holes.find((one) => this.mayHide(one, head.position));
    if (hole) throw new StreamDamaged(stream, `its newest event may be among those that are lost: ${said(hole)}`);
    return head;
  }

  /** Notes what a reader of the same instance has found out. */
  note(damaged: ReadonlyMap<string, string>): void {
    for (const [stream, damage] of damaged) if (!this.damaged.has(stream)) this.damaged.set(stream, damage);
  }

  noteHoles(holes: readonly Hole[]): void {
    for (const hole of holes)
      if (!this.holes.some(({ from, to }) => from <= hole.from && to >= hole.to)) this.holes.push(hole);
  }

  /** Streams whose newest event is known to stand in a hole, each with what is wrong with it. */
  lostIn(hole: Hole): ReadonlyMap<string, string> {
    const damage = `its newest event is lost: ${said(hole)}`;
    return new Map(
      this.opened()
        .withHeadIn(hole.from, hole.to)
        .map((stream) => [stream, damage]),
    );
  }

  /**
   * Whether a hole may hold a newer event than the one at a position. Whatever stands behind the hole proves that the stream goes on
   * there; what stands before it may not be the newest, unless the heads were known before the hole was there.
   */
  private mayHide({ from, to }: Hole, position: number): boolean {
    return to < this.savedUpTo ? position >= from && position <= to : position < to;
  }

  alarms(): readonly string[] {
    return this.holes.map((hole) => `events of the store are lost, and nothing tells whose they were: ${said(hole)}`);
  }

  /** Takes over what a commit of this instance has written. Whoever has read of it meanwhile reads the rest. */
  committed(written: Written, { bookedAt, lastHash }: Committed): void {
    if (this.next !== written.from) return this.synchronise();
    const index = this.opened();
    for (const { stream, place } of written.marks) index.set(stream, place.revision, place.position, place.offset);
    for (const [stream, { revision, position, offset }] of written.heads) index.set(stream, revision, position, offset);
    if (written.heads.size > 0) this.booked = bookedAt;
    this.walk.next = written.to;
    this.walk.hash = lastHash;
  }

  async save(): Promise<void> {
    await this.saving;
    if (this.index && this.next > this.savedAt)
      await saveStreamIndex(this.indexFile, this.index, this.next, this.lastHash);
  }

  /** Reads some frames; true where there may be more. */
  private step(): boolean {
    const index = this.opened();
    const frames = this.walk.take(TURN_FRAMES);
    for (const frame of frames) this.takeIn(index, frame);
    if (this.walk.holes.length > 0) this.noteHoles(this.walk.holes);
    if (this.next - this.savedAt >= INDEX_SAVE_EVERY) {
      this.savedAt = this.next;
      const save = saveStreamIndex(this.indexFile, index, this.next, this.lastHash);
      this.saving = this.saving.then(() => save);
    }
    return this.walk.more;
  }

  private takeIn(index: StreamIndex, { bookedAt, lines, damaged }: WalkedFrame): void {
    for (const { position, offset, line } of lines)
      if (!damaged.has(line.stream)) index.set(line.stream, line.revision, position, offset);
    this.note(damaged);
    if (bookedAt > this.booked) this.booked = bookedAt;
  }

  /** The index as far as it was read. */
  opened(): StreamIndex {
    if (this.index) return this.index;
    const saved = loadStreamIndex(this.indexFile, (position) => this.table.hashBefore(position));
    this.index = saved?.index ?? new StreamIndex();
    this.walk = new FrameWalk(this.table, this.recent, saved?.next ?? 0, saved?.lastHash ?? '');
    this.savedAt = this.next;
    this.savedUpTo = saved?.next ?? 0;
    const last = this.table.last();
    this.booked = Number.isSafeInteger(last?.bookedAt) ? (last?.bookedAt ?? 0) : 0;
    return this.index;
  }
}

const said = ({ from, to }: Hole): string => `positions ${from} to ${to}`;
