import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { EventStoreDBClient } from '@eventstore/db-client';
import { ServerCredentials } from '@grpc/grpc-js';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { StoreUnavailable, StoreUnfit } from '../store-failure';
import { selfSigned } from './testing/self-signed';
import { all, begin, StoreBench } from './testing/store-bench';
import { WireServer } from './testing/wire-server';

const stream = 'account-p/a';

let bench: StoreBench;

beforeEach(async () => {
  bench = new StoreBench();
  await bench.start();
});
afterEach(() => bench.stop());

describe('a store with a stream that may lose events', () => {
  const setMetadata = (of: string, text: string): void =>
    void bench.server.log.write(`$$${of}`, [
      { id: 'x', type: '$metadata', contentType: 'application/json', data: Buffer.from(text), metadata: Buffer.of() },
    ]);

  it.each([
    [stream, '{"$maxAge":60}', '$maxAge'],
    ['tier-p/a', '{"$acl":{},"$maxCount":5}', '$maxCount'],
    ['rulebook-p', '{"$tb":9223372036854775807}', '$tb'],
  ])('is not started with and not written: %s with %s', async (of, text, setting) => {
    setMetadata(of, text);
    const store = bench.open();
    const refusal = `ledger streams may not lose events, and these are set to: ${of} (${setting})`;
    await expect(store.ready()).rejects.toBeInstanceOf(StoreUnfit);
    await expect(store.ready()).rejects.toThrow(refusal);
    await expect(begin(store, 'account-p/other', '1')).rejects.toThrow(refusal);
    expect(bench.server.appendsSeen).toEqual([]);
    // Whoever verifies it has to be able to look.
    expect(await store.head('account-p/other')).toBe('no-stream');
    expect(await all(store.read('account-p/other', 'start', 'forward'))).toEqual([]);
    expect(await store.end()).toBe('start');
  });

  it('can be audited all the same, and the audit names it', async () => {
    await begin(bench.open(), stream, '1');
    setMetadata(stream, '{"$maxAge":60}');
    const detail = 'its metadata sets $maxAge, by which the server drops events';
    expect(await bench.open().audit(() => undefined)).toMatchObject({
      streams: 1,
      events: 1,
      faults: [{ stream, revision: null, detail }],
    });
  });

  it.each([
    ['mended since', stream, ['{"$maxAge":60}', '{}']],
    ['of other settings', stream, ['{"$acl":{"$r":"$all"},"$cacheControl":5}']],
    ['unreadable', stream, ['{"$maxAge"', 'null']],
    ['derived', 'checkpoint-p/a', ['{"$maxAge":60}']],
    ['of somebody else', 'other-1', ['{"$maxCount":1}']],
  ])('is taken where the metadata is %s', async (_what, of, texts) => {
    for (const text of texts) setMetadata(of, text);
    await expect(bench.open().ready()).resolves.toBeUndefined();
  });
});

describe('a store that is not there yet', () => {
  it('fails while it is away and works as soon as it is there', async () => {
    const { port, log } = bench.server;
    bench.server.stop();
    const store = bench.open({ attempts: 2 });
    await expect(store.head(stream)).rejects.toThrow('UNAVAILABLE');
    const later = new WireServer(log);
    await later.start(port);
    expect(await store.head(stream)).toBe('no-stream');
    await store.close();
    later.stop();
  });

  it('is looked for anew after no node of its cluster could be found', async () => {
    const { port, log } = bench.server;
    bench.server.stop();
    const cluster = `esdb://127.0.0.1:${port},127.0.0.1:1?tls=false&maxDiscoverAttempts=1&discoveryInterval=1&gossipTimeout=1`;
    const store = bench.open({ attempts: 2 }, cluster);
    const clients = jest.spyOn(EventStoreDBClient, 'connectionString');
    await expect(store.head(stream)).rejects.toBeInstanceOf(StoreUnavailable);
    const later = new WireServer(log);
    await later.start(port);
    expect(await begin(store, stream, '1')).toMatchObject([{ kind: 'appended', revision: 0 }]);
    expect(clients).toHaveBeenCalledTimes(2);
    clients.mockRestore();
    await store.close();
    later.stop();
  });

  it('is reached over another connection after one gave no answer', async () => {
    const stuck: Socket[] = [];
    const proxy = await listen(
      (socket, join) => (stuck.length === 0 ? stuck.push(socket) : join(socket)),
      bench.server.port,
    );
    const store = bench.open({ callDeadlineMs: 300 }, `esdb://127.0.0.1:${proxy.port}?tls=false`);
    expect(await begin(store, stream, '1')).toMatchObject([{ kind: 'appended', revision: 0 }]);
    await store.close();
    for (const socket of stuck) socket.destroy();
    proxy.server.close();
  });

  it('does not wait longer than its deadlines for a host that never answers', async () => {
    const sockets: Socket[] = [];
    const deaf = await listen((socket) => sockets.push(socket));
    const store = bench.open({ attempts: 2, callDeadlineMs: 100 }, `esdb://127.0.0.1:${deaf.port}?tls=false`);
    const started = Date.now();
    await expect(store.head(stream)).rejects.toThrow(/DEADLINE_EXCEEDED|UNAVAILABLE|fell silent/);
    expect(Date.now() - started).toBeLessThan(2_000);
    await store.close();
    for (const socket of sockets) socket.destroy();
    deaf.server.close();
  });
});

