import type { StoreToLookInto } from '../projections/beside-events';
import type { StoredEvent } from '@meterbook/event-store/event-store';

/** What stands in a store, told of an array of events. */
export function storeOf(history: readonly StoredEvent[]): StoreToLookInto {
  const of = (stream: string): readonly StoredEvent[] => history.filter((event) => event.stream === stream);
  return {
    head: (stream) => Promise.resolve(of(stream).at(-1)?.revision ?? 'no-stream'),
    read: async function* (stream, from, direction) {
      await Promise.resolve();
      const first = typeof from === 'number' ? from : 0;
      const told = of(stream).filter(({ revision }) =>
        direction === 'forward' ? revision >= first : revision <= first,
      );
      yield* direction === 'forward' ? told : [...told].reverse();
    },
  };
}
