import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration } from '@meterbook/runtime/configuration';
import type { Clock } from '@meterbook/runtime/clock';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { ThreadHost } from './thread-host';

const real = new SystemClock();
const deadlineMs = 30_000;

describe('a thread', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-thread-'));
  const starts = join(directory, 'starts');
  afterAll(() => rmSync(directory, { recursive: true }));
  beforeEach(() => writeFileSync(starts, ''));

  /** A thread that runs a text, and notes each of its starts. */
  const threadOf = (text: string, clock: Clock = real, stopWithinMs?: number): ThreadHost => {
    const file = join(directory, 'thread.js');
    writeFileSync(file, `require('node:fs').appendFileSync(${JSON.stringify(starts)}, '.');\n${text}`);
    const limits = { maxOldGenerationSizeMb: 32 };
    const started = { configuration: readConfiguration({}) };
    return new ThreadHost('charging', file, started, limits, clock, createLog('fatal'), stopWithinMs);
  };
  const startedTimes = (): number => readFileSync(starts, 'utf8').length;
  const until = async (holds: () => boolean): Promise<void> => {
    const end = real.now() + deadlineMs;
    while (!holds()) {
      if (real.now() > end) throw new Error(`not in time, after ${startedTimes()} starts`);
      await real.sleep(5);
    }
  };

  it.each([
    ['throws', `throw new Error('a fault')`],
    ['ends', ''],
    ['takes more memory than it may', 'const all = []; for (;;) all.push(new Array(1e5).fill(all.length));'],
  ])('that %s is started again, after delays that grow', async (_, text) => {
    const clock = new ManualClock(0);
    const thread = threadOf(text, clock);
    thread.start();
    for (const [delayMs, times] of [
      [1_000, 1],
      [2_000, 2],
      [4_000, 3],
    ] as const) {
      await until(() => startedTimes() === times && clock.sleeping > 0);
      await clock.advance(delayMs - 1);
      expect(startedTimes()).toBe(times);
      await clock.advance(1);
    }
    await until(() => startedTimes() === 4);
    await thread.stop();
  });

  it('that does as it is told ends in order', async () => {
    const thread = threadOf(`require('node:worker_threads').parentPort.once('message', () => undefined)`);
    thread.start();
    await until(() => startedTimes() === 1);
    await thread.stop();
    expect(startedTimes()).toBe(1);
  });

  it('that does not end in its time is ended, and named', async () => {
    const thread = threadOf('setInterval(() => undefined, 1000)', real, 50);
    thread.start();
    await until(() => startedTimes() === 1);
    await expect(thread.stop()).rejects.toThrow('The thread "charging" did not stop within 50 ms and was ended.');
  });
});
