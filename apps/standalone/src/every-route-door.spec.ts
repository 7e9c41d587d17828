import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Health } from '@meterbook/http/health/health';
import { RawSocket, requestHead, until } from '@meterbook/http/testing/raw-socket';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { everyRoute, type EveryRoute, type SampleRoute } from './testing/every-route';

interface Answer {
  readonly status: number | undefined;
  readonly received: string;
}

/** What each route answers to a request with these headers and no body, over a real socket. */
async function answersOf(service: EveryRoute, headers: Record<string, string>): Promise<[SampleRoute, Answer][]> {
  const elsewhere = { method: 'GET', pattern: '/nowhere', path: '/nowhere' };
  const asked = [...service.routes, elsewhere].map((route): [SampleRoute, RawSocket] => [
    route,
    new RawSocket(service.port).send(requestHead(route.method, route.path, { Connection: 'close', ...headers })),
  ]);
  await until(() => asked.every(([, { closed }]) => closed));
  return asked;
}

const codesOf = (answers: [SampleRoute, Answer][], code: string): string[] =>
  answers
    .filter(([{ method }, { received }]) => !received.includes(`"code":"${code}"`) && method !== 'HEAD')
    .map(([{ method, pattern }]) => `${method} ${pattern}`);

const statuses = (answers: [SampleRoute, Answer][]): unknown[] => [...new Set(answers.map(([, { status }]) => status))];

describe('every route, without tokens', () => {
  let service: EveryRoute;
  beforeAll(async () => {
    service = await everyRoute(new SystemClock());
  });
  afterAll(() => service.close());

  it.each<[string, Record<string, string>]>([
    ['a name that was bound to this machine', { Host: 'evil.example' }],
    ['a page of another site', { Origin: 'https://evil.example' }],
    ['a page of another port', { Origin: 'http://localhost:1' }],
    ['a browser across sites', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a browser on the same site', { 'Sec-Fetch-Site': 'same-site' }],
  ])('refuses %s before anything else', async (_name, headers) => {
    const answers = await answersOf(service, headers);
    expect(answers.length).toBeGreaterThan(40);
    expect(codesOf(answers, 'forbidden')).toEqual([]);
    expect(statuses(answers)).toEqual([403]);
  });

  it.each<[string, Record<string, string>, number, string]>([
    ['an encoding', { 'Content-Encoding': 'gzip' }, 415, 'unsupported_media_type'],
    ['a charset', { 'Content-Type': 'application/json; charset=utf-16' }, 415, 'unsupported_media_type'],
    ['an expectation', { Expect: 'a-miracle' }, 417, 'expectation_failed'],
  ])('refuses %s that it does not know, as a problem', async (_name, headers, status, code) => {
    const answers = await answersOf(service, headers);
    expect(codesOf(answers, code)).toEqual([]);
    expect(statuses(answers)).toEqual([status]);
    for (const [, { received }] of answers) expect(received).toContain('application/problem+json');
  });
});

describe('what is ready', () => {
  it('is told to strangers without reasons, and whole to the scope admin', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tokens-'));
    const path = join(directory, 'tokens.json');
    const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex');
    const tokens = [
      { name: 'root', sha256: sha256('root'), scopes: ['admin'] },
      { name: 'reader', sha256: sha256('reader'), scopes: ['ledger:read'] },
    ];
    writeFileSync(path, JSON.stringify(tokens));
    const service = await everyRoute(new SystemClock(), { METERBOOK_TOKENS: path });
    const detail = '/var/lib/meterbook/books.db of acct-42 is damaged.';
    service.app.get(Health).register('books', () => ({ up: false, detail, behind: 7 }));
    const ask = async (token?: string): Promise<string> => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return (await service.app.inject({ method: 'GET', url: '/health/ready', headers })).body;
    };
    expect(await ask('root')).toContain(detail);
    for (const told of [await ask(), await ask('reader'), await ask('nobody')]) {
      expect(told).toContain('{"name":"books","up":false,"detail":"It is down.","behind":7}');
      expect(told).not.toContain('acct-42');
      expect(told).not.toContain('/var');
    }
    await service.close();
    rmSync(directory, { recursive: true });
  });
});
