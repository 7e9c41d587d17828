/**
 * The code of a failure of SQLite, such as `SQLITE_BUSY`; undefined for any other error. It does not look at the class: where
 * several copies of the client are loaded in one process, as by tests, the errors are of the class of one of them.
 */
export function sqliteCode(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}

/** True where another process or thread has the lock. */
export function isSqliteBusy(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_BUSY') ?? false;
}
