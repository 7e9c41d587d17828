import { AccountCache } from './account-cache';
import { LoadedAccount } from './loaded-account';

const bytesOfOne = new LoadedAccount('x').bytes;

describe('the accounts in memory', () => {
  const keep = (cache: AccountCache, stream: string): LoadedAccount => cache.keep(new LoadedAccount(stream));

  it('are let go under pressure, those used longest ago first, and counted to the byte', () => {
    const cache = new AccountCache(10 * bytesOfOne);
    for (let i = 0; i < 20; i++) keep(cache, `s${i}`);
    for (let round = 0; round < 20; round++) {
      cache.get('s0');
      cache.startRound();
    }
    expect(cache.bytes).toBeLessThanOrEqual(10 * bytesOfOne);
    expect(cache.bytes).toBe(cache.size * bytesOfOne);
    expect(cache.get('s0')).toBeDefined();
    expect(cache.get('s1')).toBeUndefined();
  });

  it('stay while they are in use, even beyond the limit', () => {
    const cache = new AccountCache(bytesOfOne);
    for (let i = 0; i < 5; i++) keep(cache, `s${i}`);
    cache.startRound();
    expect(cache.size).toBe(5);
  });

  it('are one each: who reads one that somebody else has read meanwhile gets theirs', () => {
    const cache = new AccountCache(1e6);
    const first = keep(cache, 's');
    expect(keep(cache, 's')).toBe(first);
    expect(cache.bytes).toBe(bytesOfOne);
  });

  it('count for nothing once they were let go, whatever becomes of them', () => {
    const cache = new AccountCache(1e6);
    const account = keep(cache, 's');
    cache.remove('s');
    for (let i = 0; i < 100; i++) account.recent.add(account.keyOf('gw', `u${i}`), i, 0, 'digest');
    cache.measure(account);
    expect([cache.size, cache.bytes]).toEqual([0, 0]);
    cache.keep(account);
    expect(cache.bytes).toBe(account.bytes);
  });

  it('stay all while they take no more than the limit', () => {
    const cache = new AccountCache(5 * bytesOfOne);
    for (let i = 0; i < 5; i++) keep(cache, `s${i}`);
    for (let round = 0; round < 20; round++) cache.startRound();
    expect(cache.size).toBe(5);
  });

  it('are let go only until a tenth of the limit is free', () => {
    const cache = new AccountCache(10 * bytesOfOne);
    for (let i = 0; i < 11; i++) keep(cache, `s${i}`);
    for (let round = 0; round < 20; round++) cache.startRound();
    expect(cache.size).toBe(9);
    expect(['s1', 's2'].map((stream) => cache.get(stream) === undefined)).toEqual([true, false]);
  });

  it('count what they take now, however often they are measured', () => {
    const cache = new AccountCache(1e6);
    const account = keep(cache, 's');
    for (let i = 0; i < 9; i++) account.recent.add(account.keyOf('gw', `u${i}`), i, 0, 'digest');
    cache.measure(account);
    cache.measure(account);
    expect(cache.bytes).toBe(account.bytes);
    cache.remove('nobody');
    expect(cache.bytes).toBe(account.bytes);
  });
});
