import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { backoffMs } from '@meterbook/runtime/backoff';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import { removeDatabase } from '@meterbook/runtime/disposable-file';
import { fromFailure } from '../reports/thread/report-failure';
import type { Failure } from '../reports/thread/report-messages';
import type { WhatIfProgress } from './question';
import { readResult, type ResultPage } from './result-file';
import type { AskedWhatIf, KeptWhatIf, UnfinishedWhatIf, WhatIfIndex } from './what-if-index';
import type { StartWhatIf, WhatIfThread } from './what-if-thread';

/** What-ifs that are made at a time, of all platforms; of one platform it is one. */
const MAX_RUNNING = 2;
/** What-ifs of one platform, and of all, that are made or wait. */
const MAX_UNFINISHED_OF_PLATFORM = 8;
const MAX_UNFINISHED = 64;
/** Finished what-ifs that are kept for a platform; the oldest goes for the next. */
export const MAX_KEPT_OF_PLATFORM = 50;
/** How often a what-if is begun again where the store was away or its thread ended. */
const MAX_ATTEMPTS = 5;
const RETRY = { firstMs: 1_000, longestMs: 30_000 };
const RETRY_AFTER_SECONDS = 10;

interface Running {
  readonly platform: string;
  readonly thread: WhatIfThread;
  progress: WhatIfProgress;
}

const begun: WhatIfProgress = { part: 0, accounts: 0 };

/**
 * The what-ifs of this process: some are made at a time, in threads of their own, the others wait, and those that are finished are kept
 * for a while. One that was under way when the process ended is begun again.
 */
export class WhatIfs {
  private readonly running = new Map<number, Running>();
  private readonly failures = new Map<number, number>();
  /** Those to be made, in their order. */
  private waiting: UnfinishedWhatIf[] = [];
  private readonly closing = new AbortController();

  constructor(
    private readonly index: WhatIfIndex,
    private readonly start: StartWhatIf,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Goes on with what was under way before. */
  resume(): void {
    this.waiting = [...this.index.unfinished()];
    this.fill();
  }

  find(platform: string, whatIfId: string): KeptWhatIf | undefined {
    return this.index.find(platform, whatIfId);
  }

  /** Throws the problem `too_busy` where too many wait already. */
  add(asked: AskedWhatIf): void {
    const unfinished = [...this.running.values(), ...this.waiting];
    const ofPlatform = unfinished.filter(({ platform }) => platform === asked.platform);
    if (ofPlatform.length >= MAX_UNFINISHED_OF_PLATFORM || unfinished.length >= MAX_UNFINISHED)
      throw new Problem('too_busy', 'Too many what-ifs are waiting to be made.', {
        headers: retryAfter(RETRY_AFTER_SECONDS),
      });
    this.waiting.push(this.index.add(asked));
    this.fill();
  }

  /** How far one is that nobody has finished. */
  progressOf({ number }: KeptWhatIf): WhatIfProgress {
    return this.running.get(number)?.progress ?? begun;
  }

  /** A page of a finished one, after a place; undefined where its result is gone. */
  page({ number }: KeptWhatIf, after: number, limit: number): ResultPage | undefined {
    return readResult(this.index.fileOf(number), after, limit);
  }

  /** Makes a result again that is gone. */
  makeAgain({ number, platform }: KeptWhatIf): void {
    this.index.end(number, 'running');
    this.waiting.push({ number, platform });
    this.fill();
  }

  /** Cancels one, or forgets its result. */
  remove({ number }: KeptWhatIf): void {
    this.waiting = this.waiting.filter((each) => each.number !== number);
    const running = this.running.get(number);
    this.running.delete(number);
    running?.thread.end();
    this.index.remove(number);
    this.failures.delete(number);
    this.fill();
  }

  close(): void {
    this.closing.abort();
    for (const { thread } of this.running.values()) thread.end();
    this.running.clear();
    this.index.close();
  }

  private fill(): void {
    while (this.running.size < MAX_RUNNING && !this.closing.signal.aborted) {
      const busy = new Set([...this.running.values()].map(({ platform }) => platform));
      const next = this.waiting.find(({ platform }) => !busy.has(platform));
      if (!next) return;
      this.waiting = this.waiting.filter((each) => each !== next);
      this.begin(next);
    }
  }

  private begin({ number, platform }: UnfinishedWhatIf): void {
    const task = this.index.taskOf(number);
    if (!task) return;
    removeDatabase(task.file);
    const thread = this.start(task);
    const running: Running = { platform, thread, progress: begun };
    this.running.set(number, running);
    const isOver = (): boolean => this.running.get(number) !== running;
    thread.listen((message) => {
      if (isOver()) return;
      if (message.kind === 'progress') running.progress = message.progress;
      else if (message.kind === 'done') this.finish(number, 'done');
      else this.fail(number, message.failure);
    });
    thread.ended(() => {
      if (!isOver()) this.fail(number, { kind: 'unavailable', why: 'its thread ended' });
    });
  }

  private finish(number: number, state: 'done' | 'failed', why: string | null = null): void {
    const { platform, thread } = this.running.get(number) ?? {};
    this.running.delete(number);
    this.failures.delete(number);
    thread?.end();
    this.index.end(number, state, why);
    if (platform !== undefined)
      for (const old of this.index.beyond(platform, MAX_KEPT_OF_PLATFORM)) this.index.remove(old);
    this.fill();
  }

  private fail(number: number, failure: Failure): void {
    const failures = (this.failures.get(number) ?? 0) + 1;
    if (failure.kind !== 'unavailable' || failures >= MAX_ATTEMPTS) {
      if (failure.kind === 'other') this.log.error({ err: fromFailure(failure), number }, 'A what-if failed.');
      this.finish(number, 'failed', whyOf(failure));
      return;
    }
    this.failures.set(number, failures);
    const { platform, thread } = this.running.get(number) ?? {};
    this.running.delete(number);
    thread?.end();
    this.fill();
    if (platform !== undefined) void this.tryAgain({ number, platform }, backoffMs(RETRY, failures));
  }

  private async tryAgain(what: UnfinishedWhatIf, afterMs: number): Promise<void> {
    await this.clock.sleep(afterMs, this.closing.signal);
    if (this.closing.signal.aborted || !this.index.get(what.number)) return;
    this.waiting.push(what);
    this.fill();
  }
}

/** What of a failure whoever asked may know. */
function whyOf(failure: Failure): string {
  switch (failure.kind) {
    case 'stream-damaged':
      return `${failure.stream} cannot be read.`;
    case 'unavailable':
      return 'The event store could not be read, however often it was tried.';
    case 'unfit':
      return 'The event store must not be used as it is; whoever runs it has to mend it.';
    case 'refused':
      return failure.detail;
    case 'other':
      return 'Something failed that should not have.';
  }
}
