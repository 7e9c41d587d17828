import { Seldom } from './seldom';
import { ManualClock } from './testing/manual-clock';

describe('what is said seldom', () => {
  it('is said at once, and again only after a while', async () => {
    const clock = new ManualClock();
    const [seldom, said] = [new Seldom(clock, 1_000), [] as number[]];
    const say = (n: number): void => seldom.say(() => void said.push(n));
    say(1);
    say(2);
    await clock.advance(999);
    say(3);
    await clock.advance(1);
    say(4);
    expect(said).toEqual([1, 4]);
  });

  it('is said again after the clock was put back', () => {
    let now = 1_000_000;
    const clock = Object.assign(new ManualClock(), { now: () => now });
    const [seldom, said] = [new Seldom(clock, 60_000), [] as number[]];
    seldom.say(() => void said.push(1));
    now -= 500_000;
    seldom.say(() => void said.push(2));
    expect(said).toEqual([1, 2]);
  });
});
