import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { comparePositions } from '../event-store';
import { chained } from '../event-store-contract';
import { chainHash, chainStart } from '../hash-chain';
import { StoreUnavailable } from '../store-failure';
import { all, begin, notesOf, StoreBench } from './testing/store-bench';

const stream = 'account-p/a';

let bench: StoreBench;

beforeEach(async () => {
  bench = new StoreBench();
  await bench.start();
});
afterEach(() => bench.stop());

const texts = [
  ['{"a":1}', '{}'],
  ['{ "b" : 1.0, "a" : 1e2 ,"2":0,"1":0}', '{ }'],
  ['{"text":"ü 你好 \\u00fc \\n \\ud83d\\ude00 😀"}', '{"hash":"mine","actor":"é"}'],
  ['{"__proto__":{"x":1},"dup":1,"dup":2}', '{"record":"t/0/1" }'],
  ['{"n":123456789012345678901234567890.10}', '{"hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}'],
] as const;

describe('what was hashed', () => {
  it.each(texts)('is what is stored and read, byte for byte: %s with %s', async (data, metadata) => {
    const store = bench.open();
    const hash = chainHash(chainStart, stream, 0, 'Noted', metadata, data);
    await store.append([{ stream, expectedRevision: 'no-stream', events: [{ type: 'Noted', data, metadata, hash }] }]);
    expect(await all(store.read(stream, 'start', 'forward'))).toMatchObject([{ data, metadata, hash, type: 'Noted' }]);
    expect(Buffer.from(bench.server.log.records[0]?.data ?? []).equals(Buffer.from(data))).toBe(true);
  });

  it('stands in the store as JSON that any client reads, with the hash in its metadata', async () => {
    await begin(bench.open(), stream, 'ü');
    const client = EventStoreDBClient.connectionString(bench.server.connectionString);
    const records = [];
    for await (const { event } of client.readStream(stream)) records.push(event);
    await closeClient(client);
    const hash = chained(stream, 0, chainStart, 'ü')[0]?.hash;
    expect(records).toMatchObject([
      { isJson: true, type: 'Noted', data: { note: 'ü' }, metadata: { actor: 'contract', hash } },
    ]);
  });

  it.each([
    ['{"a":"\ud800"}', '{}', 'surrogate'],
    ['{}', '[]', 'JSON object'],
    ['{}', '', 'JSON object'],
  ])('is refused where it cannot be kept: %j with %j', async (data, metadata, message) => {
    const hash = chainHash(chainStart, stream, 0, 'Noted', metadata, data);
    const events = [{ type: 'Noted', data, metadata, hash }];
    const appending = bench.open().append([{ stream, expectedRevision: 'no-stream', events }]);
    await expect(appending).rejects.toThrow(message);
  });
});

