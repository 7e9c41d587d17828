import type { HoldNote } from './events';
import { countsOf, leavesAt, noteCounts, type RequestCounts } from './request-counts';

type Row = readonly [source: string, ...rest: unknown[]];

/**
 * What a note counts otherwise than the stream does at an instant, as a sentence; undefined where it counts the same. Seconds that
 * leave the minute within a tolerance (both in milliseconds) may be left out.
 */
export function misnotedCount(
  note: HoldNote,
  counts: RequestCounts,
  atMs: number,
  toleranceMs: number,
): string | undefined {
  const noted = noteCounts(countsOf(note.minute, note.day), atMs);
  const counted = noteCounts(counts, atMs);
  const minute = new Map(noted.minute);
  for (const [source, seconds] of counted.minute) {
    const said = minute.get(source) ?? [];
    minute.delete(source);
    const newest = seconds.slice(Math.max(0, seconds.length - said.length));
    const must = seconds.filter(([second]) => leavesAt(second) > atMs + toleranceMs).length;
    if (said.length < must || JSON.stringify(said) !== JSON.stringify(newest))
      return `its note counts ${JSON.stringify(said)} in the minute of ${source}, the stream ${JSON.stringify(seconds)}`;
  }
  const [more] = minute.keys();
  if (more !== undefined) return `its note counts requests in a minute of ${more}, the stream none`;
  const [said, is] = [noted.day, counted.day].map((rows) => JSON.stringify(inOrder(rows)));
  return said === is ? undefined : `its note counts ${said} for the day, the stream ${is}`;
}

function inOrder<T extends Row>(rows: readonly T[]): T[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
}
