import { checkpointPrefix, relayStream, streamKinds } from '@meterbook/books/stream-kinds';
import type { EventStore, StoredEvent, StoreFault } from '@meterbook/event-store/event-store';
import { StreamDigests } from '@meterbook/event-store/stream-digests';
import { CopyRefused, listed } from './copy-refused';

/** Events after which is told how far a store was read. */
const TOLD_EVERY = 10_000;

/** Streams that are made again from the others, and of which the events speak of positions in their own store. */
const derived = (stream: string): boolean => stream.startsWith(checkpointPrefix) || stream === relayStream;

/** How the names begin of what is copied. */
export const copiedPrefixes: readonly string[] = streamKinds
  .map(({ prefix }) => prefix)
  .filter((prefix) => !derived(prefix));

/** What a store holds, as far as it is copied. */
export interface Holdings {
  readonly digests: StreamDigests;
  /** Streams that are made again: whoever has them was worked on by services. */
  readonly derived: ReadonlySet<string>;
  /** Whether a relay has noted how far it had come. */
  readonly wasRelayed: boolean;
}

/** Streams of what is derived that are remembered. */
const MAX_DERIVED = 100;

/** Reads every byte of a store; each event that is copied is shown. Throws `CopyRefused` where it is not as it was written. */
export async function holdingsOf(
  store: EventStore,
  name: string,
  tell: (events: number) => void,
  visit: (event: StoredEvent) => void = () => undefined,
): Promise<Holdings> {
  const holdings = { digests: new StreamDigests(), derived: new Set<string>(), wasRelayed: false };
  let read = 0;
  const { faults } = await store.audit((event) => {
    if (++read % TOLD_EVERY === 0) tell(read);
    holdings.wasRelayed ||= event.stream === relayStream;
    if (!derived(event.stream)) {
      visit(event);
      holdings.digests.take(event);
    } else if (holdings.derived.size < MAX_DERIVED) holdings.derived.add(event.stream);
  });
  const found = faults.filter(({ stream }) => stream === null || !derived(stream));
  if (found.length > 0)
    throw new CopyRefused(
      `The events in ${name} are not as they were written: ${listed(found.map(said))}.`,
      'Mend it first: meterbook verify says more, and docs/operating.md what to do.',
    );
  return holdings;
}

/** Throws `CopyRefused` where a store holds something else than a part of what another one does. */
export function refuseOthers(there: Holdings, source: StreamDigests, name: string, forks: readonly string[]): void {
  const others = [...there.derived, ...forks, ...there.digests.beyond(source)];
  if (others.length > 0)
    throw new CopyRefused(
      `${name} holds something else than a part of this copy: ${listed(others)}.`,
      'Choose an empty one. Keep the other: it may be the only copy of other books.',
    );
}

function said({ stream, revision, position, detail }: StoreFault): string {
  return `${stream ?? 'the store'}${revision === null ? '' : ` ${revision}`} (position ${position}): ${detail}`;
}
