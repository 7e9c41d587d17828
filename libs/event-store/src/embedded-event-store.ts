import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Clock } from '@meterbook/runtime/clock';
import type {
  AppendOutcome,
  ExpectedRevision,
  Position,
  Revision,
  StoreAudit,
  StoredEvent,
  StreamAppend,
  SubscriptionBatch,
} from './event-store';
import { EventStore } from './event-store';
import { decodeLine, encodeLine, frameHash, toStoredEvent, type Frame, type FrameLine } from './frame';
import { FrameAudit } from './frame-audit';
import { loadStreamIndex, saveStreamIndex } from './stream-index-file';
import { StreamIndex } from './stream-index';

/** A frame's body is closed at this length: small enough that reading one event reads little, large enough for few rows. */
const maxFrameUnits = 48 * 1024;
/** Frames read in one go by a subscription or an audit. */
const pageFrames = 64;
/** Bodies kept for walks along a stream. */
const cachedFrames = 64;
/** How long a subscription that has seen everything waits before it looks again. */
const pollMs = 5;
/** How often an idle subscription says that it has caught up. */
const caughtUpEveryMs = 100;
/** How often a subscription moves the write-ahead log into the file, so that no commit has to. */
const checkpointEveryMs = 250;
/** A writer whom no subscription relieves does it itself at this many pages of 16 KiB (128 MiB). */
const autoCheckpointPages = 8192;
/** How long an append waits between two tries for the lock of another process. */
const lockRetryMs = 1;
/** New events after which the stream index is written to its file again. */
const indexSaveEvery = 500_000;

const schema = `
  CREATE TABLE IF NOT EXISTS frames (
    position INTEGER PRIMARY KEY, events INTEGER NOT NULL, booked_at INTEGER NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL
  )`;
const columns = 'position, events, booked_at AS bookedAt, hash, body';

/**
 * The event store on one local SQLite file, durable at each append (WAL, synchronous=FULL). Several threads or processes may
 * open the same file: each keeps its own stream index and reads what the others wrote before it decides anything.
 */
export class EmbeddedEventStore extends EventStore {
  private readonly database: Database.Database;
  private readonly indexFile: string;
  private readonly framesFrom: Database.Statement<[number, number], Frame>;
  private readonly frameAt: Database.Statement<[number], Frame>;
  private readonly lastFrame: Database.Statement<[], Omit<Frame, 'body'>>;
  private readonly insertFrame: Database.Statement<[number, number, number, string, string]>;
  private readonly bodies = new Map<number, Frame>();
  private index: StreamIndex | undefined;
  /** Position that the next event will have, as far as this instance has read. */
  private next = 0;
  private lastBookedAt = 0;
  private lastHash = '';
  private savedAt = 0;
  private queue: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(
    directory: string,
    private readonly clock: Clock,
  ) {
    super();
    mkdirSync(directory, { recursive: true });
    this.indexFile = join(directory, 'events.index');
    this.database = new Database(join(directory, 'events.db'), { timeout: 10_000 });
    this.database.pragma('page_size = 16384');
    this.database.pragma('journal_mode = WAL');
    this.database.pragma('synchronous = FULL');
    this.database.pragma(`wal_autocheckpoint = ${autoCheckpointPages}`);
    this.database.exec(schema);
    this.framesFrom = this.database.prepare(`SELECT ${columns} FROM frames WHERE position >= ? ORDER BY position LIMIT ?`);
    this.frameAt = this.database.prepare(`SELECT ${columns} FROM frames WHERE position = ?`);
    this.lastFrame = this.database.prepare(
      'SELECT position, events, booked_at AS bookedAt, hash FROM frames ORDER BY position DESC LIMIT 1',
    );
    this.insertFrame = this.database.prepare('INSERT INTO frames (position, events, booked_at, hash, body) VALUES (?, ?, ?, ?, ?)');
    this.database.pragma('busy_timeout = 0');
  }

