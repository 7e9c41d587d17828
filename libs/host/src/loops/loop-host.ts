import { backoffMs, type BackoffLimits } from '@meterbook/runtime/backoff';
import type { Clock } from '@meterbook/runtime/clock';
import type { Random } from '@meterbook/runtime/random';

/** Work that goes on until aborted. Whatever else ends it, a return or an error, is a failure. */
export type Loop = (signal: AbortSignal) => Promise<void>;

/** Delays before a restart. A loop is restarted for ever. */
export const RESTARTS: BackoffLimits = { firstMs: 100, longestMs: 10_000 };
/** A loop that ran this long had recovered: its next failure starts again from the first delay. */
export const RECOVERED_AFTER_MS = 60_000;
/** How long `stop` waits for a loop to end. */
export const STOP_TIMEOUT_MS = 15_000;

export interface LoopHealth {
  readonly name: string;
  readonly state: 'stopped' | 'running' | 'waiting-to-restart';
  /** Failures in a row, without a time of recovery between them. */
  readonly failures: number;
  /** The last failure, also after the loop has recovered from it; null when there was none. */
  readonly lastError: { readonly atMs: number; readonly message: string } | null;
}

/** Told of every failure, for the log. */
export type LoopFailureListener = (name: string, error: unknown, restartInMs: number) => void;

/** Keeps one loop going: starts it, restarts it with growing delays when it fails, stops it, and says how it is. */
export class LoopHost {
  private state: LoopHealth['state'] = 'stopped';
  private failures = 0;
  private lastError: LoopHealth['lastError'] = null;
  private running: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;

  constructor(
    readonly name: string,
    private readonly loop: Loop,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly onFailure: LoopFailureListener,
  ) {}

  /** Starts the loop; nothing happens where it already runs. */
  start(): void {
    if (this.running) return;
    const abort = new AbortController();
    this.running = { abort, ended: this.keepGoing(abort.signal) };
  }

  /** Aborts the loop and resolves when it has ended; rejects when it does not within `STOP_TIMEOUT_MS`. */
  async stop(): Promise<void> {
    const running = this.running;
    if (!running) return;
    running.abort.abort();
    const ended = new AbortController();
    const outcome = await Promise.race([
      running.ended.then(() => 'ended' as const),
      this.clock.sleep(STOP_TIMEOUT_MS, ended.signal).then(() => 'late' as const),
    ]);
    ended.abort();
    if (outcome === 'late') throw new Error(`The loop "${this.name}" did not end within ${STOP_TIMEOUT_MS} ms.`);
    if (this.running === running) this.running = undefined;
  }

  health(): LoopHealth {
    return { name: this.name, state: this.state, failures: this.failures, lastError: this.lastError };
  }

  private async keepGoing(signal: AbortSignal): Promise<void> {
    do {
      const startedAtMs = this.clock.now();
      this.state = 'running';
      const error = await this.run(signal);
      if (!signal.aborted) await this.waitToRestart(error, startedAtMs, signal);
    } while (!signal.aborted);
    this.state = 'stopped';
  }

  private async run(signal: AbortSignal): Promise<unknown> {
    try {
      await this.loop(signal);
      return new Error('The loop ended although nobody stopped it.');
    } catch (error) {
      return error;
    }
  }

  private async waitToRestart(error: unknown, startedAtMs: number, signal: AbortSignal): Promise<void> {
    const nowMs = this.clock.now();
    this.failures = nowMs - startedAtMs >= RECOVERED_AFTER_MS ? 1 : this.failures + 1;
    this.lastError = { atMs: nowMs, message: error instanceof Error ? error.message : String(error) };
    this.state = 'waiting-to-restart';
    const delayMs = backoffMs(RESTARTS, this.failures, this.random);
    this.onFailure(this.name, error, delayMs);
    await this.clock.sleep(delayMs, signal);
  }
}
