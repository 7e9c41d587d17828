import { comparePositions, type EventStore, type Position } from '@meterbook/event-store/event-store';
import type { Topics } from '@meterbook/topics/topics';
import type { Clock } from '@meterbook/runtime/clock';
import type { StoreEngine } from '../engines/opened';

/** How much a loop has still to work off: in records or events where they can be counted, else in time. */
export interface Backlog {
  readonly unit: 'records' | 'milliseconds';
  /** Null while it is not known, or while the work is another process's. */
  readonly read: () => Promise<number | null>;
}

/** Ends of the store that a reader has not reached yet and whose times are remembered. */
const MAX_MARKS = 1_000;

/** Records of a topic that a consumer group has not committed; the group is asked for each time where it may change. */
export function topicBacklog(topics: Topics, group: string | (() => string), topic: string): Backlog {
  const read = async (): Promise<number> => {
    const lags = await topics.lag(typeof group === 'string' ? group : group(), [topic]);
    return lags.reduce((sum, { lag }) => sum + lag, 0);
  };
  return { unit: 'records', read };
}

/**
 * What a reader of the store has not read: events of the embedded store, of whatever stream, since positions there count
 * them; of another store the age of the newest end that the reader has reached.
 */
export function storeBacklog(
  { store, folder }: Pick<StoreEngine, 'store' | 'folder'>,
  clock: Clock,
  progress: () => Position | 'start' | null,
): Backlog {
  return folder === null
    ? { unit: 'milliseconds', read: ageOfReached(store, clock, progress) }
    : { unit: 'records', read: eventsAfter(store, progress) };
}

function eventsAfter(store: EventStore, progress: () => Position | 'start' | null) {
  const numberOf = (at: Position | 'start'): number => (at === 'start' ? -1 : Number(at));
  return async (): Promise<number | null> => {
    const position = progress();
    return position === null ? null : Math.max(0, numberOf(await store.end()) - numberOf(position));
  };
}

function ageOfReached(store: EventStore, clock: Clock, progress: () => Position | 'start' | null) {
  let marks: { readonly atMs: number; readonly end: Position | 'start' }[] = [];
  let reachedAtMs: number | null = null;
  return async (): Promise<number | null> => {
    const atMs = clock.now();
    marks.push({ atMs, end: await store.end() });
    const position = progress();
    if (position === null) {
      marks = [];
      reachedAtMs = null;
      return null;
    }
    const isReached = ({ end }: { readonly end: Position | 'start' }): boolean => comparePositions(end, position) <= 0;
    reachedAtMs = marks.findLast(isReached)?.atMs ?? reachedAtMs;
    marks = marks.filter((mark) => !isReached(mark));
    // A reader that is far behind needs no mark for every moment.
    if (marks.length > MAX_MARKS) marks = marks.filter((_, i) => i % 2 === 0);
    return reachedAtMs === null ? null : clock.now() - reachedAtMs;
  };
}
