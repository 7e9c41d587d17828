import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Clock } from '@meterbook/runtime/clock';
import type {
  AppendOutcome,
  ExpectedRevision,
  Position,
  Revision,
  StoreAudit,
  StoreCondition,
  StoredEvent,
  StreamAppend,
  SubscriptionBatch,
} from '../event-store';
import { EventStore } from '../event-store';
import { decodeLine, linesOf, toStoredEvent, type Frame, type FrameLine, type Place } from './frame';
import { auditFrames } from './frame-audit';
import { FrameWriter, pageBytes, refuseUnstorable } from './frame-writer';
import { loadStreamIndex, saveStreamIndex } from './stream-index-file';
import { StreamIndex, type StreamHead } from './stream-index';
import { WriteLock } from './write-lock';

/** Frames read in one go by a subscription or an audit. */
const pageFrames = 256;
/** Bytes that hold most lines whole; a longer one is read again with so many times more. */
const usualLineBytes = 2048;
const lineGrowth = 32;
const lineBreak = 10;
/** Page cache of each connection, KiB: the inner pages of a large table stay in it. */
const cacheKib = 65_536;
/** How long a subscription that has seen everything waits before it looks again. */
const pollMs = 5;
/** How often an idle subscription says that it has caught up. */
const caughtUpEveryMs = 100;
/** How often a subscription moves the write-ahead log into the file, so that no commit has to. */
const checkpointEveryMs = 250;
/** A writer whom no subscription relieves does it itself at this many pages of 16 KiB (128 MiB). */
const autoCheckpointPages = 8192;
/** New events after which the stream index is written to its file again. */
const indexSaveEvery = 500_000;

/** How long opening and reading wait for another process, which may be recovering the file after a crash. */
const busyTimeoutMs = 10_000;
/** Streams whose appends share a commit, unless one call has more. */
const maxCommitAppends = 4000;

interface WaitingAppend {
  readonly appends: readonly StreamAppend[];
  readonly resolve: (outcomes: AppendOutcome[]) => void;
  readonly reject: (error: unknown) => void;
}

const schema = `
  CREATE TABLE IF NOT EXISTS frames (
    position INTEGER PRIMARY KEY, events INTEGER NOT NULL, booked_at INTEGER NOT NULL, hash TEXT NOT NULL, body BLOB NOT NULL
  )`;
const columns = 'position, events, booked_at AS bookedAt, hash, body';

/**
 * The event store on one local SQLite file, durable at each append (WAL, synchronous=FULL). Several threads or processes may
 * open the same file: each keeps its own stream index and reads what the others wrote before it decides anything.
 */
export class EmbeddedEventStore extends EventStore {
  private readonly database: Database.Database;
  private readonly lock: WriteLock;
  private readonly indexFile: string;
  private readonly framesFrom: Database.Statement<[number, number], Frame>;
  private readonly frameHolding: Database.Statement<[number], number>;
  private readonly lineIn: Database.Statement<[number, number, number], LineSlice>;
  private readonly lastFrame: Database.Statement<[], Omit<Frame, 'body'>>;
  private readonly lastPosition: Database.Statement<[], number>;
  private readonly insertFrame: Database.Statement<[number, number, number, string, Buffer]>;
  private index: StreamIndex | undefined;
  /** Position that the next event will have, as far as this instance has read. */
  private next = 0;
  private lastBookedAt = 0;
  private lastHash = '';
  private savedAt = 0;
  private saving: Promise<void> = Promise.resolve();
  private waiting: WaitingAppend[] = [];
  private writing: Promise<void> | undefined;
  private closed = false;

