import { sqliteCode } from './sqlite-failure';

/** True where a page of a file is not what SQLite wrote there: whatever lies on it is lost, and nothing else. */
export function isPageDamaged(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_CORRUPT') ?? false;
}

/**
 * The first key after one that cannot be read whose row can, or the end: found by ever larger steps, then by halving the last of them.
 * `rowAt` tells the key of the first row at or after a key, or the end where there is none, and undefined where a damaged page is in the way.
 */
export function nextReadable(from: number, end: number, rowAt: (key: number) => number | undefined): number {
  let [lost, found] = [from, end];
  for (let step = 1; lost + step < end; step *= 2) {
    const row = rowAt(lost + step);
    if (row !== undefined) {
      found = Math.min(row, end);
      break;
    }
    lost += step;
  }
  for (let high = found; high - lost > 1;) {
    const middle = Math.floor((lost + high) / 2);
    const row = rowAt(middle);
    if (row === undefined) lost = middle;
    else {
      high = middle;
      found = Math.min(found, row);
    }
  }
  return found;
}
