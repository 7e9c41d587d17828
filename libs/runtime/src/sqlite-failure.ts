/**
 * The code of a failure of SQLite, such as `SQLITE_BUSY`; undefined for any other error. It does not look at the class: where
 * several copies of the client are loaded in one process, as by tests, the errors are of the class of one of them.
 */
export function sqliteCode(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}

/** A failure that SQLite itself does not see, under the code of its own that says what to do about it. */
export function sqliteFailure(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Codes of the system where no byte can be written any more. */
const FULL_CODES = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL'];
/** Causes of causes that are looked at. */
const MOST_CAUSES = 8;

/** Under which code the disk is full or takes nothing, whoever wrapped the failure; undefined for any other. */
export function diskFailureCode(error: unknown): string | undefined {
  let failure: unknown = error;
  for (let n = 0; n < MOST_CAUSES && typeof failure === 'object' && failure !== null; n += 1) {
    const code: unknown = 'code' in failure ? failure.code : undefined;
    if (typeof code === 'string' && (FULL_CODES.includes(code) || code.startsWith('SQLITE_IOERR'))) return code;
    failure = 'cause' in failure ? failure.cause : undefined;
  }
  return undefined;
}

/** True where the disk is full or takes nothing: not done, and worth trying again once there is room. */
export const isDiskFailure = (error: unknown): boolean => diskFailureCode(error) !== undefined;

/** True where another process or thread has the lock. */
export function isSqliteBusy(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_BUSY') ?? false;
}
