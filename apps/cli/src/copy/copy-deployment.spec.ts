import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { EsdbEventStore } from '@meterbook/event-store/esdb/esdb-event-store';
import { WireServer } from '@meterbook/event-store/esdb/testing/wire-server';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { chained } from '@meterbook/event-store/event-store-contract';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { streamKinds } from '@meterbook/books/stream-kinds';
import { Books } from '@meterbook/finance/testing/books';
import { readWitness } from '@meterbook/host/files/witness';
import { whileOwning } from '@meterbook/host/loops/while-owning';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import { told, type Told } from '../testing/told';

const accounts = ['a', 'b', 'c', 'd', 'e'];
const clock = new SystemClock();

interface Report {
  readonly ok: boolean;
  readonly events: number;
  readonly streams: number;
  readonly added: number;
  readonly deadLetters: number | null;
  readonly sha256: string;
  readonly differences: readonly string[];
}

describe('a copy of a deployment', () => {
  let directory: string;
  let server: WireServer;
  const path = (name: string): string => join(directory, name);

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-copy-'));
    server = new WireServer();
    await server.start();
    for (const folder of ['from', 'to', 'back']) mkdirSync(path(folder));
    writeFileSync(path('servers.env'), `DATA_DIR=${path('to')}\nEVENTSTORE_URL="${server.connectionString}"\n`);
  });
  afterEach(() => {
    server.stop();
    rmSync(directory, { recursive: true });
  });

  /** Books of some accounts, many events of which were booked in one millisecond, in the folder that is copied. */
  const makeBooks = async (rounds = 6): Promise<void> => {
    const books = new Books('2026-03-01T00:00:00.000Z');
    await books.publish('p');
    for (const account of accounts) await books.open(`p/${account}`);
    for (let round = 0; round < rounds; round += 1) {
      books.clock.set(`2026-03-0${1 + round}T08:00:00.000Z`);
      for (const account of accounts) await books.recharge(`p/${account}`, `r${round}`, String(1 + round));
    }
    await books.append('checkpoint-p/a', { type: 'AccountCheckpointed' });
    await books.append('relay-entries', { type: 'RelayAdvanced' });
    await books.store.close();
    cpSync(join(books.directory, 'events'), join(path('from'), 'store'), { recursive: true });
    rmSync(books.directory, { recursive: true });
    const topics = topicsIn('from');
    await topics.publish('ledger.entries', [{ key: 'p/a', value: '{}' }]);
    await topics.close();
  };
  const topicsIn = (folder: string): EmbeddedTopics =>
    new EmbeddedTopics(join(path(folder), 'topics'), clock, { prefix: '', partitions: 12 });
  const filesIn = (folder: string): EmbeddedEventStore => new EmbeddedEventStore(join(path(folder), 'store'), clock);
  const onServer = (): EsdbEventStore =>
    new EsdbEventStore(server.connectionString, clock, { kinds: streamKinds, prefix: '' });
  const copy = (from: string, to: string, interruption?: AbortSignal): Promise<Told> =>
    told(['copy', '--from', path(from), '--to', path(to), '--json'], {}, undefined, interruption);
  const copied = async (from: string, to: string): Promise<Report> => {
    const { code, out, err } = await copy(from, to);
    if (code !== 0) throw new Error(`${code}: ${out}${err}`);
    return JSON.parse(out) as Report;
  };
  /** Everything that a store holds of what is copied, but for where it stands. */
  const heldBy = async (store: EventStore): Promise<StoredEvent[]> => {
    const all: StoredEvent[] = [];
    await store.audit((event) => {
      if (!/^(checkpoint-|relay-entries$)/.test(event.stream)) all.push({ ...event, position: '' });
    });
    await store.close();
    return all;
  };
  const byStream = (events: readonly StoredEvent[]): string[] => events.map((event) => JSON.stringify(event)).sort();

  it('brings every event to a server and back, with its texts, its hash and when it was booked, and says that both are the same', async () => {
    await makeBooks();
    const there = await copied('from', 'servers.env');
    expect(there).toMatchObject({ ok: true, events: 36, streams: 6, added: 36, deadLetters: 0, differences: [] });
    const original = await heldBy(filesIn('from'));
    expect(byStream(await heldBy(onServer()))).toEqual(byStream(original));
    const again = await copied('servers.env', 'back');
    expect(again).toMatchObject({ ok: true, added: 36, sha256: there.sha256 });
    const back = await heldBy(filesIn('back'));
    expect(byStream(back)).toEqual(byStream(original));
    expect(back.map(({ bookedAt }) => bookedAt)).toEqual(original.map(({ bookedAt }) => bookedAt));
    expect(readWitness(path('back'))?.store).toMatchObject({ next: 36 });
  });

  it('goes on where it was, however often it is stopped on the way, and books nothing twice', async () => {
    await makeBooks();
    for (const stopAfter of [1, 4, 5, 9, 17, 18, 30]) {
      const stop = new AbortController();
      const forget = server.log.onWrite(() => {
        if (server.log.records.length >= stopAfter) stop.abort();
      });
      const { code, err } = await copy('from', 'servers.env', stop.signal);
      forget();
      // What is under way is written; a small copy may be done by then.
      if (code !== 0) expect([code, err]).toEqual([130, expect.stringContaining('goes on with it')]);
    }
    await copied('from', 'servers.env');
    expect(byStream(await heldBy(onServer()))).toEqual(byStream(await heldBy(filesIn('from'))));
    expect(await copied('from', 'servers.env')).toMatchObject({ ok: true, added: 0 });
  });

  it('goes on after a server that failed in mid-way, and after one that wrote and said nothing', async () => {
    await makeBooks();
    server.faults.appends.push({ kind: 'failed-written', error: 'unavailable' }, { kind: 'partial', events: 0 });
    const forget = server.log.onWrite(() => {
      if (server.log.records.length >= 10) server.faults.state = 'unauthenticated';
    });
    expect((await copy('from', 'servers.env')).code).toBe(1);
    forget();
    server.faults.state = 'works';
    expect(server.log.records.length).toBeLessThan(36);
    expect(await copied('from', 'servers.env')).toMatchObject({ ok: true });
    expect(byStream(await heldBy(onServer()))).toEqual(byStream(await heldBy(filesIn('from'))));
  });

  it('leaves files on which no service starts while it is not whole', async () => {
    await makeBooks();
    await copied('from', 'servers.env');
    const stop = new AbortController();
    stop.abort();
    expect((await copy('servers.env', 'back', stop.signal)).code).toBe(130);
    expect(readWitness(path('back'))?.store).toEqual({ next: 36, hash: 'copying' });
    await copied('servers.env', 'back');
    expect(readWitness(path('back'))?.store?.hash).not.toBe('copying');
  });

  it.each<[string, (store: EventStore) => Promise<unknown>, RegExp]>([
    ['another stream', (store) => begun(store, 'account-p/z', 'x'), /account-p\/z/],
    ['another event in a stream of the same name', (store) => begun(store, 'account-p/a', 'x'), /account-p\/a/],
    ['what services make', (store) => begun(store, 'checkpoint-p/a', 'x'), /checkpoint-p\/a/],
  ])('is refused by a store that holds %s, and nothing is written', async (_what, fill, named) => {
    await makeBooks(1);
    const store = onServer();
    await fill(store);
    await store.close();
    const { code, err } = await copy('from', 'servers.env');
    expect([code, err]).toEqual([1, expect.stringMatching(/holds something else than a part of this copy/)]);
    expect(err).toMatch(named);
    expect(server.log.records.length).toBe(1);
  });

  it('says that events which somebody else has put there were booked otherwise', async () => {
    await makeBooks(1);
    const [from, to] = [filesIn('from'), onServer()];
    for await (const { events, caughtUp } of from.subscribe(['account-'], 'start', new AbortController().signal)) {
      for (const event of events) {
        const { stream, revision } = event;
        await to.append([{ stream, expectedRevision: revision === 0 ? 'no-stream' : revision - 1, events: [event] }]);
      }
      if (caughtUp) break;
    }
    await from.close();
    await to.close();
    const { code, out } = await copy('from', 'servers.env');
    expect(code).toBe(3);
    expect((JSON.parse(out) as Report).differences).toContain('account-p/a has events that were booked otherwise');
  });

  it('is refused while usage waits to be charged, which would be lost', async () => {
    await makeBooks(1);
    const topics = topicsIn('from');
    await topics.publish('usage.recorded', [{ key: 'p/a', value: '{}' }]);
    await topics.close();
    const { code, err } = await copy('from', 'servers.env');
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('1 records of usage.recorded were accepted and are not charged'),
    ]);
    expect(server.log.records.length).toBe(0);
  });

  it('is refused where the topics of either side are those of something else', async () => {
    await makeBooks(1);
    const used = topicsIn('to');
    await used.publish('usage.recorded', [{ key: 'p/a', value: '{}' }]);
    await used.close();
    expect((await copy('from', 'servers.env')).err).toContain('The topics of --to are in use');
    rmSync(join(path('to'), 'topics'), { recursive: true });
    rmSync(join(path('from'), 'topics'), { recursive: true });
    expect((await copy('from', 'servers.env')).err).toContain('The topics of --from hold nothing');
    expect(server.log.records.length).toBe(0);
  });

  it('is refused where the source is not as it was written', async () => {
    await makeBooks(1);
    await copied('from', 'servers.env');
    const [record] = server.log.stream('account-p/a');
    if (record) server.log.tamper(record, { data: Buffer.from('{}') });
    const { code, err } = await copy('servers.env', 'back');
    expect([code, err]).toEqual([1, expect.stringMatching(/not as they were written: account-p\/a 0 /)]);
  });

  it('is refused beside a service, by files of other books, and by another key', async () => {
    await makeBooks(1);
    const owned = whileOwning(join(path('from'), 'finance'), async () => {
      expect((await copy('from', 'servers.env')).err).toContain('Stop the services of both sides.');
    });
    await owned(new AbortController().signal);
    mkdirSync(join(path('to'), 'finance'));
    writeFileSync(join(path('to'), 'finance/charges-1.db'), '');
    expect((await copy('from', 'servers.env')).err).toContain('files that were made of other books');
    rmSync(join(path('to'), 'finance'), { recursive: true });
    for (const folder of ['from', 'to']) {
      mkdirSync(join(path(folder), 'webhooks'));
      writeFileSync(join(path(folder), 'webhooks/signing.key'), folder);
    }
    expect((await copy('from', 'servers.env')).err).toContain('is another key than that of --from');
    expect(server.log.records.length).toBe(0);
  });

  it.each([
    [['--from', 'nowhere', '--to', 'to'], 'no such folder or file'],
    [['--from', 'from', '--to', 'from'], 'keep their events in one place'],
    [['--from', 'from', '--to', 'useless.env'], 'does not set DATA_DIR'],
    [['--from', 'from'], "required option '--to <deployment>'"],
  ])('is not begun with words that make no sense: %j', async (words, sentence) => {
    writeFileSync(path('useless.env'), 'EVENTSTORE_URI=esdb://typo\n');
    const named = words.map((word) => (word.startsWith('--') ? word : path(word)));
    const { code, err } = await told(['copy', ...named]);
    expect([code, err]).toEqual([2, expect.stringContaining(sentence)]);
  });

  it('finds no books in an empty folder, nor on a server under a prefix that nobody uses', async () => {
    const { code, err } = await copy('from', 'servers.env');
    expect([code, err]).toEqual([1, expect.stringContaining('There are no books in')]);
    const fromServer = await copy('servers.env', 'back');
    expect([fromServer.code, fromServer.err]).toEqual([1, expect.stringContaining('There are no books in')]);
  });

  const begun = (store: EventStore, stream: string, note: string): Promise<unknown> =>
    store.append([{ stream, expectedRevision: 'no-stream', events: chained(stream, 0, chainStart, note) }]);
});
