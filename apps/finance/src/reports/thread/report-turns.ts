import { Problem, retryAfter } from '@meterbook/http/problem/problem';

/** Reports that are made at a time. */
const MAX_RUNNING = 4;
/** Reports of one caller that are made at a time: whoever does not read his own leaves a turn to the others. */
const MAX_RUNNING_OF_CALLER = 3;
/** Reports that wait for their turn. */
const MAX_WAITING = 512;
/** Reports of one caller that are made or wait: a page that asks for a statement of each of its accounts is no attack. */
const MAX_OF_CALLER = 128;
const RETRY_AFTER_SECONDS = 2;

/** Whoever asked for a report and reads it. */
export interface Reader {
  /** Reports are shared out by it. */
  readonly name: string;
  /** Aborted once the report has been read, or nobody reads it any more. */
  readonly gone: AbortSignal;
}

interface Waiting {
  readonly caller: string;
  readonly begin: () => void;
}

/** Who makes a report next: some at a time, the others wait, and of those the caller is next who has fewest under way. */
export class ReportTurns {
  private readonly running = new Map<string, number>();
  private waiting: Waiting[] = [];

  /**
   * Resolves when it is the caller's turn, with what gives the turn back (once, however often it is called). Throws the problem
   * `too_busy` where too many wait, of this caller or in all. A caller that goes away while waiting gives up its place.
   */
  async take(caller: string, signal: AbortSignal): Promise<() => void> {
    const mine = this.runningOf(caller) + this.waiting.filter((other) => other.caller === caller).length;
    if (mine >= MAX_OF_CALLER || this.waiting.length >= MAX_WAITING)
      throw new Problem('too_busy', 'Too many reports are being made: try again.', {
        headers: retryAfter(RETRY_AFTER_SECONDS),
      });
    if (this.runningInAll() >= MAX_RUNNING || this.runningOf(caller) >= MAX_RUNNING_OF_CALLER)
      await this.wait(caller, signal);
    else this.count(caller, 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.count(caller, -1);
      this.next();
    };
  }

  private wait(caller: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.waiting = this.waiting.filter((other) => other !== place);
        reject(new Error('whoever asked for the report has gone away', { cause: signal.reason }));
      };
      const place: Waiting = {
        caller,
        begin: () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.waiting.push(place);
    });
  }

  private next(): void {
    if (this.runningInAll() >= MAX_RUNNING) return;
    let best: Waiting | undefined;
    for (const place of this.waiting)
      if (this.runningOf(place.caller) < (best ? this.runningOf(best.caller) : MAX_RUNNING_OF_CALLER)) best = place;
    if (!best) return;
    const { caller, begin } = best;
    this.waiting = this.waiting.filter((place) => place !== best);
    this.count(caller, 1);
    begin();
  }

  private count(caller: string, change: number): void {
    const running = this.runningOf(caller) + change;
    if (running > 0) this.running.set(caller, running);
    else this.running.delete(caller);
  }

  private runningOf(caller: string): number {
    return this.running.get(caller) ?? 0;
  }

  private runningInAll(): number {
    let all = 0;
    for (const running of this.running.values()) all += running;
    return all;
  }
}
