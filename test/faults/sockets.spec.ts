import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from '../support/client';
import { plainRulebook, usageEvent } from '../support/plain-platform';
import { StandaloneProcess } from '../support/standalone-process';

/** The largest body that ingest takes, and so what a caller can say that it will send. */
const largestBody = 5_242_880;
/** How many of each kind of hostile connection there are; thirteen of the largest body are more than ingest holds at a time. */
const ofEachKind = 13;
/** Reports of usage that the others make meanwhile, each from a connection of its own. */
const honest = { connections: 4, reports: 60, events: 20 };
const slowByteEveryMs = 50;

const platform = 'sockets';

describe('connections that keep a server waiting', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-sockets-'));
  let running: StandaloneProcess;
  const sockets: Socket[] = [];
  const timers: NodeJS.Timeout[] = [];

  beforeAll(async () => {
    running = await StandaloneProcess.start(directory, {}, { quiet: true });
    expect(
      (await request(running.url, 'PUT', `/v1/platforms/${platform}/rulebook`, plainRulebook(platform))).status,
    ).toBe(201);
  });
  afterEach(() => {
    for (const timer of timers.splice(0)) clearInterval(timer);
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  afterAll(async () => {
    await running.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  const open = (text: string): Promise<Socket> => {
    const { hostname, port } = new URL(running.url);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true }, () => {
        socket.write(text);
        resolve(socket);
      });
      // The server may cut it off: that is what it deserves.
      socket.on('error', reject);
      sockets.push(socket);
    });
  };
  const head = (length: number): string =>
    `POST /v1/usage HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

  const kinds: Readonly<Record<string, () => Promise<unknown>>> = {
    'promise a body and send nothing': () => open(head(largestBody)),
    'send a body byte by byte': async () => {
      const socket = await open(`${head(largestBody)}[`);
      timers.push(setInterval(() => socket.writable && socket.write(' '), slowByteEveryMs));
    },
    'send headers and never end them': async () => {
      const socket = await open('POST /v1/usage HTTP/1.1\r\nHost: 127.0.0.1\r\n');
      timers.push(setInterval(() => socket.writable && socket.write('X-Slow: 1\r\n'), slowByteEveryMs));
    },
    'close their side and wait': async () => (await open(head(largestBody))).end(),
    'send the first half of a large body': () => open(head(largestBody) + ' '.repeat(largestBody / 2)),
  };

  let reported = 0;
  const report = async (): Promise<number> => {
    const id = (reported += 1);
    const time = new Date().toISOString();
    const events = Array.from({ length: honest.events }, (_, i) =>
      usageEvent({ platform, id: `${id}-${i}`, subject: `a${i}`, time }),
    );
    return (await request(running.url, 'POST', '/v1/usage', events)).status;
  };

  it.each([...Object.keys(kinds), 'all of these at once'])('take nothing from anybody else: they %s', async (kind) => {
    const hostile = kinds[kind] ? [kinds[kind]] : Object.values(kinds);
    await Promise.all(hostile.flatMap((connectOnce) => Array.from({ length: ofEachKind }, connectOnce)));
    const statuses: number[] = [];
    await Promise.all(
      Array.from({ length: honest.connections }, async () => {
        for (let i = 0; i < honest.reports; i++) statuses.push(await report());
      }),
    );
    expect(statuses.filter((status) => status !== 202)).toEqual([]);
    expect((await request(running.url, 'GET', '/health/ready')).status).toBe(200);
  });
});
