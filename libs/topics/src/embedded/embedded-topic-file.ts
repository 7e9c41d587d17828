import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Database, Statement } from '@meterbook/runtime/sqlite';
import type { Clock } from '@meterbook/runtime/clock';
import { isPageDamaged } from '@meterbook/runtime/damaged-pages';
import { SteadyClock } from '@meterbook/runtime/steady-clock';
import { inTransaction, openTopicDatabase } from './embedded-database';
import { AUTO_CHECKPOINT_PAGES, makeTopicTables, PAGE_BYTES } from './topic-tables';
import { sqliteCode } from '@meterbook/runtime/sqlite-failure';
import { partitionOf } from '../murmur2';
import { sumsOf } from './line-sums';
import { FrameReader, placeOf, type FrameHead, type PartitionEnd } from './frame-reader';
import { encodeBody, encodeRecord, type EncodedRecord } from './record-frame';
import {
  MAX_RECORD_BYTES,
  RecordTooLarge,
  TopicsBusy,
  TopicsUnavailable,
  type DeliveredRecord,
  type TopicRecord,
} from '../topics';

/** A frame is closed at this many bytes: reading from the middle of one reads little too much. */
const MAX_FRAME_BYTES = 512 * 1024;
/** Bytes that one commit takes from the queue, unless a single publish has more. */
const MAX_COMMIT_BYTES = 8 * 1024 * 1024;
/** Frames of a partition that are deleted in one go. */
const RETENTION_SLICE_FRAMES = 16;
const RETENTION_EVERY_MS = 1000;
/** How often a consumer moves the write-ahead log into the file, so that no commit has to. */
const CHECKPOINT_EVERY_MS = 250;
/** How often a waiting consumer looks for what other processes published: shortly after news, and at rest. */
const ACTIVE_POLL_MS = 5;
const IDLE_POLL_MS = 25;
const ACTIVE_FOR_MS = 1000;
/** Failures after which the transaction was certainly rolled back: the disk is full, a file may grow no further, or a page of it is damaged. */
const notWritten = new Set(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_CORRUPT']);

/** Bytes that are made into frames before others have their turn, ahead of the commit. */
const TURN_BYTES = 512 * 1024;

/** A row as it is to be written, but for its place. */
interface EncodedFrame {
  readonly records: number;
  readonly body: Buffer;
  readonly sums: Buffer | null;
}

interface WaitingPublish {
  /** The lines of each partition, in the order they were given. */
  readonly lines: ReadonlyMap<number, readonly EncodedRecord[]>;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What one topic's file is told when it is opened. */
export interface TopicSettings {
  readonly partitions: number;
  /** Bytes that may wait to become durable; beyond it a publish is refused. */
  readonly maxQueuedBytes: number;
}

/** One topic in one SQLite file: its one writer, and a reader of its partitions. */
export class TopicFile {
  private readonly database: Database;
  private readonly selectEnds: Statement<[], PartitionEnd>;
  private readonly frames: FrameReader;
  private readonly insertFrame: Statement<[number, number, number, Buffer, Buffer | null]>;
  private readonly updateEnd: Statement<[number, number, number]>;
  private queue: WaitingPublish[] = [];
  private queuedBytes = 0;
  private writing: Promise<void> | undefined;
  /** Next offset of each partition as last seen. */
  private readonly seen: number[];
  private readonly waiters = new Set<(blind: boolean) => void>();
  private polling = false;
  private newsAtMs = 0;
  private checkpointedAtMs = 0;
  private retainedAtMs = 0;
  private readonly steady: SteadyClock;

  constructor(
    path: string,
    /** The topic's name as callers know it. */
    readonly topic: string,
    private readonly settings: TopicSettings,
    private readonly clock: Clock,
  ) {
    this.steady = new SteadyClock(clock);
    this.database = openTopicDatabase(path, PAGE_BYTES, AUTO_CHECKPOINT_PAGES, 'FULL');
    this.database.transaction(() => this.create()).immediate();
    this.selectEnds = this.database.prepare(
      'SELECT partition, next_offset AS next, timestamp FROM partitions ORDER BY partition',
    );
    this.frames = new FrameReader(this.database, topic, (partition) => this.selectEnds.all()[partition]);
    this.insertFrame = this.database.prepare(
      'INSERT INTO frames (place, records, timestamp, body, sums) VALUES (?, ?, ?, ?, ?)',
    );
    this.updateEnd = this.database.prepare('UPDATE partitions SET next_offset = ?, timestamp = ? WHERE partition = ?');
    this.seen = this.ends();
  }

  get partitions(): number {
    return this.settings.partitions;
  }

  /** Next offset of each partition. */
  ends(): number[] {
    return this.selectEnds.all().map(({ next }) => next);
  }

  /** Offset of the oldest record of a partition that is still kept, or its next offset where there is none; 0 where that cannot be seen. */
  start(partition: number): number {
    return this.frames.start(partition);
  }

  /** Resolves when the records are on disk. Whatever is published while a commit runs, or in one turn, becomes the next commit. */
  publish(records: readonly TopicRecord[]): Promise<void> {
    const { lines, bytes } = this.encode(records);
    const { maxQueuedBytes } = this.settings;
    if (this.queuedBytes > 0 && this.queuedBytes + bytes > maxQueuedBytes)
      throw new TopicsBusy(this.topic, `${this.queuedBytes} of ${maxQueuedBytes} bytes are waiting to become durable`);
    this.queuedBytes += bytes;
    return new Promise((resolve, reject) => {
      this.queue.push({ lines, bytes, resolve, reject });
      this.writing ??= this.drain();
    });
  }

  /** Records of a partition from an offset on, whole frames as far as the limits allow; at least one where there is one. */
  read(partition: number, from: number, maxRecords: number, maxBytes: number): DeliveredRecord[] {
    return this.frames.read(partition, from, maxRecords, maxBytes);
  }

  /** Resolves when a partition may hold a record at this offset, or when aborted. */
  async waitFor(partition: number, offset: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || (this.seen[partition] ?? 0) > offset) return;
    await new Promise<void>((resolve) => {
      const check = (blind = false): void => {
        if (!blind && !signal.aborted && (this.seen[partition] ?? 0) <= offset) return;
        this.waiters.delete(check);
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const stop = (): void => check();
      this.waiters.add(check);
      signal.addEventListener('abort', stop);
      if (!this.polling) void this.poll();
    });
  }

  /** What a consumer does now and then for the writer: moves the write-ahead log into the file, and deletes what is no longer needed. */
  async maintain(
    retentionMs: number | undefined,
    committedByAll: (aliveSinceMs: number) => readonly number[],
  ): Promise<void> {
    const now = this.steady.now();
    if (now - this.checkpointedAtMs >= CHECKPOINT_EVERY_MS) {
      this.checkpointedAtMs = now;
      this.database.pragma('wal_checkpoint(PASSIVE)');
    }
    if (retentionMs === undefined || now - this.retainedAtMs < RETENTION_EVERY_MS) return;
    this.retainedAtMs = now;
    // A clock that jumps ahead makes no record old: what is deleted does not come back when the clock does.
    const olderThanMs = Math.min(now, this.clock.now()) - retentionMs;
    const committed = committedByAll(olderThanMs);
    for (let partition = 0; partition < this.partitions; partition += 1)
      // A whole slice leaves more to do: the next call goes on with it.
      if (await this.deleteOld(partition, committed[partition] ?? 0, olderThanMs)) this.retainedAtMs = 0;
  }

  /** Waits for what is being published and closes the file. */
  async close(): Promise<void> {
    await this.writing;
    this.database.close();
  }

  private create(): void {
    makeTopicTables(this.database);
    // The id tells this file from another of the same name; one that an earlier version made gets it now.
    this.database.prepare('INSERT INTO identity SELECT ? WHERE NOT EXISTS (SELECT * FROM identity)').run(randomUUID());
    const stored =
      this.database.prepare<[], { count: number }>('SELECT count(*) AS count FROM partitions').get()?.count ?? 0;
    const { partitions } = this.settings;
    if (stored === 0) {
      const insert = this.database.prepare(
        'INSERT INTO partitions (partition, next_offset, timestamp) VALUES (?, 0, 0)',
      );
      for (let partition = 0; partition < partitions; partition += 1) insert.run(partition);
    } else if (stored !== partitions) {
      throw new Error(
        `topic ${this.topic} was created with ${stored} partitions and cannot be opened with ${partitions}: its keys would change place`,
      );
    }
  }

  private encode(records: readonly TopicRecord[]): Pick<WaitingPublish, 'lines' | 'bytes'> {
    const lines = new Map<number, EncodedRecord[]>();
    let total = 0;
    for (const [index, record] of records.entries()) {
      const encoded = encodeRecord(record);
      if (encoded.bytes > MAX_RECORD_BYTES) throw new RecordTooLarge(this.topic, index, encoded.bytes);
      const partition = partitionOf(record.key, this.partitions);
      const list = lines.get(partition);
      if (list) list.push(encoded);
      else lines.set(partition, [encoded]);
      total += encoded.bytes;
    }
    return { lines, bytes: total };
  }

  private async drain(): Promise<void> {
    // What is published in the same turn of the event loop shares the commit.
    await turn();
    while (this.queue.length > 0) {
      const publishes = this.take();
      try {
        const frames = await this.framesOf(publishes);
        await inTransaction(this.database, this.clock, () => this.write(frames));
        for (const { resolve } of publishes) resolve();
      } catch (error) {
        const reason = notWritten.has(sqliteCode(error) ?? '') ? new TopicsUnavailable(this.topic, error) : error;
        for (const { reject } of publishes) reject(reason);
      }
      for (const { bytes } of publishes) this.queuedBytes -= bytes;
      this.look();
      await turn();
    }
    this.writing = undefined;
  }

  private take(): WaitingPublish[] {
    let bytes = 0;
    let count = 0;
    for (const publish of this.queue) {
      if (count > 0 && bytes + publish.bytes > MAX_COMMIT_BYTES) break;
      bytes += publish.bytes;
      count += 1;
    }
    return this.queue.splice(0, count);
  }

  /** The frames of each partition. The thread is not held for all of them: only the commit itself has to be one piece. */
  private async framesOf(publishes: readonly WaitingPublish[]): Promise<ReadonlyMap<number, readonly EncodedFrame[]>> {
    const frames = new Map<number, EncodedFrame[]>();
    let bytes = 0;
    for (let partition = 0; partition < this.partitions; partition += 1) {
      const lines = publishes.flatMap((publish) => publish.lines.get(partition) ?? []);
      if (lines.length === 0) continue;
      const encoded: EncodedFrame[] = [];
      frames.set(partition, encoded);
      for (const frame of cut(lines)) {
        if (bytes >= TURN_BYTES) {
          await turn();
          bytes = 0;
        }
        const body = encodeBody(frame.map(({ line }) => line));
        const sums = sumsOf(
          body,
          frame.map(({ lineBytes }) => lineBytes),
        );
        encoded.push({ records: frame.length, body, sums });
        bytes += body.length;
      }
    }
    return frames;
  }

  private write(frames: ReadonlyMap<number, readonly EncodedFrame[]>): void {
    const now = this.clock.now();
    for (const end of this.selectEnds.all()) {
      const added = frames.get(end.partition);
      if (!added) continue;
      const timestamp = Math.max(now, end.timestamp);
      let next = end.next;
      for (const { records, body, sums } of added) {
        this.insertFrame.run(placeOf(end.partition, next), records, timestamp, body, sums);
        next += records;
      }
      this.updateEnd.run(next, timestamp, end.partition);
    }
  }

  private async poll(): Promise<void> {
    this.polling = true;
    this.look();
    while (this.waiters.size > 0) {
      await this.clock.sleep(this.steady.now() - this.newsAtMs < ACTIVE_FOR_MS ? ACTIVE_POLL_MS : IDLE_POLL_MS);
      if (this.database.open) this.look();
    }
    this.polling = false;
  }

  /** Wakes whoever waits for a record that is there now; everybody where that cannot be seen, since reading then says why. */
  private look(): void {
    let news = false;
    let blind = false;
    try {
      for (const { partition, next } of this.selectEnds.all()) {
        news ||= this.seen[partition] !== next;
        this.seen[partition] = next;
      }
    } catch {
      blind = true;
    }
    if (!news && !blind) return;
    this.newsAtMs = this.steady.now();
    for (const check of [...this.waiters]) check(blind);
  }

  /** Of a partition whose oldest frames lie on a damaged page nothing is deleted. */
  private async deleteOld(partition: number, committed: number, olderThanMs: number): Promise<boolean> {
    try {
      return await this.deleteSlice(partition, committed, olderThanMs);
    } catch (error) {
      if (!isPageDamaged(error)) throw error;
      return false;
    }
  }

  /** Deletes the oldest frames of a partition that every group has committed. True when there may be more of them. */
  private async deleteSlice(partition: number, committed: number, olderThanMs: number): Promise<boolean> {
    const rows = this.database
      .prepare<[number, number, number], FrameHead>(
        'SELECT place, records, timestamp FROM frames WHERE place >= ? AND place < ? ORDER BY place LIMIT ?',
      )
      .all(placeOf(partition, 0), placeOf(partition, committed), RETENTION_SLICE_FRAMES);
    const kept = rows.findIndex(
      (row) => row.timestamp >= olderThanMs || row.place + row.records > placeOf(partition, committed),
    );
    const last = kept < 0 ? rows.at(-1) : rows[kept - 1];
    if (!last) return false;
    await inTransaction(this.database, this.clock, () =>
      this.database
        .prepare('DELETE FROM frames WHERE place >= ? AND place <= ?')
        .run(placeOf(partition, 0), last.place),
    );
    return kept < 0 && rows.length === RETENTION_SLICE_FRAMES;
  }
}

/** Cuts lines into frames of about `MAX_FRAME_BYTES`. */
function* cut(lines: readonly EncodedRecord[]): Iterable<EncodedRecord[]> {
  let frame: EncodedRecord[] = [];
  let bytes = 0;
  for (const line of lines) {
    if (frame.length > 0 && bytes + line.bytes > MAX_FRAME_BYTES) {
      yield frame;
      frame = [];
      bytes = 0;
    }
    frame.push(line);
    bytes += line.bytes;
  }
  if (frame.length > 0) yield frame;
}