describe('a read', () => {
  const many = Array.from({ length: 1500 }, (_, i) => String(i));

  it('brings a long stream in both directions, page after page', async () => {
    const store = bench.open();
    await begin(store, stream, ...many);
    expect(notesOf(await all(store.read(stream, 'start', 'forward')))).toEqual(many);
    expect(notesOf(await all(store.read(stream, 'end', 'backward')))).toEqual([...many].reverse());
    expect(notesOf(await all(store.read(stream, 40, 'backward')))).toEqual(many.slice(0, 41).reverse());
    expect(notesOf(await all(store.read(stream, 9999, 'backward')))).toEqual([...many].reverse());
    expect(notesOf(await all(store.read(stream, 1480, 'forward')))).toEqual(many.slice(1480));
  });

  it('cuts a page of large events short and goes on after it', async () => {
    const store = bench.open({ callDeadlineMs: 5_000 });
    const large = Array.from({ length: 12 }, (_, i) => `${i}${'x'.repeat(800 * 1024)}`);
    await begin(store, stream, ...large);
    expect(notesOf(await all(store.read(stream, 'start', 'forward')))).toEqual(large);
    expect(notesOf(await all(store.read(stream, 'end', 'backward')))).toEqual([...large].reverse());
    expect((await store.audit(() => undefined)).events).toBe(12);
  });

  it.each([{ kind: 'silent' } as const, { kind: 'unavailable', afterEvents: 20 } as const])(
    'makes a page anew that failed, and brings each event once: %j',
    async (fault) => {
      const store = bench.open({ callDeadlineMs: 300 });
      await begin(store, stream, ...many.slice(0, 100));
      bench.server.faults.reads.push(fault, fault);
      expect(notesOf(await all(store.read(stream, 'start', 'forward')))).toEqual(many.slice(0, 100));
      bench.server.faults.reads.push(fault);
      expect(await store.head(stream)).toBe(99);
      bench.server.faults.reads.push(fault);
      expect(await store.end()).toContain(String(bench.server.log.records.at(-1)?.position));
    },
  );

  it('gives up after a few attempts', async () => {
    const store = bench.open({ attempts: 2, callDeadlineMs: 300 });
    await store.ready();
    bench.server.faults.reads.push({ kind: 'silent' }, { kind: 'unavailable', afterEvents: 0 });
    await expect(store.head(stream)).rejects.toThrow('UNAVAILABLE');
    for (let n = 0; n < 5; n++) bench.server.faults.reads.push({ kind: 'unavailable', afterEvents: 0 });
    await expect(store.head(stream)).rejects.toBeInstanceOf(StoreUnavailable);
  });

  it('gives up once it has taken long enough, however few the attempts', async () => {
    const store = bench.open({ attempts: 100, callDeadlineMs: 100, giveUpAfterMs: 250 });
    await store.ready();
    for (let n = 0; n < 100; n++) bench.server.faults.reads.push({ kind: 'silent' });
    await expect(store.head(stream)).rejects.toBeInstanceOf(StoreUnavailable);
    expect(bench.server.faults.reads.length).toBeGreaterThan(80);
  });

  it('has one time for all attempts, in which the server is found too', async () => {
    const [giveUpAfterMs, leastAttemptMs] = [600, 200];
    const store = bench.open({ attempts: 100, callDeadlineMs: 500, giveUpAfterMs, leastAttemptMs });
    await store.ready();
    bench.server.faults.state = 'silent';
    const startedAt = Date.now();
    await expect(Promise.all([store.head(stream), store.head('account-p/b')])).rejects.toBeInstanceOf(StoreUnavailable);
    expect(Date.now() - startedAt).toBeLessThan(2 * giveUpAfterMs);
    bench.server.faults.state = 'works';
    expect(await store.head(stream)).toBe('no-stream');
  });

  it('fails where the server has lost the beginning of a stream, forward and backward', async () => {
    const store = bench.open();
    await begin(store, stream, ...many.slice(0, 50));
    bench.server.log.truncate(stream, 10);
    await expect(all(store.read(stream, 'start', 'forward'))).rejects.toThrow(
      'has lost its events from revision 0 to 9',
    );
    await expect(all(store.read(stream, 'end', 'backward'))).rejects.toThrow(
      'has lost its events from revision 0 to 9',
    );
    expect(notesOf(await all(store.read(stream, 20, 'forward')))).toEqual(many.slice(20, 50));
  });

  it('takes what is left of a stream that can be derived again', async () => {
    const store = bench.open();
    await begin(store, 'checkpoint-p/a', '1', '2', '3');
    bench.server.log.truncate('checkpoint-p/a', 2);
    expect(notesOf(await all(store.read('checkpoint-p/a', 'start', 'forward')))).toEqual(['3']);
    expect(notesOf(await all(store.read('checkpoint-p/a', 'end', 'backward')))).toEqual(['3']);
    expect(await store.audit(() => undefined)).toEqual({ streams: 1, events: 1, faults: [] });
  });

  it('brings nothing of a stream that does not exist', async () => {
    const store = bench.open();
    for (const from of ['start', 'end', 3] as const)
      for (const direction of ['forward', 'backward'] as const)
        expect(await all(store.read(stream, from, direction))).toEqual([]);
  });

  it('knows the end of the ledger, whatever else stands in the store', async () => {
    const store = bench.open();
    expect(await store.end()).toBe('start');
    await begin(store, 'other-1', 'x');
    expect(await store.end()).toBe('start');
    await begin(store, stream, '1');
    await begin(store, 'other-2', 'x');
    const [event] = await all(store.read(stream, 'start', 'forward'));
    expect(comparePositions(await store.end(), event?.position ?? 'start')).toBe(0);
  });
});

describe('the wire server', () => {
  it('takes what the client itself sends over its shared stream of appends', async () => {
    const client = EventStoreDBClient.connectionString(bench.server.connectionString);
    const event = jsonEvent({ id: '11111111-1111-4111-8111-111111111111', type: 'T', data: { a: 1 } });
    const first = await client.appendToStream('other-1', event, { expectedRevision: NO_STREAM });
    expect(first).toMatchObject({ success: true, nextExpectedRevision: 0n });
    expect(await client.appendToStream('other-1', event, { expectedRevision: NO_STREAM })).toEqual(first);
    const other = { ...event, id: '22222222-2222-4222-8222-222222222222' };
    const refused = client.appendToStream('other-1', other, { expectedRevision: NO_STREAM });
    await expect(refused).rejects.toMatchObject({ type: 'wrong-expected-version', actualVersion: 0n });
    await closeClient(client);
  });
});

/** `dispose` leaves the channel open. */
async function closeClient(client: EventStoreDBClient): Promise<void> {
  await client.dispose();
  const { getChannel } = client as unknown as { getChannel: () => Promise<{ close(): void }> };
  (await getChannel()).close();
}
