import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { Slots } from './slots';

const tooLate = (): Error => new Error('too late');

describe('slots', () => {
  it('let as many run as there are, and the others in order', async () => {
    const slots = new Slots(2, 1_000, new ManualClock());
    const [begun, ends] = [[] as number[], [] as (() => void)[]];
    const task = (n: number) => (): Promise<void> => {
      begun.push(n);
      return new Promise((end) => ends.push(end));
    };
    const all = [1, 2, 3, 4].map((n) => slots.run(task(n), tooLate));
    await Promise.resolve();
    expect(begun).toEqual([1, 2]);
    for (let n = 0; n < 4; n++) {
      ends[n]?.();
      await all[n];
    }
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  it('do not begin what has waited too long, and go on with the others', async () => {
    const clock = new ManualClock();
    const slots = new Slots(1, 1_000, clock);
    let end = (): void => undefined;
    const long = slots.run(() => new Promise<void>((resolve) => (end = resolve)), tooLate);
    const late = [1, 2].map((n) => slots.run(() => Promise.resolve(n), tooLate));
    await clock.advance(1_001);
    const next = slots.run(() => Promise.resolve(3), tooLate);
    end();
    await long;
    for (const one of await Promise.allSettled(late)) expect(one).toMatchObject({ status: 'rejected' });
    expect(await next).toBe(3);
    expect(await slots.run(() => Promise.resolve(4), tooLate)).toBe(4);
  });
});
