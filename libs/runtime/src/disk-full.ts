import { diskFailureCode } from './sqlite-failure';

/** What SQLite says of a file that it cannot read: no room would help. */
const OF_READING = ['SQLITE_IOERR_READ', 'SQLITE_IOERR_SHORT_READ', 'SQLITE_IOERR_DATA', 'SQLITE_IOERR_CORRUPTFS'];

/** Nothing can be written where a process keeps its files. What is there is as it was. */
export class DiskFull extends Error {
  override readonly name = 'DiskFull';
  readonly remedy = 'Make room on the disk of DATA_DIR, and try again.';

  private constructor(code: string, cause: unknown) {
    super(`Nothing can be written to the disk: it is full, or does not take any more (${code}).`, { cause });
  }

  /** What a failure to write stands for; undefined for any other error. */
  static of(error: unknown): DiskFull | undefined {
    const code = diskFailureCode(error);
    return code === undefined || OF_READING.includes(code) ? undefined : new DiskFull(code, error);
  }
}
