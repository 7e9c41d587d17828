import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isPageDamaged, nextReadable } from '@meterbook/runtime/damaged-pages';
import { openDatabase, type Database, type Statement } from '@meterbook/runtime/sqlite';
import { sqliteCode } from '@meterbook/runtime/sqlite-failure';
import { StoreUnavailable, StoreUnfit } from '../store-failure';
import { decodeLine, decodePointer, type Frame, type FrameLine, type LinePointer, type Place } from './frame';
import { PAGE_BYTES } from './frame-writer';

/** Bytes that hold most lines whole; a longer one is read again with so many times more. */
const USUAL_LINE_BYTES = 2048;
const LINE_GROWTH = 32;
/** Bytes before a line that are read with it: nearly all of its frame, which is on the same page. */
const BYTES_BEFORE = 14 * 1024;
const LINE_BREAK = 10;
const TAB = 9;
/** Bytes of frames that are read at a time. */
const MAX_TAKEN_BYTES = 1024 * 1024;
/** Page cache of each connection, KiB: the inner pages of a large table stay in it. */
const CACHE_KIB = 65_536;
/** A writer whom no subscription relieves moves the write-ahead log at this many pages of 16 KiB (128 MiB). */
const AUTO_CHECKPOINT_PAGES = 8192;
/** How long opening and reading wait for another process, which may be recovering the file after a crash, milliseconds. */
export const BUSY_TIMEOUT_MS = 10_000;

const schema = `
  CREATE TABLE IF NOT EXISTS frames (
    position INTEGER PRIMARY KEY, events INTEGER NOT NULL, booked_at INTEGER NOT NULL, hash TEXT NOT NULL, body BLOB NOT NULL
  )`;
const columns = 'position, events, booked_at AS bookedAt, hash, body';

/** Codes of SQLite that say: this is no whole database file. */
const damagedFile = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_IOERR_SHORT_READ'];
/** Codes that pass once there is room, or once the disk answers again. */
const passing = ['SQLITE_FULL', 'SQLITE_IOERR', 'SQLITE_BUSY', 'SQLITE_NOMEM'];

/** A part of a frame's body, with the frame's envelope. */
interface LineSlice extends Omit<Frame, 'hash' | 'body'> {
  readonly slice: Buffer;
}

interface FramePart {
  /** Position of the frame's first event, and the position after its last. */
  readonly first: number;
  readonly end: number;
  readonly bookedAt: number;
  /** Offset in the frame's body at which the slice begins. */
  readonly start: number;
  readonly slice: Buffer;
  /** Whether the frame goes on after it. */
  readonly isCut: boolean;
}

export interface FramesRead {
  readonly frames: readonly Frame[];
  /** Whether there may be more. */
  readonly more: boolean;
  /** The last frame of all, where everything up to its end is on damaged pages. */
  readonly lost?: Omit<Frame, 'body'>;
}

export interface ReadLine {
  readonly line: FrameLine;
  readonly bookedAt: number;
  /** Bytes of the line. */
  readonly bytes: number;
}

/** The frames in their SQLite file: all that is asked of it and written to it. */
export class FrameTable {
  readonly database: Database;
  readonly insert: Statement<[number, number, number, string, Buffer]>;
  private readonly file: string;
  private readonly framesFrom: Statement<[number, number], Frame>;
  private readonly frameHolding: Statement<[number], number>;
  private readonly frameBefore: Statement<[number], Omit<Frame, 'body'>>;
  private readonly lineIn: Statement<[number, number, number], LineSlice>;
  private readonly lastFrame: Statement<[], Omit<Frame, 'body'>>;
  /** What was read last for one line. */
  private part: FramePart | undefined;
  private readonly lastPosition: Statement<[]>;

