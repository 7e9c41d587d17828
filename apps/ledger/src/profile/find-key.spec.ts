import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { EsdbEventStore } from '@meterbook/event-store/esdb/esdb-event-store';
import { WireServer } from '@meterbook/event-store/esdb/testing/wire-server';
import { comparePositions, type EventStore } from '@meterbook/event-store/event-store';
import { encodeTexts } from '@meterbook/books/event-codec';
import { streamKinds } from '@meterbook/books/stream-kinds';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { FindKey } from './find-key';
import { IndexKeys } from './index-keys';
import { KeyIndex } from './key-index';

const clock = new SystemClock();

interface Opened {
  readonly store: EventStore;
  readonly close: () => Promise<void>;
}

async function embedded(folder: string): Promise<Opened> {
  const store = new EmbeddedEventStore(join(folder, 'store'), clock);
  return { store, close: () => store.close() };
}

async function overTheWire(): Promise<Opened> {
  const server = new WireServer();
  await server.start();
  const store = new EsdbEventStore(server.connectionString, clock, { kinds: streamKinds, prefix: '' });
  const close = async (): Promise<void> => {
    await store.close();
    server.stop();
  };
  return { store, close };
}

describe.each([
  ['an embedded store', embedded],
  ["a server's store", overTheWire],
])('a key that is looked for, in %s,', (_store, open) => {
  let folder: string;
  let opened: Opened;
  let index: KeyIndex;
  let keys: FindKey;
  const stop = new AbortController();
  let running: Promise<void> | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meterbook-keys-'));
    opened = await open(folder);
    index = new KeyIndex(folder);
    keys = new FindKey(opened.store, index, clock);
  });
  afterAll(async () => {
    stop.abort();
    await running;
    index.close();
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const append = async (stream: string, type: string, data: object): Promise<void> => {
    const events = [encodeTexts(stream, 0, chainStart, type, JSON.stringify(data), '{}')];
    const [outcome] = await opened.store.append([{ stream, expectedRevision: 'no-stream', events }]);
    expect(outcome?.kind).toBe('appended');
  };

  it('is not called unknown while nobody has read the store', async () => {
    await append('account-apibox/a', 'ApiKeyIssued', { keyId: 'k1', secretHash: 'hash-a' });
    await expect(keys.find('hash-a')).rejects.toMatchObject({
      code: 'unavailable',
      headers: { 'retry-after': '1' },
    });
  });

  it('is found once it is in the store, and one that nobody has is unknown, whatever was written last', async () => {
    const indexing = new IndexKeys(opened.store, clock, folder, createLog('fatal'));
    running = indexing.run(stop.signal);
    while (index.position() === 'start') await clock.sleep(5);
    expect(await keys.find('hash-a')).toEqual({ secretHash: 'hash-a', account: 'apibox/a', keyId: 'k1' });
    for (const [stream, type] of [
      ['account-apibox/b', 'ApiKeyIssued'],
      ['hold-apibox/b', 'RequestCounted'],
      ['tier-apibox/b', 'TierPinned'],
    ] as const) {
      await append(stream, type, { keyId: 'k1', secretHash: 'hash-b' });
      expect(await keys.find('hash-b')).toMatchObject({ account: 'apibox/b' });
      expect(await keys.find('hash-of-nobody')).toBeUndefined();
    }
    expect(indexing.damaged.count).toBe(0);
  });

  it('costs a restart no more than what was written since, however large the store is', async () => {
    const events = 300;
    for (let i = 0; i < events; i++) await append(`account-apibox/old-${i}`, 'AccountOpened', {});
    const end = await opened.store.end();
    while (comparePositions(index.position(), end) < 0) await clock.sleep(5);
    stop.abort();
    await running;
    await append('account-apibox/new', 'ApiKeyIssued', { keyId: 'k1', secretHash: 'hash-new' });

    let read = 0;
    const counting: EventStore = Object.assign(Object.create(opened.store) as EventStore, {
      subscribe: async function* (...asked: Parameters<EventStore['subscribe']>) {
        for await (const batch of opened.store.subscribe(...asked)) {
          read += batch.events.length;
          yield batch;
        }
      },
    });
    const again = new AbortController();
    const restarted = new IndexKeys(counting, clock, folder, createLog('fatal')).run(again.signal);
    expect(await keys.find('hash-new')).toMatchObject({ account: 'apibox/new' });
    again.abort();
    await restarted;
    expect(read).toBeLessThan(10);
  });
});
