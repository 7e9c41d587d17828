import { backoffMs } from './backoff';
import { SystemRandom } from './system-random';
import { FixedRandom } from './testing/fixed-random';

const limits = { firstMs: 100, longestMs: 1_000 };

describe('the wait after a failure', () => {
  it('doubles with each failure in a row, up to the longest', () => {
    expect([1, 2, 3, 4, 5, 6].map((failures) => backoffMs(limits, failures))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });

  it('stays the longest after any number of failures, and is the first where none was counted', () => {
    expect(backoffMs(limits, 1_000_000)).toBe(1_000);
    expect(backoffMs(limits, Number.MAX_SAFE_INTEGER)).toBe(1_000);
    expect(backoffMs(limits, 0)).toBe(100);
  });

  it('is spread by chance over its second half', () => {
    expect(backoffMs(limits, 3, new FixedRandom(0x00))).toBe(200);
    expect(backoffMs(limits, 3, new FixedRandom(0x80))).toBe(300);
    expect(backoffMs(limits, 3, new FixedRandom(0xff))).toBe(400);
    expect(backoffMs(limits, 1_000, new FixedRandom(0xff))).toBe(1_000);
    const random = new SystemRandom();
    const waits = Array.from({ length: 1_000 }, () => backoffMs({ firstMs: 1_000, longestMs: 1_000 }, 1, random));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_000);
    expect(new Set(waits).size).toBeGreaterThan(100);
  });
});
