import { EsdbEventStore } from '@meterbook/event-store/esdb/esdb-event-store';
import { isUnknownOutcome } from '@meterbook/event-store/esdb/esdb-failure';
import type { Clock } from './clock';
import type { StoreEngine } from './engines';
import type { Log } from './log';
import { untilThere } from './service-patience';

/** The store on EventStoreDB or KurrentDB. */
export function openEsdbStore(connectionString: string, clock: Clock, log: Log): StoreEngine {
  const store = new EsdbEventStore(connectionString, clock);
  const ready = (signal: AbortSignal): Promise<void> =>
    untilThere('event store', () => store.ready(), isUnknownOutcome, { clock, log, signal });
  return { store, folder: null, ready };
}
