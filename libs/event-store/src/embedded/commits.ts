import type { Clock } from '@meterbook/runtime/clock';
import type { FrameTable } from './frame-table';
import { FrameChain, type PackedFrame } from './frame-writer';
import type { WriteLock } from './write-lock';

/** What is to be written behind the end of the store, and where that is as far as is known. */
export interface Round {
  /** Position after the last event, and the hash of the frame that ends there. */
  readonly next: number;
  readonly lastHash: string;
  /** *Booked at* of that frame, which no later one falls below, milliseconds since 1970. */
  readonly lastBookedAt: number;
  readonly frames: readonly PackedFrame[];
}

export interface Committed {
  readonly bookedAt: number;
  /** Hash of the last frame. */
  readonly lastHash: string;
}

/** Makes rounds durable, one at a time, each as the only writer of the store. */
export interface Commits {
  /** `prepare` says what to write, as of an end of the store that stays the end until it is written; it may be asked twice. */
  commit<R extends Round>(prepare: () => R): Promise<{ readonly round: R; readonly committed: Committed }>;
  close(): Promise<void>;
}

/** Commits in the thread that asks, which stands still until the disk has answered. */
export class CommitsHere implements Commits {
  constructor(
    private readonly table: FrameTable,
    private readonly lock: WriteLock,
    private readonly clock: Clock,
  ) {}

  async commit<R extends Round>(prepare: () => R): Promise<{ readonly round: R; readonly committed: Committed }> {
    await this.lock.take();
    return orRollBack(this.table, () => {
      const round = prepare();
      return { round, committed: commitRound(this.table, this.clock, round) };
    });
  }

  async close(): Promise<void> {
    // What it works with belongs to the store.
  }
}

/** Writes a round in the transaction that is open, and ends it. It is booked now, since nobody can have said meanwhile that nothing comes. */
export function commitRound(table: FrameTable, clock: Clock, { lastHash, lastBookedAt, frames }: Round): Committed {
  const chain = new FrameChain(lastHash, Math.max(clock.now(), lastBookedAt), table.insert);
  for (const frame of frames) chain.add(frame);
  table.commit();
  return chain;
}

/** What happens in the transaction that is open; where it throws, nothing of it is written. */
export function orRollBack<T>({ database }: FrameTable, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
