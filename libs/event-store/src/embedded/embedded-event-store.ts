import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
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
  StreamDamage,
  SubscriptionBatch,
} from '../event-store';
import { EventStore } from '../event-store';
import { AppendOutcomeUnknown } from '../store-failure';
import { bookedTooEarly, type BookedAppend, type TakesOver } from '../take-over';
import { CommitsHere, type Commits, type Round } from './commits';
import { CommitThread, CommitThreadEnded } from './commit-thread';
import { toStoredEvent } from './frame';
import { auditFrames } from './frame-audit';
import { BUSY_TIMEOUT_MS, FrameTable } from './frame-table';
import { FrameWalk, type WalkedFrame } from './frame-walk';
import { FrameWriter, refuseUnstorable, type PackedFrame } from './frame-writer';
import { KnownStreams, TURN_FRAMES, type Written } from './known-streams';
import type { StreamHead } from './stream-index';
import { StreamWalk, turnOver } from './stream-walk';
import { WriteLock } from './write-lock';

/** How long a subscription that has seen everything waits before it looks again. */
const POLL_MS = 5;
/** How often an idle subscription says that it has caught up. */
const CAUGHT_UP_EVERY_MS = 100;
/** How often a subscription moves the write-ahead log into the file, so that no commit has to. */
const CHECKPOINT_EVERY_MS = 250;
/** Streams whose appends share a commit, unless one call has more. */
const MAX_COMMIT_APPENDS = 4000;

interface WaitingAppend {
  /** Those that are taken over say when they were booked. */
  readonly appends: readonly (StreamAppend & Partial<BookedAppend>)[];
  readonly resolve: (outcomes: AppendOutcome[]) => void;
  readonly reject: (error: unknown) => void;
}

/** A round of appends, and what becomes of whoever waits for them once it is written. */
interface PreparedRound extends Round {
  readonly written: Written;
  readonly answers: readonly (() => void)[];
}

/**
 * The event store on one local SQLite file, durable at each append (WAL, synchronous=FULL). Several threads or processes may
 * open the same file: each keeps its own stream index and reads what the others wrote before it decides anything.
 */
export class EmbeddedEventStore extends EventStore implements TakesOver {
  private readonly table: FrameTable;
  private readonly lock: WriteLock;
  private readonly known: KnownStreams;
  private readonly commits: Commits;
  private waiting: WaitingAppend[] = [];
  private writing: Promise<void> | undefined;
  private closed = false;

  /**
   * Throws `StoreUnfit` where the store's file is cut off or none of ours. Where it commits in a thread of its own, nobody here waits
   * for the disk, and *booked at* is the machine's time, whatever the clock says.
   */
  constructor(
    directory: string,
    private readonly clock: Clock,
    committing: 'here' | 'in-thread' = 'here',
  ) {
    super();
    this.table = new FrameTable(directory);
    this.known = new KnownStreams(this.table, join(directory, 'events.index'));
    this.lock = new WriteLock(this.table.database, join(directory, 'turn.db'), clock, BUSY_TIMEOUT_MS);
    this.commits = committing === 'here' ? new CommitsHere(this.table, this.lock, clock) : new CommitThread(directory);
  }

  override append(appends: readonly StreamAppend[]): Promise<AppendOutcome[]> {
    return this.written(appends);
  }

  takeOver(appends: readonly BookedAppend[]): Promise<AppendOutcome[]> {
    return this.written(appends);
  }

  override async head(stream: string): Promise<Revision | 'no-stream'> {
    return (await this.headOf(stream))?.revision ?? 'no-stream';
  }

