import { randomUUID } from 'node:crypto';
import {
  EventStoreDBClient,
  FORWARDS,
  jsonEvent,
  NO_STREAM,
  START,
  type AppendExpectedRevision,
  type Credentials,
  type JSONEventData,
  type JSONEventType,
} from '@eventstore/db-client';
import type { NewEvent } from '@meterbook/event-store/event-store';
import { streamKinds } from '@meterbook/books/stream-kinds';
import { EsdbEventStore } from '@meterbook/event-store/esdb/esdb-event-store';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { compared, heading, inTurns, measured, tell } from './measure';
import { chained, typicalCharge, usageTopic } from './workload';

const rounds = 2;
const single = { streams: 64, events: 100, perCall: 1 };
const hundreds = { streams: 8, events: 2000, perCall: 100 };

interface Shape {
  /** Each is appended to by one caller, so that as many appends are under way. */
  readonly streams: number;
  /** Of each stream. */
  readonly events: number;
  readonly perCall: number;
}

/** Appends and reads through `EsdbEventStore` beside the client alone, on the same server. */
export async function compareStore(url: string, run: string): Promise<void> {
  const store = new EsdbEventStore(url, new SystemClock(), { kinds: streamKinds, prefix: '' });
  await store.ready();
  const bare = new BareStore(url);
  heading('events of one charge over the event store');
  let trial = 0;
  const next = (): string => `${run}-${trial++}`;
  for (const shape of [single, hundreds]) {
    const what = `append, ${shape.perCall} a call, ${shape.streams} calls at a time`;
    const sums = await inTurns(rounds, {
      shared: bare.appends(next, shape, 'shared'),
      perCall: bare.appends(next, shape, 'per call'),
      ours: appends(store, next, shape),
    });
    compared(`${what}; bare: shared batch`, sums.shared, sums.ours);
    compared(`${what}; bare: call of its own`, sums.perCall, sums.ours);
    tell(what);
  }
  const written = next();
  await appends(store, () => written, hundreds)();
  const streams = streamsOf(written, hundreds);
  const reads = await inTurns(rounds, {
    bare: () => measured(() => bare.read(streams)),
    ours: () => measured(() => read(store, streams)),
  });
  compared(`read, streams of ${hundreds.events} one after the other`, reads.bare, reads.ours);
  await store.close();
  await bare.close();
}

function streamsOf(name: string, { streams }: Shape): string[] {
  return Array.from({ length: streams }, (_, i) => `${name}-${i}`);
}

/** Chains the events first, unmeasured: that is the ledger's work and not the adapter's. */
function appends(store: EsdbEventStore, next: () => string, shape: Shape) {
  return async () => {
    const charges = Array.from({ length: shape.events }, typicalCharge);
    const prepared = streamsOf(next(), shape).map((stream) => ({ stream, events: chained(stream, charges) }));
    const append = async ({ stream, events }: { stream: string; events: readonly NewEvent[] }): Promise<void> => {
      for (let from = 0; from < events.length; from += shape.perCall) {
        const expectedRevision = from === 0 ? 'no-stream' : from - 1;
        const [outcome] = await store.append([
          { stream, expectedRevision, events: events.slice(from, from + shape.perCall) },
        ]);
        if (outcome?.kind !== 'appended') throw new Error(`${stream} was not appended to`);
      }
    };
    return measured(async () => {
      await Promise.all(prepared.map(append));
      return shape.streams * shape.events;
    });
  };
}

async function read(store: EsdbEventStore, streams: readonly string[]): Promise<number> {
  let events = 0;
  for (const stream of streams)
    for await (const { data } of store.read(stream, 'start', 'forward')) if (data) events += 1;
  return events;
}

/** The client alone. It shares one stream of batches over all its appends, unless each call brings credentials. */
class BareStore {
  private readonly client: EventStoreDBClient;
  private readonly credentials: Credentials;

  constructor(url: string) {
    this.client = EventStoreDBClient.connectionString(url);
    const { username, password } = new URL(url.replace(/^esdb(\+discover)?:/, 'http:').replace(/,[^/?]*/, ''));
    this.credentials = {
      username: decodeURIComponent(username) || 'admin',
      password: decodeURIComponent(password) || 'changeit',
    };
  }

  /** The events are made first, unmeasured. */
  appends(next: () => string, shape: Shape, mode: 'shared' | 'per call') {
    const credentials = mode === 'shared' ? {} : { credentials: this.credentials };
    return async () => {
      const { type, ...data } = typicalCharge();
      const event = {
        type,
        data: data as unknown as JSONEventType['data'],
        metadata: { record: `${usageTopic}/7/100000` },
      };
      const prepared = streamsOf(next(), shape).map((stream) => ({
        stream,
        events: Array.from({ length: shape.events }, () => jsonEvent({ ...event, id: randomUUID() })),
      }));
      const append = async ({ stream, events }: { stream: string; events: JSONEventData[] }): Promise<void> => {
        for (let from = 0; from < events.length; from += shape.perCall) {
          const expectedRevision: AppendExpectedRevision = from === 0 ? NO_STREAM : BigInt(from - 1);
          await this.client.appendToStream(stream, events.slice(from, from + shape.perCall), {
            expectedRevision,
            ...credentials,
          });
        }
      };
      return measured(async () => {
        await Promise.all(prepared.map(append));
        return shape.streams * shape.events;
      });
    };
  }

  async read(streams: readonly string[]): Promise<number> {
    let events = 0;
    for (const stream of streams)
      for await (const { event } of this.client.readStream(stream, { direction: FORWARDS, fromRevision: START }))
        if (event) events += 1;
    return events;
  }

  async close(): Promise<void> {
    await this.client.dispose();
  }
}
