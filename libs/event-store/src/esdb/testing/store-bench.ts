import { SystemClock } from '@meterbook/runtime/system-clock';
import type { AppendOutcome, EventStore, StoredEvent } from '../../event-store';
import { chained } from '../../event-store-contract';
import { chainStart } from '../../hash-chain';
import type { StreamKind } from '../../stream-kind';
import { EsdbEventStore } from '../esdb-event-store';
import { esdbLimits, type EsdbLimits } from '../esdb-limits';
import { WireServer } from './wire-server';

/** Short enough that a test of what takes long does not. */
export const shortLimits: EsdbLimits = {
  ...esdbLimits,
  callDeadlineMs: 5_000,
  attempts: 5,
  leastAttemptMs: 50,
  firstRetryMs: 5,
  longestRetryMs: 40,
  markEveryMs: 20,
  silenceMs: 300,
  clockAllowanceMs: 100,
};

/** Kinds of streams as a ledger has them. */
export const testKinds: readonly StreamKind[] = [
  { prefix: 'account-', mayAge: false },
  { prefix: 'tier-', mayAge: false },
  { prefix: 'rulebook-', mayAge: false },
  { prefix: 'platforms', mayAge: false },
  { prefix: 'checkpoint-', mayAge: true },
];

/** A wire server and stores that talk to it. */
export class StoreBench {
  readonly server = new WireServer();
  private readonly stores: EventStore[] = [];

  async start(): Promise<void> {
    await this.server.start();
  }

  open(limits: Partial<EsdbLimits> = {}, connectionString = this.server.connectionString): EsdbEventStore {
    const store = new EsdbEventStore(
      connectionString,
      new SystemClock(),
      { kinds: testKinds, prefix: '' },
      { ...shortLimits, ...limits },
    );
    this.stores.push(store);
    return store;
  }

  async stop(): Promise<void> {
    for (const store of this.stores) await store.close();
    this.server.stop();
  }
}

/** Appends a first event per note to a stream that does not exist. */
export function begin(store: EventStore, stream: string, ...notes: string[]): Promise<AppendOutcome[]> {
  return store.append([{ stream, expectedRevision: 'no-stream', events: chained(stream, 0, chainStart, ...notes) }]);
}

/** Appends events, chained to what stands there. */
export async function goOn(store: EventStore, stream: string, ...notes: string[]): Promise<AppendOutcome[]> {
  for await (const last of store.read(stream, 'end', 'forward')) {
    const events = chained(stream, last.revision + 1, last.hash, ...notes);
    return store.append([{ stream, expectedRevision: last.revision, events }]);
  }
  throw new Error(`${stream} does not exist`);
}

export async function all(events: AsyncIterable<StoredEvent>): Promise<StoredEvent[]> {
  const list: StoredEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

export const notesOf = (events: readonly StoredEvent[]): string[] =>
  events.map((event) => (JSON.parse(event.data) as { note: string }).note);
