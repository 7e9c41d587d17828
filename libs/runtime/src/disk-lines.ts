import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { Clock } from './clock';
import { isDiskFailure } from './sqlite-failure';

/** How often the log tells that nothing can be written to disk, milliseconds: whatever is tried then fails, and would tell. */
export const DISK_TOLD_EVERY_MS = 60_000;
/** Under which name the threads of a process find what they share. */
const SHARED = 'meterbook.disk-lines';
/** What is shared: when it was told last, milliseconds, and how many lines were left out since. */
const [TOLD_AT, LEFT_OUT] = [0, 1];

/** Lets one line a minute through of all that tell of a full disk, in all threads together. */
export class DiskLines {
  constructor(
    private readonly clock: Clock,
    private readonly shared: BigInt64Array = sharedByThreads(),
  ) {}

  /** The fields of a line as they are to be written; undefined where the line is to be left out. */
  keep(fields: unknown): unknown {
    if (!isOfDisk(fields)) return fields;
    const now = BigInt(this.clock.now());
    const toldAt = Atomics.load(this.shared, TOLD_AT);
    // A clock that was put back must not keep it quiet for as long as that.
    const isDue = toldAt === 0n || now < toldAt || now - toldAt >= DISK_TOLD_EVERY_MS;
    if (!isDue || Atomics.compareExchange(this.shared, TOLD_AT, toldAt, now) !== toldAt) {
      Atomics.add(this.shared, LEFT_OUT, 1n);
      return undefined;
    }
    const leftOut = Number(Atomics.exchange(this.shared, LEFT_OUT, 0n));
    return { ...fields, disk: 'Nothing can be written: make room. This is told once a minute.', leftOut };
  }
}

function isOfDisk(fields: unknown): fields is object {
  if (typeof fields !== 'object' || fields === null) return false;
  return isDiskFailure(fields) || ['err', 'error'].some((name) => isDiskFailure(Reflect.get(fields, name)));
}

function sharedByThreads(): BigInt64Array {
  const found: unknown = getEnvironmentData(SHARED);
  if (found instanceof SharedArrayBuffer) return new BigInt64Array(found);
  const made = new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT);
  setEnvironmentData(SHARED, made);
  return new BigInt64Array(made);
}
