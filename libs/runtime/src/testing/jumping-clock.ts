import { Clock } from '../clock';
import { SystemClock } from '../system-clock';

/** The system's clock, which a test may set forward: whoever sleeps until then wakes. */
export class JumpingClock extends Clock {
  private aheadMs = 0;
  private readonly system = new SystemClock();
  private readonly sleepers = new Set<{ readonly at: number; readonly wake: AbortController }>();

  override now(): number {
    return this.system.now() + this.aheadMs;
  }

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const sleeper = { at: this.now() + ms, wake: new AbortController() };
    this.sleepers.add(sleeper);
    const ended = signal ? AbortSignal.any([signal, sleeper.wake.signal]) : sleeper.wake.signal;
    await this.system.sleep(ms, ended);
    this.sleepers.delete(sleeper);
  }

  /** Sets it forward by so many milliseconds. */
  jump(ms: number): void {
    this.aheadMs += ms;
    for (const { at, wake } of this.sleepers) if (at <= this.now()) wake.abort();
  }
}
