import { comparePositions, type EventStore, type Position, type StoredEvent } from '@meterbook/event-store/event-store';
import type { StreamDigests } from '@meterbook/event-store/stream-digests';
import type { BookedAppend, TakesOver } from '@meterbook/event-store/take-over';
import { CopyRefused, listed } from './copy-refused';
import { copiedPrefixes } from './store-holdings';

/** Where events go. */
export interface CopyTarget {
  readonly store: TakesOver;
  readonly name: string;
  /** What it holds already. */
  readonly holds: StreamDigests;
}

/**
 * Copies every event up to a position that the target lacks, in the order of the source. Stopped at any moment, it goes on with what is
 * missing. Resolves with the number of events that were added.
 */
export async function copyEvents(
  source: EventStore,
  end: Position,
  target: CopyTarget,
  turn: (seen: number) => Promise<void>,
): Promise<number> {
  const done = new AbortController();
  let [seen, added] = [0, 0];
  try {
    for await (const { events, damaged, position, caughtUp } of source.subscribe(
      copiedPrefixes,
      'start',
      done.signal,
    )) {
      if (damaged.length > 0)
        throw new CopyRefused(
          `Streams cannot be read any more: ${listed(damaged.map(({ stream, damage }) => `${stream}: ${damage}`))}.`,
          'Mend them first: meterbook verify says more.',
        );
      const missing = events.filter(({ stream, revision }) => revision > (target.holds.head(stream)?.revision ?? -1));
      if (missing.length > 0) await takeOver(target, missing);
      seen += events.length;
      added += missing.length;
      await turn(seen);
      if (caughtUp || comparePositions(position, end) >= 0) break;
    }
  } finally {
    done.abort();
  }
  return added;
}

async function takeOver({ store, name }: CopyTarget, events: readonly StoredEvent[]): Promise<void> {
  const appends = toAppends(events);
  const outcomes = await store.takeOver(appends);
  const at = outcomes.findIndex(({ kind }) => kind !== 'appended');
  if (at >= 0)
    throw new CopyRefused(
      `Somebody else writes to ${name}: ${appends[at]?.stream ?? ''} goes on otherwise there.`,
      'Stop every service of --to, and begin with an empty one.',
    );
}

/** Neighbours of one stream and one time go together; nothing changes its place. */
function toAppends(events: readonly StoredEvent[]): BookedAppend[] {
  const appends: (BookedAppend & { events: StoredEvent[] })[] = [];
  for (const event of events) {
    const last = appends.at(-1);
    const { stream, bookedAt, revision } = event;
    if (last?.stream === stream && last.bookedAt === bookedAt) last.events.push(event);
    else
      appends.push({
        stream,
        bookedAt,
        expectedRevision: revision === 0 ? 'no-stream' : revision - 1,
        events: [event],
      });
  }
  return appends;
}
