import type { Clock } from '@meterbook/runtime/clock';

interface Waiting {
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly begin: () => void;
  readonly giveUp: () => void;
}

/** Lets a limited number of tasks run at a time; the others wait in order. */
export class Slots {
  private waiting: Waiting[] = [];

  constructor(
    private free: number,
    private readonly longestWaitMs: number,
    private readonly clock: Clock,
  ) {}

  /**
   * Rejects with what `tooLate` makes where the task was not begun in time. That is noticed whenever another task ends, so each of
   * them has to end in a time of its own.
   */
  async run<T>(task: () => Promise<T>, tooLate: () => Error): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await this.turn(tooLate);
    try {
      return await task();
    } finally {
      this.next();
    }
  }

  private turn(tooLate: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ since: this.clock.now(), begin: resolve, giveUp: () => reject(tooLate()) });
    });
  }

  private next(): void {
    const before = this.clock.now() - this.longestWaitMs;
    let next = this.waiting.shift();
    for (; next && next.since < before; next = this.waiting.shift()) next.giveUp();
    if (next) next.begin();
    else this.free += 1;
  }
}