  override async append(appends: readonly StreamAppend[]): Promise<AppendOutcome[]> {
    const turn = this.queue.then(async () => {
      while (!this.begin()) await this.clock.sleep(lockRetryMs);
      return this.write(appends);
    });
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  override async head(stream: string): Promise<Revision | 'no-stream'> {
    return this.synchronised().head(stream)?.revision ?? 'no-stream';
  }

  override async *read(
    stream: string,
    from: Revision | 'start' | 'end',
    direction: 'forward' | 'backward',
  ): AsyncIterable<StoredEvent> {
    const head = this.synchronised().head(stream);
    if (!head) return;
    if (direction === 'backward') {
      const first = from === 'end' ? head.revision : from === 'start' ? 0 : from;
      for (const place of this.walk(stream, head)) {
        if (place.revision <= first) yield this.eventAt(place.frame, place.offset);
      }
      return;
    }
    const first = from === 'start' ? 0 : from === 'end' ? head.revision : from;
    const places: number[] = [];
    if (head.revision < first) return;
    for (const place of this.walk(stream, head)) {
      if (place.revision < first) break;
      places.push(place.frame, place.offset);
      if (place.revision === first) break;
    }
    for (let i = places.length - 2; i >= 0; i -= 2) yield this.eventAt(places[i] as number, places[i + 1] as number);
  }

  override async *subscribe(
    prefixes: readonly string[],
    after: Position | 'start',
    signal: AbortSignal,
  ): AsyncIterable<SubscriptionBatch> {
    let next = after === 'start' ? 0 : Number(after) + 1;
    let saidAt = -Infinity;
    let checkpointedAt = this.clock.now();
    while (!signal.aborted && !this.closed) {
      const frames = this.framesFrom.all(this.frameHolding(next), pageFrames);
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
        yield { events, position: String(next - 1), caughtUp: false, observedAt: now };
        saidAt = -Infinity;
      } else {
        if (now - saidAt >= caughtUpEveryMs && this.nothingUnderWay(next)) {
          saidAt = now;
          yield { events: [], position: String(next - 1), caughtUp: true, observedAt: now };
        }
        await this.clock.sleep(pollMs, signal);
      }
      if (now - checkpointedAt >= checkpointEveryMs && !this.isClosed()) {
        checkpointedAt = now;
        this.database.pragma('wal_checkpoint(PASSIVE)');
      }
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  override async end(): Promise<Position | 'start'> {
    const last = this.lastFrame.get();
    return last ? String(last.position + last.events - 1) : 'start';
  }

  override async audit(visit: (event: StoredEvent) => void): Promise<StoreAudit> {
    const audit = new FrameAudit(visit);
    for (let next = 0; ; ) {
      const frames = this.framesFrom.all(next, pageFrames);
      if (frames.length === 0) return audit.result();
      for (const frame of frames) {
        audit.check(frame);
        next = Math.max(next + 1, frame.position + 1);
      }
      await this.clock.sleep(0);
    }
  }

  override async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.queue;
    if (this.index && this.next > this.savedAt) await saveStreamIndex(this.indexFile, this.index, this.next, this.lastHash);
    this.database.close();
  }

  private isClosed(): boolean {
    return this.closed;
  }

  private begin(): boolean {
    try {
      this.database.exec('BEGIN IMMEDIATE');
      return true;
    } catch (error) {
      if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return false;
      throw error;
    }
  }

  private write(appends: readonly StreamAppend[]): AppendOutcome[] {
    const noted: { stream: string; revision: number; frame: number; offset: number }[] = [];
    const pending = new Map<string, { revision: number; frame: number; offset: number }>();
    const outcomes: AppendOutcome[] = [];
    const state = { next: this.next, hash: this.lastHash };
    try {
      const index = this.synchronised();
      const bookedAt = Math.max(this.clock.now(), this.lastBookedAt);
      state.next = this.next;
      state.hash = this.lastHash;
      let body = '';
      let events = 0;
      let frame = state.next;
      const flush = (): void => {
        if (events === 0) return;
        state.hash = frameHash(state.hash, { position: frame, events, bookedAt, body });
        this.insertFrame.run(frame, events, bookedAt, state.hash, body);
        frame = state.next;
        events = 0;
        body = '';
      };
      for (const { stream, expectedRevision, events: added } of appends) {
        let head = pending.get(stream) ?? index.head(stream);
        if (!standsAt(head?.revision, expectedRevision)) {
          outcomes.push({ kind: 'conflict', revision: head?.revision ?? 'no-stream' });
          continue;
        }
        if (added.length === 0) throw new Error(`append of no events to ${stream}`);
        for (const event of added) {
          if (body.length >= maxFrameUnits) flush();
          const offset = body.length;
          const revision: number = head ? head.revision + 1 : 0;
          body += encodeLine(stream, revision, head, event);
          head = { revision, frame, offset };
          events += 1;
          state.next += 1;
        }
        const place = head as { revision: number; frame: number; offset: number };
        pending.set(stream, place);
        noted.push({ stream, ...place });
        outcomes.push({ kind: 'appended', revision: place.revision, position: String(state.next - 1), bookedAt });
      }
      flush();
      this.database.exec('COMMIT');
      for (const { stream, revision, frame: at, offset } of noted) index.set(stream, revision, at, offset);
      if (noted.length > 0) this.lastBookedAt = bookedAt;
      this.next = state.next;
      this.lastHash = state.hash;
      return outcomes;
    } catch (error) {
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  /** The stream index, brought up to the newest committed frame. */
  private synchronised(): StreamIndex {
    if (!this.index) {
      const saved = loadStreamIndex(this.indexFile, (position) => this.hashBefore(position));
      this.index = saved?.index ?? new StreamIndex();
      this.next = saved?.next ?? 0;
      this.lastHash = saved?.lastHash ?? '';
      this.savedAt = this.next;
      this.lastBookedAt = this.lastFrame.get()?.bookedAt ?? 0;
    }
    const index = this.index;
    for (;;) {
      const frames = this.framesFrom.all(this.next, pageFrames);
      for (const frame of frames) {
        let offset = 0;
        for (let i = 0; i < frame.events; i++) {
          const line = lineOf(frame, offset);
          index.set(line.stream, line.revision, frame.position, offset);
          offset = line.end;
        }
        this.next = frame.position + frame.events;
        this.lastBookedAt = frame.bookedAt;
        this.lastHash = frame.hash;
      }
      if (frames.length < pageFrames) break;
    }
    if (this.next - this.savedAt >= indexSaveEvery) {
      this.savedAt = this.next;
      void saveStreamIndex(this.indexFile, index, this.next, this.lastHash);
    }
    return index;
  }

  /** Hash of the last frame before a position, or undefined where no frame ends there. */
  private hashBefore(position: number): string | undefined {
    if (position === 0) return '';
    const frame = this.database
      .prepare<[number], Omit<Frame, 'body'>>('SELECT position, events, hash FROM frames WHERE position < ? ORDER BY position DESC LIMIT 1')
      .get(position);
    return frame && frame.position + frame.events === position ? frame.hash : undefined;
  }

  /** Position of the frame that holds an event, or of the first after it. */
  private frameHolding(position: number): number {
    if (position === 0) return 0;
    const frame = this.database
      .prepare<[number], { position: number }>('SELECT position FROM frames WHERE position <= ? ORDER BY position DESC LIMIT 1')
      .get(position);
    return frame?.position ?? 0;
  }

  /** True when nobody is about to commit an event before `next`: then whatever comes later is booked later. */
  private nothingUnderWay(next: number): boolean {
    if (!this.begin()) return false;
    const last = this.lastFrame.get();
    this.database.exec('ROLLBACK');
    return (last ? last.position + last.events : 0) === next;
  }

  private *walk(stream: string, head: { frame: number; offset: number }): Iterable<{ revision: number; frame: number; offset: number }> {
    let { frame, offset } = head;
    while (frame >= 0) {
      const line = lineOf(this.frame(frame), offset);
      if (line.stream !== stream) throw new Error(`the chain of ${stream} leads to ${line.stream} at ${frame}+${offset}`);
      yield { revision: line.revision, frame, offset };
      frame = line.previousFrame;
      offset = line.previousOffset;
    }
  }

  private eventAt(position: number, offset: number): StoredEvent {
    const frame = this.frame(position);
    let ordinal = 0;
    for (let at = frame.body.indexOf('\n'); at >= 0 && at < offset; at = frame.body.indexOf('\n', at + 1)) ordinal += 1;
    return toStoredEvent(frame, ordinal, lineOf(frame, offset));
  }

  private frame(position: number): Frame {
    const known = this.bodies.get(position);
    if (known) return known;
    const frame = this.frameAt.get(position);
    if (!frame) throw new Error(`no frame at position ${position}`);
    if (this.bodies.size >= cachedFrames) {
      for (const oldest of this.bodies.keys()) {
        this.bodies.delete(oldest);
        break;
      }
    }
    this.bodies.set(position, frame);
    return frame;
  }
}

function standsAt(revision: number | undefined, expected: ExpectedRevision): boolean {
  return expected === 'no-stream' ? revision === undefined : revision === expected;
}

function lineOf(frame: Frame, offset: number): FrameLine {
  const line = decodeLine(frame.body, offset);
  if (!line) throw new Error(`the frame at position ${frame.position} is corrupt at ${offset}`);
  return line;
}

function matching(frame: Frame, next: number, prefixes: readonly string[], events: StoredEvent[]): void {
  let offset = 0;
  for (let ordinal = 0; ordinal < frame.events; ordinal++) {
    const line = lineOf(frame, offset);
    if (frame.position + ordinal >= next && prefixes.some((prefix) => line.stream.startsWith(prefix)))
      events.push(toStoredEvent(frame, ordinal, line));
    offset = line.end;
  }
}