  /** Opens `events.db` in a folder, and makes both where they are missing. Throws `StoreUnfit` where the file is cut off or none of ours. */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.file = join(directory, 'events.db');
    this.database = openDatabase(this.file, { timeout: BUSY_TIMEOUT_MS });
    try {
      this.database.pragma(`page_size = ${PAGE_BYTES}`);
      this.database.pragma('journal_mode = WAL');
      this.database.pragma('synchronous = FULL');
      this.database.pragma(`cache_size = ${-CACHE_KIB}`);
      this.database.pragma(`wal_autocheckpoint = ${AUTO_CHECKPOINT_PAGES}`);
      this.database.exec(schema);
      this.framesFrom = this.database.prepare(
        `SELECT ${columns} FROM frames WHERE position >= ? ORDER BY position LIMIT ?`,
      );
      this.frameHolding = this.database
        .prepare<[number], number>('SELECT position FROM frames WHERE position <= ? ORDER BY position DESC LIMIT 1')
        .pluck();
      this.frameBefore = this.database.prepare(
        'SELECT position, events, booked_at AS bookedAt, hash FROM frames WHERE position < ? ORDER BY position DESC LIMIT 1',
      );
      this.lineIn = this.database.prepare(
        `SELECT position, events, booked_at AS bookedAt, substr(body, ?, ?) AS slice
         FROM frames WHERE position <= ? ORDER BY position DESC LIMIT 1`,
      );
      this.lastFrame = this.database.prepare(
        'SELECT position, events, booked_at AS bookedAt, hash FROM frames ORDER BY position DESC LIMIT 1',
      );
      this.lastPosition = this.database
        .prepare<[]>('SELECT position FROM frames ORDER BY position DESC LIMIT 1')
        .pluck();
      this.insert = this.database.prepare(
        'INSERT INTO frames (position, events, booked_at, hash, body) VALUES (?, ?, ?, ?, ?)',
      );
    } catch (error) {
      this.database.close();
      throw this.named(error);
    }
  }

  /**
   * Frames from one that begins at a position or after it on, as many as one turn takes. Those on a page of the file that is damaged
   * are left out.
   */
  from(position: number, count: number): FramesRead {
    return this.guarded(() => {
      const frames: Frame[] = [];
      let bytes = 0;
      try {
        for (const frame of this.framesFrom.iterate(position, count)) {
          frames.push(frame);
          bytes += frame.body.length;
          // Two at least: whoever begins in the middle of the store passes over the first.
          if (bytes >= MAX_TAKEN_BYTES && frames.length > 1) return { frames, more: true };
        }
      } catch (error) {
        if (!isPageDamaged(error)) throw error;
        return frames.length > 0 ? { frames, more: true } : this.beyondDamage(position);
      }
      return { frames, more: frames.length === count };
    });
  }

  /** Position of the first frame after a position at which the file is damaged, or the end of the store; the next one where the end cannot be seen. */
  nextReadable(position: number): number {
    return this.guarded(() => {
      const last = unlessDamaged(() => this.lastFrame.get(), undefined);
      const end = last ? last.position + last.events : position + 1;
      return nextReadable(position, end, (at) => this.readableAt(at, end));
    });
  }

  /** Whether a frame begins at a position or after it. */
  reaches(position: number): boolean {
    const last = this.guarded(() => this.lastPosition.get());
    return typeof last === 'number' && last >= position;
  }

  /** The same as `from`, with the failures of SQLite as they are. */
  unguardedFrom(position: number, count: number): Frame[] {
    return this.framesFrom.all(position, count);
  }

  /** Position of the frame that holds an event, or of the first after it; the position itself where that cannot be seen. */
  firstFor(position: number): number {
    if (position === 0) return 0;
    return this.guarded(() => unlessDamaged(() => this.frameHolding.get(position) ?? 0, position));
  }

  last(): Omit<Frame, 'body'> | undefined {
    return this.guarded(() => this.lastFrame.get());
  }

  /** Hash of the last frame before a position, or undefined where no frame ends there. */
  hashBefore(position: number): string | undefined {
    if (position === 0) return '';
    const frame = this.guarded(() => unlessDamaged(() => this.frameBefore.get(position), undefined));
    return frame && frame.position + frame.events === position ? frame.hash : undefined;
  }

  /** One line of a frame, without most of the others; undefined where there is none that can be read. */
  lineAt(place: Place): ReadLine | undefined {
    const near = this.part && lineWithin(this.part, place);
    if (near) return near;
    for (let length = USUAL_LINE_BYTES; ; length *= LINE_GROWTH) {
      const part = this.partAround(place, length);
      const line = part && lineWithin(part, place);
      if (line || !part?.isCut) return line;
    }
  }

  /** Which event a line is, without its content; undefined where there is none that can be read. */
  pointerAt(place: Place): LinePointer | undefined {
    const near = this.part && pointerWithin(this.part, place);
    if (near) return near;
    const part = this.partAround(place, USUAL_LINE_BYTES);
    return part && pointerWithin(part, place);
  }

  /**
   * Bytes of a frame from a place on, and a few of those before: the events of one append stand side by side, and a stream is
   * read backward. They are kept for whoever asks next, since a frame never changes.
   */
  private partAround({ position, offset }: Place, length: number): FramePart | undefined {
    const start = Math.max(0, offset - BYTES_BEFORE);
    const asked = offset - start + length;
    const found = this.guarded(() => unlessDamaged(() => this.lineIn.get(start + 1, asked, position), undefined));
    if (!found || position >= found.position + found.events || !Buffer.isBuffer(found.slice)) return undefined;
    const { slice, bookedAt } = found;
    const part = {
      first: found.position,
      end: found.position + found.events,
      bookedAt,
      start,
      slice,
      isCut: slice.length === asked,
    };
    if (length === USUAL_LINE_BYTES) this.part = part;
    return part;
  }

  /** Makes the transaction that is open durable. */
  commit(): void {
    this.database.exec('COMMIT');
  }

  /** Moves the write-ahead log into the file as far as nobody reads it. On a full disk it stays where it is. */
  checkpoint(): void {
    try {
      this.database.pragma('wal_checkpoint(PASSIVE)');
    } catch (error) {
      if (!codeIn(error, passing)) throw this.named(error);
    }
  }

  /** A failure of SQLite as the port names it; any other stays what it is. */
  named(error: unknown): unknown {
    const code = sqliteCode(error);
    if (code === undefined) return error;
    if (codeIn(error, damagedFile))
      return new StoreUnfit(
        `${this.file} is cut off or damaged (${code}): stop the service and put back the folder of the store from a backup`,
        error,
      );
    return codeIn(error, passing) ? new StoreUnavailable(`${this.file}: ${code}`, error) : error;
  }

  close(): void {
    this.database.close();
  }

  private beyondDamage(position: number): FramesRead {
    const last = this.lastFrame.get();
    const next = this.nextReadable(position);
    if (last && next < last.position + last.events) return { frames: this.framesFrom.all(next, 1), more: true };
    return { frames: [], more: false, ...(last && { lost: last }) };
  }

  private readableAt(position: number, end: number): number | undefined {
    return unlessDamaged(() => this.framesFrom.get(position, 1)?.position ?? end, undefined);
  }

  private guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.named(error);
    }
  }
}