  constructor(
    directory: string,
    private readonly clock: Clock,
  ) {
    super();
    mkdirSync(directory, { recursive: true });
    this.indexFile = join(directory, 'events.index');
    this.database = new Database(join(directory, 'events.db'), { timeout: busyTimeoutMs });
    this.database.pragma(`page_size = ${pageBytes}`);
    this.database.pragma('journal_mode = WAL');
    this.database.pragma('synchronous = FULL');
    this.database.pragma(`cache_size = ${-cacheKib}`);
    this.database.pragma(`wal_autocheckpoint = ${autoCheckpointPages}`);
    this.database.exec(schema);
    this.lock = new WriteLock(this.database, join(directory, 'turn.db'), clock, busyTimeoutMs);
    this.framesFrom = this.database.prepare(
      `SELECT ${columns} FROM frames WHERE position >= ? ORDER BY position LIMIT ?`,
    );
    this.frameHolding = this.database
      .prepare<[number], number>('SELECT position FROM frames WHERE position <= ? ORDER BY position DESC LIMIT 1')
      .pluck();
    this.lineIn = this.database.prepare(
      `SELECT position, events, booked_at AS bookedAt, substr(body, ?, ?) AS slice
       FROM frames WHERE position <= ? ORDER BY position DESC LIMIT 1`,
    );
    this.lastFrame = this.database.prepare(
      'SELECT position, events, booked_at AS bookedAt, hash FROM frames ORDER BY position DESC LIMIT 1',
    );
    this.lastPosition = this.database
      .prepare<[], number>('SELECT position FROM frames ORDER BY position DESC LIMIT 1')
      .pluck();
    this.insertFrame = this.database.prepare(
      'INSERT INTO frames (position, events, booked_at, hash, body) VALUES (?, ?, ?, ?, ?)',
    );
  }

  override async append(appends: readonly StreamAppend[]): Promise<AppendOutcome[]> {
    if (this.closed) throw new Error('the event store is closed');
    appends.forEach(refuseUnstorable);
    return new Promise((resolve, reject) => {
      this.waiting.push({ appends, resolve, reject });
      this.writing ??= this.writeAll();
    });
  }

  override async head(stream: string): Promise<Revision | 'no-stream'> {
    return this.synchronised().head(stream)?.revision ?? 'no-stream';
  }

  override async *read(
    stream: string,
    from: Revision | 'start' | 'end',
    direction: 'forward' | 'backward',
  ): AsyncIterable<StoredEvent> {
    const index = this.synchronised();
    const head = index.head(stream);
    if (!head) return;
    const bound = from === 'start' ? 0 : from === 'end' ? head.revision : Math.min(from, head.revision + 1);
    if (direction === 'forward') {
      for (let next = bound; next <= head.revision;) {
        const events = this.upToNextMark(index, stream, next, head.revision);
        yield* events;
        next += events.length;
      }
    } else {
      const place = index.placeFrom(stream, Math.min(bound, head.revision));
      if (place) for (const event of this.walk(stream, place)) if (event.revision <= bound) yield event;
    }
  }

  override async *subscribe(
    prefixes: readonly string[],
    after: Position,
    signal: AbortSignal,
  ): AsyncIterable<SubscriptionBatch> {
    let next = after === 'start' ? 0 : Number(after) + 1;
    let saidAt = -Infinity;
    let checkpointedAt = this.clock.now();
    while (!signal.aborted && !this.closed) {
      const frames = this.framesFrom.all(this.firstFrameFor(next), pageFrames);
      const events: StoredEvent[] = [];
      let end = next;
      for (const frame of frames) {
        if (frame.position + frame.events <= next) continue;
        matching(frame, next, prefixes, events);
        end = frame.position + frame.events;
      }
      const now = this.clock.now();
      if (end > next) {
        next = end;
        yield { events, damaged: [], position: String(next - 1), caughtUp: false, observedAt: now };
        saidAt = -Infinity;
      } else {
        if (now - saidAt >= caughtUpEveryMs && this.nothingUnderWay(next)) {
          saidAt = now;
          yield { events: [], damaged: [], position: String(next - 1), caughtUp: true, observedAt: now };
        }
        await this.clock.sleep(pollMs, signal);
      }
      if (now - checkpointedAt >= checkpointEveryMs && !this.isClosed()) {
        checkpointedAt = now;
        this.database.pragma('wal_checkpoint(PASSIVE)');
      }
    }
  }

