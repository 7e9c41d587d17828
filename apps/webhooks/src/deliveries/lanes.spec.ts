import { Lanes, MAX_OF_A_PLATFORM, MAX_SLOW, MAX_UNDER_WAY } from './lanes';

const keysOf = (platform: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${platform}/a${i}/h`);

describe('the lanes of endpoints', () => {
  it('serve each endpoint one at a time, and again where something came meanwhile', () => {
    const lanes = new Lanes();
    lanes.wake(['p/a/h']);
    expect(lanes.start(0)).toEqual(['p/a/h']);
    expect(lanes.start(0)).toEqual([]);
    lanes.wake(['p/a/h']);
    expect(lanes.start(0)).toEqual([]);
    lanes.done('p/a/h', undefined);
    expect(lanes.start(0)).toEqual(['p/a/h']);
    lanes.done('p/a/h', 1_000);
    expect([lanes.start(999), lanes.start(1_000)]).toEqual([[], ['p/a/h']]);
    lanes.done('p/a/h', undefined);
    expect(lanes.start(Infinity)).toEqual([]);
  });

  it('leave room for others, whoever is slow and however many endpoints a platform has', () => {
    const lanes = new Lanes();
    lanes.wake(keysOf('big', 1_000));
    expect(lanes.start(0).length).toBe(MAX_OF_A_PLATFORM);
    lanes.wake(['small/a/h']);
    expect(lanes.start(0)).toEqual(['small/a/h']);
    for (let platform = 0; platform < 10; platform++) lanes.wake(keysOf(`p${platform}`, 100));
    lanes.start(0);
    expect(lanes.underWay).toBe(MAX_UNDER_WAY);
  });

  it('give those that failed the last time a part of the places', () => {
    const lanes = new Lanes();
    const failing = ['p', 'q', 'r'].flatMap((platform) => keysOf(platform, 40));
    for (const key of failing) lanes.note(key, { delivered: false, tookMs: 15_000, atMs: 0 });
    lanes.wake(failing);
    expect(lanes.start(0).length).toBe(MAX_SLOW);
    lanes.wake(['s/a/h']);
    expect(lanes.start(0)).toEqual(['s/a/h']);
    lanes.note(failing[0] ?? '', { delivered: true, tookMs: 10, atMs: 5 });
    expect([lanes.deliveredSince(failing[0] ?? '', 5), lanes.deliveredSince(failing[1] ?? '', 0)]).toEqual([
      true,
      false,
    ]);
  });

  it('let nobody wait for ever: who was served goes behind the others', () => {
    const lanes = new Lanes();
    const keys = keysOf('p', MAX_OF_A_PLATFORM + 10);
    lanes.wake(keys);
    const first = lanes.start(0);
    for (const key of first) lanes.done(key, 0);
    expect(lanes.start(0).slice(0, 10)).toEqual(keys.slice(MAX_OF_A_PLATFORM));
  });
});
