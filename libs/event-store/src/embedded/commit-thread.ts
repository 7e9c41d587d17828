import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { sqliteFailure } from '@meterbook/runtime/sqlite-failure';
import { threadEntry } from '@meterbook/runtime/thread-entry';
import type { CommitAnswer, CommitOrder, CommitThreadStart } from './commit-thread-messages';
import type { Committed, Commits, Round } from './commits';

/** The thread has ended by itself: whether the last round was written, the store itself will show. */
export class CommitThreadEnded extends Error {
  override readonly name = 'CommitThreadEnded';

  constructor(cause: unknown) {
    super('the thread that writes to the event store has ended by itself', { cause });
  }
}

/**
 * Commits in a thread of its own, so that whoever asks goes on with other things while the disk works. A round is prepared before the
 * thread has the right to write; where others have written meanwhile, it is prepared again while the thread keeps them out.
 */
export class CommitThread implements Commits {
  private worker: Worker | undefined;

  constructor(private readonly directory: string) {
    this.worker = this.start();
  }

  async commit<R extends Round>(prepare: () => R): Promise<{ readonly round: R; readonly committed: Committed }> {
    const round = prepare();
    if (round.frames.length === 0) return { round, committed: nothingWritten(round) };
    const answer = await this.order({ kind: 'append', round: onlyRound(round) });
    return answer.kind === 'moved' ? this.commitHeld(prepare) : { round, committed: committedBy(answer) };
  }

  /** Lets the thread go once it has answered what was asked. */
  async close(): Promise<void> {
    const { worker } = this;
    if (!worker) return;
    worker.ref();
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage({ kind: 'close' } satisfies CommitOrder);
    await ended;
  }

  private async commitHeld<R extends Round>(
    prepare: () => R,
  ): Promise<{ readonly round: R; readonly committed: Committed }> {
    let round: R;
    try {
      round = prepare();
    } catch (error) {
      await this.order({ kind: 'release' });
      throw error;
    }
    return { round, committed: committedBy(await this.order({ kind: 'held', round: onlyRound(round) })) };
  }

  private order(order: CommitOrder): Promise<CommitAnswer> {
    const worker = (this.worker ??= this.start());
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        worker.off('message', onMessage).off('error', onEnd).off('exit', onEnd);
        act();
      };
      const onMessage = (answer: CommitAnswer): void => settle(() => resolve(answer));
      const onEnd = (cause: unknown): void => settle(() => reject(new CommitThreadEnded(cause)));
      worker.on('message', onMessage).on('error', onEnd).on('exit', onEnd);
      worker.postMessage(order);
    });
  }

  private start(): Worker {
    const { file, execArgv } = threadEntry(join(__dirname, 'commit-thread-entry'));
    const worker = new Worker(file, {
      execArgv,
      workerData: { directory: this.directory } satisfies CommitThreadStart,
    });
    // A process that has nothing else to do need not wait for it, and its end, whenever it comes, must not be everybody's.
    worker.unref();
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.worker === worker) this.worker = undefined;
    });
    return worker;
  }
}

/** What of a round the thread needs; the rest of it may be more than can be sent. */
function onlyRound({ next, lastHash, lastBookedAt, frames }: Round): Round {
  return { next, lastHash, lastBookedAt, frames };
}

function nothingWritten({ lastHash, lastBookedAt }: Round): Committed {
  return { bookedAt: lastBookedAt, lastHash };
}

function committedBy(answer: CommitAnswer): Committed {
  if (answer.kind === 'committed') return answer;
  if (answer.kind === 'failed')
    throw answer.code === undefined ? new Error(answer.message) : sqliteFailure(answer.message, answer.code);
  throw new Error(`the thread that writes to the event store answered ${answer.kind}`);
}
