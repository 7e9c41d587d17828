import { isPageDamaged, nextReadable } from './damaged-pages';

/** Rows at some keys, of which those from one to another cannot be read, nor can anything be looked for among them. */
const table =
  (keys: readonly number[], from: number, to: number, end: number) =>
  (key: number): number | undefined => {
    const row = keys.find((one) => one >= key) ?? end;
    return (row >= from && row < to) || (key >= from && key < to && row === end) ? undefined : row;
  };

describe('rows on a damaged page', () => {
  it.each([
    ['one row', [0, 1, 2, 3], 1, 2, 4, 2],
    ['all that follow', [0, 10, 20], 10, 1000, 30, 30],
    ['wide rows', [0, 700, 1500, 9000], 700, 1500, 10_000, 1500],
    ['many rows', Array.from({ length: 1000 }, (_, i) => i * 3), 300, 2001, 3000, 2001],
  ])('are passed over: %s', (_what, keys, from, to, end, next) => {
    expect(nextReadable(from, end, table(keys, from, to, end))).toBe(next);
  });

  it('are told from every other failure', () => {
    const failure = (code: string): Error => Object.assign(new Error('failed'), { code });
    expect(
      ['SQLITE_CORRUPT', 'SQLITE_CORRUPT_VTAB', 'SQLITE_FULL', 'ENOENT'].map((code) => isPageDamaged(failure(code))),
    ).toEqual([true, true, false, false]);
  });
});
