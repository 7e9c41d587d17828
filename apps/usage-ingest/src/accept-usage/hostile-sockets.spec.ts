import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BODY_IDLE_MS } from '@meterbook/http/body/arrivals';
import { RawSocket, requestHead, until } from '@meterbook/http/testing/raw-socket';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { ingestApp, KeptTopics } from '../testing/ingest-app';

const MIB = 1024 * 1024;
const LIMIT_MIB = 8;
const now = Date.parse('2026-11-21T10:00:00Z');
const usage = JSON.stringify({
  specversion: '1.0',
  type: 'usage.recorded',
  source: 'gateway',
  id: 'req-1',
  time: '2026-11-21T10:00:00Z',
  platform: 'apibox',
  subject: 'acct-42',
  data: { model: 'claude-sonnet', units: { inputTokens: 12 } },
});

let directory: string;
let topics: KeptTopics;
let clock: ManualClock;
let app: NestFastifyApplication;
let port: number;
let sockets: RawSocket[];

const as = (name: string): Record<string, string> => ({ Authorization: `Bearer token-of-${name}` });

/** A request for usage that says how long its body is, and sends nothing of it. */
const announce = (bytes: number, name = 'slow'): RawSocket => {
  const headers = { 'Content-Type': 'application/json', 'Content-Length': String(bytes), ...as(name) };
  const socket = new RawSocket(port).send(requestHead('POST', '/v1/usage', headers));
  sockets.push(socket);
  return socket;
};

const acceptedFrom = async (name: string): Promise<number> => {
  const headers = { 'content-type': 'application/json', ...as(name) };
  return (await app.inject({ method: 'POST', url: '/v1/usage', headers, payload: usage })).statusCode;
};

const bytesInFlight = async (): Promise<number> => {
  const { body } = await app.inject({ method: 'GET', url: '/metrics', headers: as('root') });
  return Number(/^usage_bytes_in_flight (\d+)$/m.exec(body)?.[1]);
};

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tokens-'));
  const path = join(directory, 'tokens.json');
  const entry = (name: string, scope: string): object => ({
    name,
    sha256: createHash('sha256').update(`token-of-${name}`).digest('hex'),
    scopes: [scope],
  });
  const tokens = [entry('slow', 'usage:write'), entry('gateway', 'usage:write'), entry('root', 'admin')];
  writeFileSync(path, JSON.stringify(tokens));
  [topics, clock, sockets] = [new KeptTopics(), new ManualClock(now), []];
  app = await ingestApp(topics, clock, { METERBOOK_TOKENS: path, INGEST_IN_FLIGHT_MIB: String(LIMIT_MIB) });
  await app.listen(0, '127.0.0.1');
  port = (app.getHttpServer().address() as AddressInfo).port;
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await app.close();
  rmSync(directory, { recursive: true });
});

describe('hostile sockets', () => {
  it('that announce bodies and send none keep nobody out, their own token included', async () => {
    for (let n = 0; n < 40; n += 1) announce(5 * MIB);
    await until(() => clock.sleeping > 0);
    expect(await acceptedFrom('gateway')).toBe(202);
    expect(await acceptedFrom('slow')).toBe(202);
    expect(await bytesInFlight()).toBe(0);
  });

  it('are answered with 408 and closed once nothing has come for ten seconds', async () => {
    const [idle, started] = [announce(5 * MIB), announce(5 * MIB).send('{"a":')];
    await until(async () => (await bytesInFlight()) === 5 && clock.sleeping > 0);
    for (let s = 0; s < 5; s += 1) await clock.advance(1_000);
    started.send('1');
    await until(async () => (await bytesInFlight()) === 6);
    for (let s = 0; s < BODY_IDLE_MS / 1_000 - 5; s += 1) await clock.advance(1_000);
    await until(() => idle.closed);
    expect(idle.status).toBe(408);
    expect(idle.received).toContain('application/problem+json');
    expect(idle.received).toContain('"code":"request_timeout"');
    expect(started.status).toBeUndefined();
    for (let s = 0; s < 6; s += 1) await clock.advance(1_000);
    await until(() => started.closed);
    expect(started.status).toBe(408);
    await until(async () => (await bytesInFlight()) === 0);
  });

  it('of one token never hold more than leaves room for the others, however many they are', async () => {
    for (let n = 0; n < 40; n += 1) announce(2 * MIB).send(' '.repeat(2 * MIB - 1));
    await until(() => sockets.filter(({ status }) => status === 503).length >= 38);
    const held = await bytesInFlight();
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThanOrEqual(5 * MIB);
    expect(await acceptedFrom('gateway')).toBe(202);
    const refused = sockets.find(({ status }) => status === 503);
    expect(refused?.received).toContain('"code":"too_busy"');
    expect(refused?.received.toLowerCase()).toContain('retry-after: 1');
  });

  it('give their room back when they go away in the middle of a body', async () => {
    const gone = announce(4 * MIB).send(' '.repeat(3 * MIB));
    await until(async () => (await bytesInFlight()) === 3 * MIB);
    gone.destroy();
    await until(async () => (await bytesInFlight()) === 0);
  });
});
