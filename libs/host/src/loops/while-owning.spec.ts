import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { isOwned, standingBy, whileOwning } from './while-owning';
import { Child } from '@meterbook/runtime/testing/child';

describe('a folder with one owner', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'meterbook-owner-')), 'finance');
  afterAll(() => rmSync(join(folder, '..'), { recursive: true }));

  /** A loop that says when it runs and goes on until aborted. */
  const hold = (signal: AbortSignal) => {
    const running = new AbortController();
    const loop = whileOwning(folder, async (stop) => {
      running.abort();
      await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
    });
    return { ended: loop(signal), runs: () => running.signal.aborted };
  };

  it('is worked in by one at a time', async () => {
    expect(isOwned(folder)).toBe(false);
    const stop = new AbortController();
    const first = hold(stop.signal);
    expect(first.runs()).toBe(true);
    const second = hold(stop.signal);
    await expect(second.ended).rejects.toThrow('another process works in');
    expect(second.runs()).toBe(false);
    expect(isOwned(folder)).toBe(true);
    stop.abort();
    await first.ended;
    expect(isOwned(folder)).toBe(false);
    const stopThird = new AbortController();
    const third = hold(stopThird.signal);
    expect(third.runs()).toBe(true);
    stopThird.abort();
    await third.ended;
  });

  it('is waited for by a loop that stands by, which fails as ever once it works there, and ends when told to', async () => {
    const stop = new AbortController();
    const first = hold(stop.signal);
    const clock = new ManualClock();
    const next = standingBy(folder, () => Promise.reject(new Error('the store is away')), clock);
    const running = next(new AbortController().signal);
    await clock.advance(5_000);
    await next(AbortSignal.abort());
    stop.abort();
    await first.ended;
    const failed = expect(running).rejects.toThrow('the store is away');
    await clock.advance(5_000);
    await failed;
  });

  it('is free again when its owner fails', async () => {
    const failing = whileOwning(folder, () => Promise.reject(new Error('the store is away')));
    await expect(failing(new AbortController().signal)).rejects.toThrow('the store is away');
    await expect(failing(new AbortController().signal)).rejects.toThrow('the store is away');
  });

  it('is free again when its owner is killed', async () => {
    const child = new Child(join(__dirname, 'testing/owner-child.ts'), folder);
    await child.until((lines) => lines.includes('owns'));
    await expect(hold(AbortSignal.abort()).ended).rejects.toThrow('another process works in');
    await child.kill();
    const stop = new AbortController();
    const heir = hold(stop.signal);
    expect(heir.runs()).toBe(true);
    stop.abort();
    await heir.ended;
  });
});
