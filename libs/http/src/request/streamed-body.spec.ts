import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { Arrivals, BODY_IDLE_MS } from '../body/arrivals';
import { Problem } from '../problem/problem';
import { RawSocket, requestHead, until } from '../testing/raw-socket';
import { StreamedBody } from './streamed-body';

const LIMIT_BYTES = 100;

describe('a body that is streamed', () => {
  let clock: ManualClock;
  let arrivals: Arrivals;
  let server: Server;
  let port: number;
  /** What whoever reads waits for before it takes the next piece. */
  let work: () => Promise<void>;

  beforeEach(async () => {
    clock = new ManualClock();
    arrivals = new Arrivals(clock);
    work = () => Promise.resolve();
    const read = async (body: StreamedBody): Promise<string> => {
      let text = '';
      for await (const chunk of body.chunks()) {
        text += chunk.toString();
        await work();
      }
      return text;
    };
    server = createServer((request, response) => {
      read(new StreamedBody(request, LIMIT_BYTES, arrivals)).then(
        (text) => response.end(`read ${text}`),
        (error: unknown) => response.writeHead(error instanceof Problem ? error.status : 500).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => {
    arrivals.stop();
    server.closeAllConnections();
    server.close();
  });

  const send = (length: number, text: string): RawSocket =>
    new RawSocket(port).send(requestHead('PUT', '/', { 'Content-Length': String(length) }) + text);

  it('is read to its end', async () => {
    const socket = send(5, 'whole');
    await until(() => socket.received.includes('read whole'));
    expect(arrivals.size).toBe(0);
  });

  it('is refused over the limit, and whoever sends it is answered', async () => {
    const socket = send(1_000, 'x'.repeat(LIMIT_BYTES + 1));
    await until(() => socket.status !== undefined);
    expect([socket.status, arrivals.size]).toEqual([413, 0]);
  });

  it('is given up where nothing comes any more, with an answer', async () => {
    const socket = send(5, 'wh');
    await until(() => arrivals.size === 1);
    for (let ms = 0; ms <= BODY_IDLE_MS + 1_000; ms += 1_000) await clock.advance(1_000);
    await until(() => socket.status !== undefined);
    expect([socket.status, arrivals.size]).toEqual([408, 0]);
  });

  it('is not given up while whoever reads it is at work', async () => {
    let goOn: () => void = () => undefined;
    let isAtWork = false;
    work = () =>
      new Promise((resolve) => {
        isAtWork = true;
        goOn = resolve;
      });
    const socket = send(5, 'whole');
    await until(() => isAtWork);
    for (let ms = 0; ms <= 3 * BODY_IDLE_MS; ms += 1_000) await clock.advance(1_000);
    goOn();
    await until(() => socket.received.includes('read whole'));
  });
});