describe('a store that must not be used as it is', () => {
  it.each([
    ['unauthenticated', 'the event store does not take the user and the password of its connection string'],
    ['access-denied', 'may not read $all of the event store: put it into the group $admins'],
  ] as const)('says so in a sentence with the remedy: %s', async (state, sentence) => {
    bench.server.faults.state = state;
    const store = bench.open();
    await expect(store.ready()).rejects.toBeInstanceOf(StoreUnfit);
    await expect(store.ready()).rejects.toThrow(sentence);
  });

  it('that answers and is not ready yet is waited for, and fails with what passes', async () => {
    bench.server.faults.state = 'not-ready';
    const store = bench.open({ attempts: 2 });
    await expect(store.ready()).rejects.toThrow('Server Is Not Ready');
    bench.server.faults.state = 'works';
    await store.ready();
    bench.server.faults.state = 'not-ready';
    const appending = begin(bench.open({ attempts: 100 }), stream, '1');
    setTimeout(() => (bench.server.faults.state = 'works'), 100);
    expect(await appending).toMatchObject([{ kind: 'appended' }]);
  });
});

describe('closing', () => {
  it('leaves no connection open, though a subscription is under way and a call hangs', async () => {
    const sockets = new Set<Socket>();
    const proxy = await listen((socket, server) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      server(socket);
    }, bench.server.port);
    const store = bench.open({ callDeadlineMs: 300 }, `esdb://127.0.0.1:${proxy.port}?tls=false`);
    await begin(store, stream, '1');
    const batches = store.subscribe(['account-'], 'start', new AbortController().signal)[Symbol.asyncIterator]();
    await batches.next();
    bench.server.faults.appends.push({ kind: 'silent' });
    const hanging = begin(store, 'account-p/b', '1');
    const outcome = hanging.catch((error: unknown) => String(error));
    expect(sockets.size).toBe(1);
    await store.close();
    const clock = new SystemClock();
    for (let waited = 0; sockets.size > 0 && waited < 10_000; waited += 10) await clock.sleep(10);
    expect(sockets.size).toBe(0);
    await outcome;
    proxy.server.close();
  });

  it('waits for an append that is under way', async () => {
    const store = bench.open();
    await store.ready();
    bench.server.faults.appends.push({ kind: 'late', ms: 100 });
    const appending = begin(store, stream, '1');
    await store.close();
    expect(await appending).toMatchObject([{ kind: 'appended' }]);
    await expect(begin(store, stream, '1')).rejects.toThrow('closed');
  });
});

describe('TLS and credentials', () => {
  const { certificate, key } = selfSigned();
  let directory: string;
  let authority: string;
  let secure: WireServer;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-esdb-'));
    const file = join(directory, 'ca.pem');
    writeFileSync(file, certificate);
    authority = `tlsCAFile=${encodeURIComponent(file)}`;
    secure = new WireServer();
    const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(certificate) };
    await secure.start(0, ServerCredentials.createSsl(null, [pair]));
  });
  afterEach(() => {
    secure.stop();
    rmSync(directory, { recursive: true });
  });

  it('come from the connection string', async () => {
    await begin(bench.open({}, `esdb://admin:cha%40ngeit@localhost:${secure.port}?${authority}`), stream, '1');
    expect([...secure.authorizations]).toEqual([`Basic ${Buffer.from('admin:cha@ngeit').toString('base64')}`]);
    const unknownAuthority = bench.open({ attempts: 1 }, `esdb://localhost:${secure.port}`);
    await expect(unknownAuthority.ready()).rejects.toBeInstanceOf(StoreUnfit);
    await expect(unknownAuthority.ready()).rejects.toThrow(
      /^the certificate of the event store is not taken \(.*certificate.*\): name its authority with tlsCAFile/,
    );
  });

  it('prove an address as they prove a name', async () => {
    await begin(bench.open({}, `esdb://127.0.0.1:${secure.port}?${authority}`), stream, '1');
    const another = await listen((socket, join) => join(socket), secure.port, '127.0.0.2');
    const store = bench.open({ attempts: 1 }, `esdb://127.0.0.2:${another.port}?${authority}`);
    await expect(store.ready()).rejects.toThrow(/the certificate of the event store is not taken \(.*altnames/);
    another.server.close();
  });

  it.each([
    ['127.0.0.1', false],
    ['localhost', 'localhost'],
  ])('send a name of the server, but no address: %s', async (host, sent) => {
    const names: (string | false | null)[] = [];
    const server = createTlsServer({ key, cert: certificate, ALPNProtocols: ['h2'] }, (socket) => {
      names.push(socket.servername);
      socket.destroy();
    });
    const port = await listening(server, host);
    await expect(bench.open({ attempts: 1 }, `esdb://${host}:${port}?${authority}`).head(stream)).rejects.toThrow();
    expect(new Set(names)).toEqual(new Set([sent]));
    server.close();
  });
});

interface Listening {
  readonly server: Server;
  readonly port: number;
}

/** Listens, and joins each connection to a port where that is given and asked for. */
async function listen(
  on: (socket: Socket, join: (socket: Socket) => void) => unknown,
  to = 0,
  host = '127.0.0.1',
): Promise<Listening> {
  const join = (socket: Socket): void => {
    const onward = connect(to, '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward]) end.on('error', () => undefined);
  };
  const server = createServer((socket) => on(socket, join));
  return { server, port: await listening(server, host) };
}

/** Resolves with the port that the system chose. */
function listening(server: Server, host: string): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    }),
  );
}
