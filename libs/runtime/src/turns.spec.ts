import { SystemClock } from './system-clock';
import { LONGEST_TURN_MS, Turns } from './turns';

describe('a loop in turns', () => {
  it('lets others have the thread again and again, and is not held up before its turn is over', async () => {
    const clock = new SystemClock();
    let others = 0;
    const over = new AbortController();
    const beside = (async (): Promise<void> => {
      while (!over.signal.aborted) {
        await clock.sleep(0);
        others += 1;
      }
    })();
    const turns = new Turns(clock);
    const end = clock.now() + LONGEST_TURN_MS * 10;
    let steps = 0;
    while (clock.now() < end) {
      await turns.next();
      steps += 1;
    }
    over.abort();
    await beside;
    expect(others).toBeGreaterThan(2);
    expect(steps).toBeGreaterThan(others * 2);
  });

  it('goes on where the clock was set back', async () => {
    let [now, slept] = [1_000_000, 0];
    const turns = new Turns({ now: () => now, sleep: () => Promise.resolve(void (slept += 1)) });
    now -= 500_000;
    await turns.next();
    await turns.next();
    expect(slept).toBe(1);
  });
});
