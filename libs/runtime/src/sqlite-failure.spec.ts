import { isSqliteBusy, sqliteCode } from './sqlite-failure';

describe('a failure of SQLite', () => {
  const failure = (code: unknown): Error => Object.assign(new Error('database is locked'), { code });

  it('is told by its code, whatever class it is of', () => {
    expect(sqliteCode(failure('SQLITE_CANTOPEN'))).toBe('SQLITE_CANTOPEN');
    expect([failure('ENOENT'), failure(5), new Error('x'), 'SQLITE_BUSY', null].map(sqliteCode)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });

  it('is a busy lock in each of its forms', () => {
    expect(['SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT', 'SQLITE_FULL'].map((code) => isSqliteBusy(failure(code)))).toEqual([
      true,
      true,
      false,
    ]);
  });
});
