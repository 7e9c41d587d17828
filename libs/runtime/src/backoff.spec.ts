import { backoffMs } from './backoff';

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
});