  override async *read(
    stream: string,
    from: Revision | 'start' | 'end',
    direction: 'forward' | 'backward',
  ): AsyncIterable<StoredEvent> {
    const head = await this.headOf(stream);
    if (!head) return;
    const walk = new StreamWalk(this.table, this.known.opened(), stream);
    const bound = from === 'start' ? 0 : from === 'end' ? head.revision : Math.min(from, head.revision + 1);
    const walked =
      direction === 'forward' ? walk.forward(bound, head.revision) : walk.backward(Math.min(bound, head.revision));
    for (const event of walked) {
      if (event !== turnOver) {
        yield event;
        continue;
      }
      // Whoever folds a long stream shares the thread with others.
      await turn();
      if (this.isClosed()) return;
    }
  }

  override async *subscribe(
    prefixes: readonly string[],
    after: Position,
    signal: AbortSignal,
  ): AsyncIterable<SubscriptionBatch> {
    const walk = new FrameWalk(this.table, this.known.recent, after === 'start' ? 0 : Number(after) + 1);
    const matching = new MatchingEvents(prefixes, walk.next);
    let saidAt = -Infinity;
    /** Holes up to here have been told of. */
    let toldUpTo = -1;
    let checkpointedAt = this.clock.now();
    while (!signal.aborted && !this.closed) {
      const frames = walk.take(TURN_FRAMES);
      const position = walk.next === 0 ? 'start' : String(walk.next - 1);
      const now = this.clock.now();
      const holes = walk.holes.filter(({ to }) => to > toldUpTo);
      if (frames.length > 0 || holes.length > 0) {
        for (const { damaged } of frames) this.known.note(damaged);
        this.known.noteHoles(walk.holes);
        const lost = holes.map((hole) => this.known.lostIn(hole));
        for (const damaged of lost) this.known.note(damaged);
        toldUpTo = Math.max(toldUpTo, ...holes.map(({ to }) => to));
        yield { ...matching.of(frames, lost), position, caughtUp: false, observedAt: now };
        saidAt = -Infinity;
        await turn();
      } else {
        if (now - saidAt >= CAUGHT_UP_EVERY_MS && this.nothingUnderWay(walk.next)) {
          saidAt = now;
          yield { events: [], damaged: [], position, caughtUp: true, observedAt: now };
        }
        await this.clock.sleep(POLL_MS, signal);
      }
      if (now - checkpointedAt >= CHECKPOINT_EVERY_MS && !this.isClosed()) {
        checkpointedAt = now;
        this.table.checkpoint();
      }
    }
  }

  override async end(): Promise<Position> {
    const last = this.table.last();
    return last ? String(last.position + last.events - 1) : 'start';
  }

  override async audit(visit: (event: StoredEvent) => void): Promise<StoreAudit> {
    return auditFrames(
      {
        read: (position, count) => this.table.unguardedFrom(position, count),
        nextReadable: (position) => this.table.nextReadable(position),
      },
      visit,
      () => this.clock.sleep(0),
    );
  }

  override condition(): StoreCondition {
    const aheadMs = Math.max(0, this.known.lastBookedAt - this.clock.now());
    return { foreignStreams: 0, alarms: this.known.alarms(), aheadMs };
  }

