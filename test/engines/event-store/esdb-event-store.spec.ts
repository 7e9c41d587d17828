import { randomBytes } from 'node:crypto';
import { EventStoreDBClient } from '@eventstore/db-client';
import { EsdbEventStore } from '@meterbook/event-store/esdb/esdb-event-store';
import { testKinds } from '@meterbook/event-store/esdb/testing/store-bench';
import { WireServer } from '@meterbook/event-store/esdb/testing/wire-server';
import type { EventStore, NewEvent, StoredEvent } from '@meterbook/event-store/event-store';
import { chained, describeEventStore } from '@meterbook/event-store/event-store-contract';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { TenantEventStore } from './tenant-event-store';

/**
 * A server that runs, from `EVENTSTORE_URL`. Without it the wire test server stands in, unless `REQUIRED_ENGINES` (a list
 * with commas) names `eventstore`: then its absence is a failure.
 */
const url = process.env['EVENTSTORE_URL'] ?? '';
const required = (process.env['REQUIRED_ENGINES'] ?? '').split(',').includes('eventstore');
if (required && url === '') throw new Error('EVENTSTORE_URL has to name an EventStoreDB that runs');

const wire = new WireServer();
const run = randomBytes(6).toString('hex');
let platforms = 0;
let connectionString = url;

beforeAll(async () => {
  if (url !== '') return;
  await wire.start();
  connectionString = wire.connectionString;
});
afterAll(() => wire.stop());

const open = (): EsdbEventStore =>
  new EsdbEventStore(connectionString, new SystemClock(), { kinds: testKinds, prefix: '' });

describeEventStore(url === '' ? 'the wire test server' : 'EventStoreDB', () => {
  platforms += 1;
  const platform = `contract-${run}-${platforms}`;
  return { open: () => new TenantEventStore(open(), platform), destroy: async () => undefined };
});

describe('what the adapter relies on', () => {
  let store: EventStore;
  let stream: string;

  beforeEach(() => {
    platforms += 1;
    stream = `account-facts-${run}-${platforms}/a`;
    store = open();
  });
  afterEach(() => store.close());

  const put = (expectedRevision: number | 'no-stream', events: readonly NewEvent[]) =>
    store.append([{ stream, expectedRevision, events }]);

  it('an append made again is answered with its first place', async () => {
    const events = chained(stream, 0, chainStart, 'one', 'two');
    const first = await put('no-stream', events);
    await put(1, chained(stream, 2, events[1]?.hash ?? '', 'three'));
    expect(await put('no-stream', events)).toEqual(first);
    expect(await store.head(stream)).toBe(2);
  });

  it('an append of which a part stands there goes on with the rest', async () => {
    const events = chained(stream, 0, chainStart, 'one', 'two', 'three');
    await put('no-stream', events.slice(0, 2));
    expect(await put('no-stream', events)).toMatchObject([{ kind: 'appended', revision: 2 }]);
    expect(await store.head(stream)).toBe(2);
  });

  it('an append of three megabytes is taken in parts', async () => {
    const events = chained(
      stream,
      0,
      chainStart,
      ...Array.from({ length: 12 }, (_, i) => `${i}${'x'.repeat(256 * 1024)}`),
    );
    expect(await put('no-stream', events)).toMatchObject([{ kind: 'appended', revision: 11 }]);
  });

  it('an event has one position and one time, however it is read', async () => {
    await put('no-stream', chained(stream, 0, chainStart, 'one'));
    const read: StoredEvent[] = [];
    for await (const event of store.read(stream, 'start', 'forward')) read.push(event);
    for await (const batch of store.subscribe([stream], 'start', AbortSignal.timeout(30_000))) {
      read.push(...batch.events);
      if (read.length === 2) break;
    }
    expect(read[1]).toEqual(read[0]);
  });

  it('the event is JSON to every other client', async () => {
    await put('no-stream', chained(stream, 0, chainStart, 'ü'));
    const client = EventStoreDBClient.connectionString(connectionString);
    const records: unknown[] = [];
    for await (const { event } of client.readStream(stream, { maxCount: 1 })) records.push(event);
    expect(records).toMatchObject([{ isJson: true, data: { note: 'ü' }, metadata: { actor: 'contract' } }]);
    await client.dispose();
    const { getChannel } = client as unknown as { getChannel: () => Promise<{ close(): void }> };
    (await getChannel()).close();
  });
});