  override async end(): Promise<Position> {
    const last = this.lastFrame.get();
    return last ? String(last.position + last.events - 1) : 'start';
  }

  override async audit(visit: (event: StoredEvent) => void): Promise<StoreAudit> {
    return auditFrames(
      (position, count) => this.framesFrom.all(position, count),
      visit,
      () => this.clock.sleep(0),
    );
  }

  override condition(): StoreCondition {
    return { foreignStreams: 0, alarms: [], aheadMs: Math.max(0, this.lastBookedAt - this.clock.now()) };
  }

  override async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.writing;
    await this.saving;
    if (this.index && this.next > this.savedAt)
      await saveStreamIndex(this.indexFile, this.index, this.next, this.lastHash);
    this.lock.close();
    this.database.close();
  }

  private isClosed(): boolean {
    return this.closed;
  }

  /** Writes what waits; whatever is appended while a commit runs, or in one turn of the event loop, shares the next commit. */
  private async writeAll(): Promise<void> {
    await turn();
    while (this.waiting.length > 0) {
      const calls = this.takeWaiting();
      try {
        await this.lock.take();
        const outcomes = this.write(calls.flatMap(({ appends }) => appends));
        for (const { appends, resolve } of calls) resolve(outcomes.splice(0, appends.length));
      } catch (error) {
        for (const { reject } of calls) reject(error);
      }
      await turn();
    }
    this.writing = undefined;
  }

  private takeWaiting(): WaitingAppend[] {
    let appends = 0;
    let calls = 0;
    for (const call of this.waiting) {
      if (calls > 0 && appends + call.appends.length > maxCommitAppends) break;
      appends += call.appends.length;
      calls += 1;
    }
    return this.waiting.splice(0, calls);
  }

  private write(appends: readonly StreamAppend[]): AppendOutcome[] {
    const heads = new Map<string, StreamHead>();
    const outcomes: AppendOutcome[] = [];
    try {
      const index = this.synchronised();
      const bookedAt = Math.max(this.clock.now(), this.lastBookedAt);
      const writer = new FrameWriter(this.next, this.lastHash, bookedAt, this.insertFrame);
      for (const append of appends) {
        const head = heads.get(append.stream) ?? index.head(append.stream);
        outcomes.push(writeStream(writer, append, head, heads));
      }
      writer.flush();
      this.database.exec('COMMIT');
      for (const { stream, place } of writer.marks) index.set(stream, place.revision, place.position, place.offset);
      for (const [stream, { revision, position, offset }] of heads) index.set(stream, revision, position, offset);
      if (heads.size > 0) this.lastBookedAt = bookedAt;
      this.next = writer.next;
      this.lastHash = writer.lastHash;
      return outcomes;
    } catch (error) {
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  /** The stream index, brought up to the newest committed frame. */
  private synchronised(): StreamIndex {
    const index = (this.index ??= this.openIndex());
    for (let last = this.lastPosition.get(); last !== undefined && last >= this.next;) {
      const frames = this.framesFrom.all(this.next, pageFrames);
      for (const frame of frames) {
        for (const { position, offset, line } of linesOf(frame))
          index.set(line.stream, line.revision, position, offset);
        this.next = frame.position + frame.events;
        this.lastBookedAt = frame.bookedAt;
        this.lastHash = frame.hash;
      }
      if (frames.length < pageFrames) break;
    }
    if (this.next - this.savedAt >= indexSaveEvery) {
      this.savedAt = this.next;
      const save = saveStreamIndex(this.indexFile, index, this.next, this.lastHash);
      this.saving = this.saving.then(() => save);
    }
    return index;
  }

  private openIndex(): StreamIndex {
    const saved = loadStreamIndex(this.indexFile, (position) => this.hashBefore(position));
    this.next = saved?.next ?? 0;
    this.lastHash = saved?.lastHash ?? '';
    this.savedAt = this.next;
    this.lastBookedAt = this.lastFrame.get()?.bookedAt ?? 0;
    return saved?.index ?? new StreamIndex();
  }

  /** Hash of the last frame before a position, or undefined where no frame ends there. */
  private hashBefore(position: number): string | undefined {
    if (position === 0) return '';
    const frame = this.database
      .prepare<[number], Omit<Frame, 'body'>>(
        'SELECT position, events, hash FROM frames WHERE position < ? ORDER BY position DESC LIMIT 1',
      )
      .get(position);
    return frame && frame.position + frame.events === position ? frame.hash : undefined;
  }

  /** Position of the frame that holds an event, or of the first after it. */
  private firstFrameFor(position: number): number {
    return position === 0 ? 0 : (this.frameHolding.get(position) ?? 0);
  }

  /** True when nobody is about to commit an event before `next`: then whatever comes later is booked later. */
  private nothingUnderWay(next: number): boolean {
    if (!this.lock.tryTake()) return false;
    const last = this.lastFrame.get();
    this.database.exec('ROLLBACK');
    return (last ? last.position + last.events : 0) === next;
  }

  /** A stream's events from a revision on, up to the next place that the index knows: read backward, given forward. */
  private upToNextMark(index: StreamIndex, stream: string, first: Revision, last: Revision): StoredEvent[] {
    const events: StoredEvent[] = [];
    const place = index.placeFrom(stream, first);
    if (!place) throw new Error(`the index lost ${stream} at ${first}`);
    for (const event of this.walk(stream, place)) {
      if (event.revision <= last) events.push(event);
      if (event.revision <= first) break;
    }
    return events.reverse();
  }

  /** A stream's events from a place on, backward. */
  private *walk(stream: string, from: Place): Iterable<StoredEvent> {
    for (let place = from; place.position >= 0;) {
      const { line, bookedAt } = this.lineAt(place);
      if (line.stream !== stream)
        throw new Error(`the chain of ${stream} leads to ${line.stream} at position ${place.position}`);
      yield toStoredEvent(place.position, bookedAt, line);
      place = line.previous;
    }
  }

  /** One line of a frame, without the others. */
  private lineAt({ position, offset }: Place): { readonly line: FrameLine; readonly bookedAt: number } {
    for (let length = usualLineBytes; ; length *= lineGrowth) {
      const found = this.lineIn.get(offset + 1, length, position);
      if (!found || position >= found.position + found.events) throw new Error(`no event at position ${position}`);
      const end = found.slice.indexOf(lineBreak);
      if (end < 0 && found.slice.length === length) continue;
      const line = decodeLine(found.slice.toString('latin1', 0, end + 1), 0, end);
      if (!line) throw new Error(`the frame at position ${found.position} is corrupt at ${offset}`);
      return { line, bookedAt: found.bookedAt };
    }
  }
}

/** A part of a frame's body, with the frame's envelope. */
interface LineSlice extends Omit<Frame, 'hash' | 'body'> {
  readonly slice: Buffer;
}

/** Writes what fits its stream's head, and notes the new head. */
function writeStream(
  writer: FrameWriter,
  { stream, expectedRevision, events }: StreamAppend,
  head: StreamHead | undefined,
  heads: Map<string, StreamHead>,
): AppendOutcome {
  if (!standsAt(head?.revision, expectedRevision)) return { kind: 'conflict', revision: head?.revision ?? 'no-stream' };
  let last = head;
  for (const event of events) last = writer.add(stream, last, event);
  if (!last) throw new Error(`append of no events to ${stream}`);
  heads.set(stream, last);
  return { kind: 'appended', revision: last.revision };
}

function standsAt(revision: number | undefined, expected: ExpectedRevision): boolean {
  return expected === 'no-stream' ? revision === undefined : revision === expected;
}

function matching(frame: Frame, next: number, prefixes: readonly string[], events: StoredEvent[]): void {
  for (const { position, line } of linesOf(frame))
    if (position >= next && prefixes.some((prefix) => line.stream.startsWith(prefix)))
      events.push(toStoredEvent(position, frame.bookedAt, line));
}
