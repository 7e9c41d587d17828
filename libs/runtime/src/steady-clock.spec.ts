import { Clock } from './clock';
import { LONGEST_STEP_MS, SteadyClock } from './steady-clock';

const dayMs = 86_400_000;

class SetClock extends Clock {
  constructor(public ms: number) {
    super();
  }
  override now(): number {
    return this.ms;
  }
  override async sleep(): Promise<void> {
    // Nobody waits here.
  }
}

describe('a clock to measure by', () => {
  it('is the other clock while that goes on evenly', () => {
    const clock = new SetClock(1000);
    const steady = new SteadyClock(clock);
    const read = [1000, 1250, 2000].map((ms) => {
      clock.ms = ms;
      return steady.now();
    });
    expect(read).toEqual([1000, 1250, 2000]);
  });

  it('follows no jump ahead, does not go back with one, and goes on from where it was', () => {
    const clock = new SetClock(1000);
    const steady = new SteadyClock(clock);
    const read = [1000 + 40 * dayMs, 1500, 1700, 1700 - 40 * dayMs, 1800 - 40 * dayMs].map((ms) => {
      clock.ms = ms;
      return steady.now() - LONGEST_STEP_MS;
    });
    expect(read).toEqual([1000, 1000, 1200, 1200, 1300]);
  });
});
