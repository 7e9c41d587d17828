import { Worker, type ResourceLimits } from 'node:worker_threads';
import { backoffMs, type BackoffLimits } from '@meterbook/runtime/backoff';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import { SteadyClock } from '@meterbook/runtime/steady-clock';
import type { LoopReport } from '@meterbook/host/loops/hosted-loops';
import { REPORT_STALE_MS, type StopMessage, type ThreadMessage, type ThreadStart } from './thread-messages';

/** Delays before a thread that ended by itself is started again. */
const RESTARTS: BackoffLimits = { firstMs: 1_000, longestMs: 30_000 };
/** A thread that ran this long had recovered: its next end starts again from the first delay. */
const RECOVERED_AFTER_MS = 60_000;
/** How long a thread may take to stop before it is ended. */
const STOP_TIMEOUT_MS = 20_000;

/** One thread that is treated as a process: started, watched, started again when it dies, and stopped. */
export class ThreadHost {
  private worker: Worker | undefined;
  private report:
    { readonly at: number; readonly loops: readonly LoopReport[]; readonly metrics: readonly object[] } | undefined;
  private readonly stopping = new AbortController();
  private ended: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    private readonly file: string,
    private readonly started: ThreadStart,
    private readonly resourceLimits: ResourceLimits,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly stopWithinMs = STOP_TIMEOUT_MS,
  ) {}

  start(): void {
    this.ended = this.keepGoing();
  }

  /** Tells the thread to finish what it holds; rejects where it had to be ended. What it held then comes again at the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const stop: StopMessage = { kind: 'stop' };
    this.worker?.postMessage(stop);
    const done = new AbortController();
    const late = this.clock.sleep(this.stopWithinMs, done.signal).then(() => !done.signal.aborted);
    const isLate = await Promise.race([this.ended.then(() => false), late]);
    done.abort();
    if (!isLate) return;
    await this.worker?.terminate();
    throw new Error(`The thread "${this.name}" did not stop within ${this.stopWithinMs} ms and was ended.`);
  }

  /** The metrics of the last report. */
  async metrics(): Promise<readonly object[]> {
    return this.report?.metrics ?? [];
  }

  /** One of its loops as it was reported last. */
  reportOf(loop: string): LoopReport | undefined {
    const { report } = this;
    if (!report || this.clock.now() - report.at > REPORT_STALE_MS) return undefined;
    return report.loops.find(({ health }) => health.name === loop);
  }

  private async keepGoing(): Promise<void> {
    const steady = new SteadyClock(this.clock);
    let ends = 0;
    do {
      const startedAtMs = steady.now();
      await this.runOnce();
      ends = steady.now() - startedAtMs >= RECOVERED_AFTER_MS ? 1 : ends + 1;
      if (!this.stopping.signal.aborted) await this.waitToRestart(ends);
    } while (!this.stopping.signal.aborted);
  }

  private async waitToRestart(ends: number): Promise<void> {
    this.report = undefined;
    const restartInMs = backoffMs(RESTARTS, ends);
    this.log.error({ thread: this.name, restartInMs }, 'A thread ended by itself and will be restarted.');
    await this.clock.sleep(restartInMs, this.stopping.signal);
  }

  private runOnce(): Promise<void> {
    const worker = new Worker(this.file, { workerData: this.started, resourceLimits: this.resourceLimits });
    this.worker = worker;
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'report')
        this.report = { at: this.clock.now(), loops: message.loops, metrics: message.metrics };
      else worker.unref();
    });
    worker.on('error', (error) => this.log.error({ thread: this.name, err: error }, 'A thread failed.'));
    return new Promise((resolve) => worker.once('exit', () => resolve()));
  }
}
