import { SystemClock } from '@meterbook/runtime/system-clock';
import type { StoredEvent } from '../event-store';
import { EsdbEventStore } from './esdb-event-store';
import { StreamNames } from './stream-names';
import { all, begin, notesOf, shortLimits, testKinds } from './testing/store-bench';
import { WireServer } from './testing/wire-server';

const stream = 'account-p/a';

let server: WireServer;
const stores: EsdbEventStore[] = [];

beforeEach(async () => {
  server = new WireServer();
  await server.start();
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  server.stop();
});

function open(prefix: string): EsdbEventStore {
  const streams = { kinds: testKinds, prefix };
  const store = new EsdbEventStore(server.connectionString, new SystemClock(), streams, shortLimits);
  stores.push(store);
  return store;
}

async function subscribed(store: EsdbEventStore): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const batch of store.subscribe(['account-'], 'start', AbortSignal.timeout(10_000))) {
    events.push(...batch.events);
    if (batch.caughtUp) return events;
  }
  throw new Error('not caught up');
}

describe('the prefix of streams', () => {
  it('stands before every name on the server, and nobody else knows of it: hashes and names are those without', async () => {
    const [plain, one, other] = [open(''), open('one.'), open('other.')];
    for (const [store, note] of [
      [plain, 'plain'],
      [one, 'one'],
      [other, 'other'],
    ] as const)
      await begin(store, stream, note);
    expect(server.log.records.map((record) => record.stream)).toEqual([stream, `one.${stream}`, `other.${stream}`]);
    for (const [store, note] of [
      [plain, 'plain'],
      [one, 'one'],
      [other, 'other'],
    ] as const) {
      const read = await all(store.read(stream, 'start', 'forward'));
      expect(notesOf(read)).toEqual([note]);
      expect(await subscribed(store)).toEqual(read);
      expect(await store.audit(() => undefined)).toEqual({ streams: 1, events: 1, faults: [] });
      expect(await store.end()).toContain(read[0]?.position.slice(0, 20));
    }
  });

  it('keeps the settings and the damage of one deployment from another', async () => {
    const store = open('one.');
    await begin(store, stream, '1');
    server.log.setMetadata(`other.${stream}`, { $maxCount: 1 });
    server.log.writeForeign(stream);
    expect(await subscribed(open('one.'))).toHaveLength(1);
    server.log.setMetadata(`one.${stream}`, { $maxCount: 1 });
    await expect(open('one.').ready()).rejects.toThrow(`${stream} ($maxCount)`);
  });

  it('is put before the name that metadata belongs to', () => {
    const names = new StreamNames('eu.');
    for (const name of ['account-p/a', '$$account-p/a']) expect(names.plain(names.stored(name))).toBe(name);
    expect(names.stored('$$account-p/a')).toBe('$$eu.account-p/a');
    expect(names.plain('account-p/a')).toBe('!account-p/a');
  });
});
