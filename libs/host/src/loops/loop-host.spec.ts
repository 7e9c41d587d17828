import { LoopHost, RECOVERED_AFTER_MS, RESTARTS, STOP_TIMEOUT_MS, type Loop } from './loop-host';
import { FixedRandom } from '@meterbook/runtime/testing/fixed-random';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

const host = (loop: Loop): { clock: ManualClock; loops: LoopHost; delays: number[] } => {
  const clock = new ManualClock();
  const delays: number[] = [];
  return {
    clock,
    delays,
    loops: new LoopHost('charge', loop, clock, new FixedRandom(0xff), (_name, _error, delayMs) => delays.push(delayMs)),
  };
};

describe('a hosted loop', () => {
  it('runs until it is stopped and says so', async () => {
    const { loops } = host(untilAborted);
    expect(loops.health()).toEqual({ name: 'charge', state: 'stopped', failures: 0, lastError: null });
    loops.start();
    expect(loops.health().state).toBe('running');
    await loops.stop();
    expect(loops.health()).toEqual({ name: 'charge', state: 'stopped', failures: 0, lastError: null });
  });

  it('starts once, however often it is told to', async () => {
    let starts = 0;
    const { loops } = host((signal) => {
      starts += 1;
      return untilAborted(signal);
    });
    loops.start();
    loops.start();
    expect(starts).toBe(1);
    await loops.stop();
    loops.start();
    expect(starts).toBe(2);
    await loops.stop();
  });

  it('doubles the delay after each failure up to the longest', async () => {
    const { clock, loops, delays } = host(() => Promise.reject(new Error('store is down')));
    loops.start();
    await clock.advance(60_000);
    expect(delays.slice(0, 9)).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    expect(Math.max(...delays)).toBe(RESTARTS.longestMs);
    expect(loops.health()).toMatchObject({ state: 'waiting-to-restart', failures: delays.length });
    expect(loops.health().lastError?.message).toBe('store is down');
    await loops.stop();
  });

  it('waits the whole delay before it runs again', async () => {
    let runs = 0;
    const { clock, loops } = host(() => {
      runs += 1;
      return Promise.reject(new Error('down'));
    });
    loops.start();
    await clock.advance(99);
    expect(runs).toBe(1);
    await clock.advance(1);
    expect(runs).toBe(2);
    await loops.stop();
  });

  it('counts a loop that returns by itself as failed', async () => {
    const { clock, loops, delays } = host(() => Promise.resolve());
    loops.start();
    await clock.settle();
    expect(delays).toEqual([100]);
    expect(loops.health().lastError).toEqual({
      atMs: clock.now(),
      message: 'The loop ended although nobody stopped it.',
    });
    await loops.stop();
  });

  it('starts over with the first delay after it had recovered', async () => {
    let runs = 0;
    const clock = new ManualClock();
    const delays: number[] = [];
    const loops = new LoopHost(
      'charge',
      async (signal) => {
        runs += 1;
        if (runs === 4) await clock.sleep(RECOVERED_AFTER_MS, signal);
        throw new Error('down');
      },
      clock,
      new FixedRandom(0xff),
      (_name, _error, delayMs) => delays.push(delayMs),
    );
    loops.start();
    await clock.advance(700 + RECOVERED_AFTER_MS);
    expect(delays).toEqual([100, 200, 400, 100]);
    await loops.stop();
  });

  it('stops at once while it waits to restart', async () => {
    const { clock, loops } = host(() => Promise.reject(new Error('down')));
    loops.start();
    await clock.settle();
    await loops.stop();
    expect(loops.health().state).toBe('stopped');
    expect(clock.sleeping).toBe(0);
  });

  it('says when a loop does not end', async () => {
    const { clock, loops } = host(() => new Promise<void>(() => undefined));
    loops.start();
    const stopping = loops.stop();
    const refused = expect(stopping).rejects.toThrow('The loop "charge" did not end');
    await clock.advance(STOP_TIMEOUT_MS);
    await refused;
  });
});