/** What a look comes to, or something else where a page of the file is damaged. */
function unlessDamaged<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch (error) {
    if (!isPageDamaged(error)) throw error;
    return otherwise;
  }
}

function codeIn(error: unknown, codes: readonly string[]): boolean {
  const code = sqliteCode(error);
  return code !== undefined && codes.some((one) => code === one || code.startsWith(`${one}_`));
}

/** Which event stands at a place, where a part of its frame holds what says so. */
function pointerWithin({ first, end, start, slice }: FramePart, { position, offset }: Place): LinePointer | undefined {
  if (position < first || position >= end || offset < start || offset >= start + slice.length) return undefined;
  const from = offset - start;
  const tabAt = slice.indexOf(TAB, from);
  return tabAt < 0 ? undefined : decodePointer(slice.toString('latin1', from, tabAt), 0, tabAt - from);
}

/** The line at a place, where a part of its frame holds it whole. */
function lineWithin({ first, end, bookedAt, start, slice }: FramePart, place: Place): ReadLine | undefined {
  const { position, offset } = place;
  if (position < first || position >= end || offset < start || offset >= start + slice.length) return undefined;
  const from = offset - start;
  const bytes = slice.indexOf(LINE_BREAK, from) - from;
  if (bytes < 0) return undefined;
  const line = decodeLine(slice.toString('latin1', from, from + bytes + 1), 0, bytes);
  return line && { line, bookedAt, bytes };
}