  override async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.writing;
    await this.commits.close();
    await this.known.save();
    this.lock.close();
    this.table.close();
  }

  private isClosed(): boolean {
    return this.closed;
  }

  private async headOf(stream: string): Promise<StreamHead | undefined> {
    await this.known.catchUp();
    return this.known.head(stream);
  }

  private async written(appends: WaitingAppend['appends']): Promise<AppendOutcome[]> {
    if (this.closed) throw new Error('the event store is closed');
    appends.forEach(refuseUnstorable);
    return new Promise((resolve, reject) => {
      this.waiting.push({ appends, resolve, reject });
      this.writing ??= this.writeAll();
    });
  }

  /** Writes what waits; whatever is appended while a commit runs, or in one turn of the event loop, shares the next commit. */
  private async writeAll(): Promise<void> {
    await turn();
    while (this.waiting.length > 0) {
      const calls = this.takeWaiting();
      try {
        await this.known.catchUp();
        const { round, committed } = await this.commits.commit(() => this.prepare(calls));
        this.known.committed(round.written, committed);
        for (const answer of round.answers) answer();
      } catch (error) {
        for (const call of calls) call.reject(this.failureOf(call, error));
      }
      await turn();
    }
    this.writing = undefined;
  }

  private takeWaiting(): WaitingAppend[] {
    let appends = 0;
    let calls = 0;
    for (const call of this.waiting) {
      if (calls > 0 && appends + call.appends.length > MAX_COMMIT_APPENDS) break;
      appends += call.appends.length;
      calls += 1;
    }
    return this.waiting.splice(0, calls);
  }

  /** What is written of some calls: all of each whose streams are sound. */
  private prepare(calls: readonly WaitingAppend[]): PreparedRound {
    this.known.synchronise();
    const { next, lastHash, lastBookedAt } = this.known;
    const frames: PackedFrame[] = [];
    const heads = new Map<string, StreamHead>();
    const writer = new FrameWriter(next, (frame) => frames.push(frame));
    // Nothing of another time stands behind what is booked as it is written.
    let latest = lastBookedAt;
    const answers = calls.map(({ appends, resolve, reject }) => {
      const refusal = bookedTooEarly(appends, latest) ?? this.refusalOf(appends);
      if (refusal !== undefined) return () => reject(refusal);
      latest = appends.at(-1)?.bookedAt ?? Infinity;
      const outcomes = appends.map((append) => {
        writer.bookAt(append.bookedAt);
        return writeStream(writer, append, heads.get(append.stream) ?? this.known.head(append.stream), heads);
      });
      return () => resolve(outcomes);
    });
    writer.flush();
    const written = { from: next, to: writer.next, marks: writer.marks, heads };
    return { next, lastHash, lastBookedAt, frames, written, answers };
  }

  private failureOf({ appends }: WaitingAppend, error: unknown): unknown {
    if (!(error instanceof CommitThreadEnded)) return this.table.named(error);
    return new AppendOutcomeUnknown(appends.map(({ stream }) => stream).join(', '), error);
  }

  /** Why nothing of a call is written; undefined where it can be. */
  private refusalOf(appends: readonly StreamAppend[]): unknown {
    if (this.known.areSound) return undefined;
    try {
      for (const { stream } of appends) this.known.head(stream);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  /** True when nobody is about to commit an event before `next`: then whatever comes later is booked later. */
  private nothingUnderWay(next: number): boolean {
    if (!this.lock.tryTake()) return false;
    const last = this.table.last();
    this.table.database.exec('ROLLBACK');
    return (last ? last.position + last.events : 0) <= next;
  }
}

/** The events of a subscription, without those of streams that turned out to be damaged. */
class MatchingEvents {
  private readonly damaged = new Set<string>();

  constructor(
    private readonly prefixes: readonly string[],
    private readonly from: number,
  ) {}

  /** `lost` are the streams that end in a hole that was come by with these frames. */
  of(
    frames: readonly WalkedFrame[],
    lost: readonly ReadonlyMap<string, string>[],
  ): Pick<SubscriptionBatch, 'events' | 'damaged'> {
    const events: StoredEvent[] = [];
    const damaged: StreamDamage[] = [];
    const blame = (found: ReadonlyMap<string, string>, position: string): void => {
      for (const [stream, damage] of found) {
        if (this.damaged.has(stream) || !this.matches(stream)) continue;
        this.damaged.add(stream);
        damaged.push({ stream, position, damage });
      }
    };
    for (const one of lost) blame(one, String(frames[0] ? frames[0].end - 1 : this.from));
    for (const frame of frames) {
      blame(frame.damaged, String(frame.end - 1));
      for (const { position, line } of frame.lines)
        if (position >= this.from && this.matches(line.stream) && !this.damaged.has(line.stream))
          events.push(toStoredEvent(position, frame.bookedAt, line));
    }
    return { events, damaged };
  }

  private matches(stream: string): boolean {
    return this.prefixes.some((prefix) => stream.startsWith(prefix));
  }
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
