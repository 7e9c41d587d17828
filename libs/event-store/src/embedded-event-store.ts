import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Clock } from '@meterbook/runtime/clock';
import type {
  AppendOutcome,
  ExpectedRevision,
  NewEvent,
  Position,
  Revision,
  StoreAudit,
  StoredEvent,
  StreamAppend,
  SubscriptionBatch,
} from './event-store';
import { EventStore } from './event-store';
import {
  decodeLine,
  encodeLine,
  frameHash,
  toStoredEvent,
  unitsOf,
  type Frame,
  type FrameLine,
  type Place,
} from './frame';
import { FrameAudit } from './frame-audit';
import { loadStreamIndex, saveStreamIndex } from './stream-index-file';
import { StreamIndex, type StreamHead } from './stream-index';

/** Bytes of a database page, and what of it a frame's body may fill, so that reading one event reads one page. */
const pageBytes = 16 * 1024;
const maxFrameBytes = pageBytes - 250;
/** Frames read in one go by a subscription or an audit. */
const pageFrames = 256;
/** Frames kept for walks along a stream. */
const recentFrames = 8;
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
    position INTEGER PRIMARY KEY, events INTEGER NOT NULL, booked_at INTEGER NOT NULL, hash TEXT NOT NULL, body BLOB NOT NULL
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
  private readonly frameHolding: Database.Statement<[number], Frame>;
  private readonly lastFrame: Database.Statement<[], Omit<Frame, 'body'>>;
  private readonly lastPosition: Database.Statement<[], number>;
  private readonly insertFrame: Database.Statement<[number, number, number, string, Buffer]>;
  /** The frames read last, for walks along a stream. */
  private readonly recent: Frame[] = [];
  private index: StreamIndex | undefined;
  /** Position that the next event will have, as far as this instance has read. */
  private next = 0;
  private lastBookedAt = 0;
  private lastHash = '';
  private savedAt = 0;
  private saving: Promise<void> = Promise.resolve();
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
    this.database.pragma(`page_size = ${pageBytes}`);
    this.database.pragma('journal_mode = WAL');
    this.database.pragma('synchronous = FULL');
    this.database.pragma(`wal_autocheckpoint = ${autoCheckpointPages}`);
    this.database.exec(schema);
    this.framesFrom = this.database.prepare(
      `SELECT ${columns} FROM frames WHERE position >= ? ORDER BY position LIMIT ?`,
    );
    this.frameHolding = this.database.prepare(
      `SELECT ${columns} FROM frames WHERE position <= ? ORDER BY position DESC LIMIT 1`,
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
    const index = this.synchronised();
    const head = index.head(stream);
    if (!head) return;
    if (direction === 'backward') {
      const first = from === 'end' ? head.revision : from === 'start' ? 0 : Math.min(from, head.revision);
      const place = index.placeFrom(stream, first);
      if (place) for (const event of this.walk(stream, place)) if (event.revision <= first) yield event;
      return;
    }
    for (let next = from === 'start' ? 0 : from === 'end' ? head.revision : from; next <= head.revision;) {
      const place = index.placeFrom(stream, next);
      if (!place) return;
      const last = Math.min(place.revision, head.revision);
      const events: StoredEvent[] = [];
      for (const event of this.walk(stream, place)) {
        if (event.revision <= last) events.push(event);
        if (event.revision <= next) break;
      }
      yield* events.reverse();
      next = last + 1;
    }
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
    for (let next = 0; ;) {
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
    await this.saving;
    if (this.index && this.next > this.savedAt)
      await saveStreamIndex(this.indexFile, this.index, this.next, this.lastHash);
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
    const heads = new Map<string, StreamHead>();
    const places: { readonly stream: string; readonly head: StreamHead }[] = [];
    const outcomes: AppendOutcome[] = [];
    try {
      const index = this.synchronised();
      const writer = new FrameWriter(
        this.next,
        this.lastHash,
        Math.max(this.clock.now(), this.lastBookedAt),
        this.insertFrame,
      );
      for (const { stream, expectedRevision, events } of appends) {
        let head = heads.get(stream) ?? index.head(stream);
        if (!standsAt(head?.revision, expectedRevision)) {
          outcomes.push({ kind: 'conflict', revision: head?.revision ?? 'no-stream' });
          continue;
        }
        for (const event of events) {
          head = writer.add(stream, head, event);
          places.push({ stream, head });
        }
        if (!head || events.length === 0) throw new Error(`append of no events to ${stream}`);
        heads.set(stream, head);
        outcomes.push({
          kind: 'appended',
          revision: head.revision,
          position: String(head.position),
          bookedAt: writer.bookedAt,
        });
      }
      writer.flush();
      this.database.exec('COMMIT');
      for (const { stream, head } of places) index.set(stream, head.revision, head.position, head.offset);
      if (heads.size > 0) this.lastBookedAt = writer.bookedAt;
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
    if (!this.index) {
      const saved = loadStreamIndex(this.indexFile, (position) => this.hashBefore(position));
      this.index = saved?.index ?? new StreamIndex();
      this.next = saved?.next ?? 0;
      this.lastHash = saved?.lastHash ?? '';
      this.savedAt = this.next;
      this.lastBookedAt = this.lastFrame.get()?.bookedAt ?? 0;
    }
    const index = this.index;
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
    return position === 0 ? 0 : (this.frameHolding.get(position)?.position ?? 0);
  }

  /** True when nobody is about to commit an event before `next`: then whatever comes later is booked later. */
  private nothingUnderWay(next: number): boolean {
    if (!this.begin()) return false;
    const last = this.lastFrame.get();
    this.database.exec('ROLLBACK');
    return (last ? last.position + last.events : 0) === next;
  }

  /** A stream's events from a place on, backward. */
  private *walk(stream: string, from: Place): Iterable<StoredEvent> {
    for (let place = from; place.position >= 0;) {
      const frame = this.frame(place.position);
      const line = lineAt(frame, place.offset);
      if (line.stream !== stream)
        throw new Error(`the chain of ${stream} leads to ${line.stream} at position ${place.position}`);
      yield toStoredEvent(place.position, frame.bookedAt, line);
      place = line.previous;
    }
  }

  private frame(position: number): Frame {
    for (const frame of this.recent)
      if (position >= frame.position && position < frame.position + frame.events) return frame;
    const frame = this.frameHolding.get(position);
    if (!frame || position >= frame.position + frame.events) throw new Error(`no event at position ${position}`);
    if (this.recent.length >= recentFrames) this.recent.pop();
    this.recent.unshift(frame);
    return frame;
  }
}

function standsAt(revision: number | undefined, expected: ExpectedRevision): boolean {
  return expected === 'no-stream' ? revision === undefined : revision === expected;
}

function lineAt(frame: Frame, offset: number): FrameLine {
  const end = frame.body.indexOf(10, offset);
  const units = end < 0 ? '' : frame.body.toString('latin1', offset, end + 1);
  const line = decodeLine(units, 0, units.length - 1);
  if (!line) throw new Error(`the frame at position ${frame.position} is corrupt at ${offset}`);
  return line;
}

function* linesOf(frame: Frame): Iterable<{ position: number; offset: number; line: FrameLine }> {
  const units = unitsOf(frame.body);
  let offset = 0;
  for (let position = frame.position; position < frame.position + frame.events; position++) {
    const end = units.indexOf('\n', offset);
    const line = decodeLine(units, offset, end);
    if (!line) throw new Error(`the event at position ${position} cannot be read`);
    yield { position, offset, line };
    offset = end + 1;
  }
}

function matching(frame: Frame, next: number, prefixes: readonly string[], events: StoredEvent[]): void {
  for (const { position, line } of linesOf(frame))
    if (position >= next && prefixes.some((prefix) => line.stream.startsWith(prefix)))
      events.push(toStoredEvent(position, frame.bookedAt, line));
}

/** Packs events into frames of about `maxFrameBytes` and inserts them inside the open transaction. */
class FrameWriter {
  private lines: string[] = [];
  private bytes = 0;
  private first: number;

  constructor(
    public next: number,
    public lastHash: string,
    readonly bookedAt: number,
    private readonly insert: Database.Statement<[number, number, number, string, Buffer]>,
  ) {
    this.first = next;
  }

  add(stream: string, head: StreamHead | undefined, event: NewEvent): StreamHead {
    const revision = head ? head.revision + 1 : 0;
    const line = encodeLine(stream, revision, head, event);
    const bytes = Buffer.byteLength(line);
    if (this.bytes + bytes > maxFrameBytes) this.flush();
    const place = { revision, position: this.next, offset: this.bytes };
    this.lines.push(line);
    this.bytes += bytes;
    this.next += 1;
    return place;
  }

  flush(): void {
    if (this.lines.length === 0) return;
    const frame = {
      position: this.first,
      events: this.lines.length,
      bookedAt: this.bookedAt,
      body: Buffer.from(this.lines.join('')),
    };
    this.lastHash = frameHash(this.lastHash, frame);
    this.insert.run(frame.position, frame.events, frame.bookedAt, this.lastHash, frame.body);
    this.first = this.next;
    this.lines = [];
    this.bytes = 0;
  }
}
