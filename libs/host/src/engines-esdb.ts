import { EsdbEventStore } from '@meterbook/event-store/esdb/esdb-event-store';
import { isUnknownOutcome } from '@meterbook/event-store/esdb/esdb-failure';
import type { Clock } from '@meterbook/runtime/clock';
import { ConfigurationError } from '@meterbook/runtime/configuration';
import type { StoreEngine } from './engines-opened';
import { withoutSecrets, type Log } from '@meterbook/runtime/log';
import { untilThere } from './service-patience';
import { streamKinds } from './stream-kinds';

/** The store on EventStoreDB or KurrentDB. */
export function openEsdbStore(connectionString: string, clock: Clock, log: Log): StoreEngine {
  const store = open(connectionString, clock);
  const ready = (signal: AbortSignal): Promise<void> =>
    untilThere('event store', () => store.ready(), isUnknownOutcome, { clock, log, signal });
  return { store, folder: null, ready };
}

function open(connectionString: string, clock: Clock): EsdbEventStore {
  try {
    return new EsdbEventStore(connectionString, clock, streamKinds);
  } catch (error) {
    const why = withoutSecrets(error instanceof Error ? error.message : String(error));
    throw new ConfigurationError([`EVENTSTORE_URL cannot be used: ${why}`]);
  }
}
