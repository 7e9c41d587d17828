import type { Clock } from './clock';

/** Lets something be said once in a while, however often there is a reason to. */
export class Seldom {
  private saidAt: number | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly everyMs: number,
  ) {}

  /** Says it, unless it was said less than `everyMs` ago. */
  say(it: () => void): void {
    const now = this.clock.now();
    // A clock that was put back must not keep it quiet for as long as that.
    if (this.saidAt !== null && now >= this.saidAt && now - this.saidAt < this.everyMs) return;
    this.saidAt = now;
    it();
  }
}
