import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMetadata } from '@meterbook/books/event-codec';
import { rulebook } from './testing/embedded-ledger';
import { LedgerApp, type LedgerResponse } from './testing/ledger-app';

const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex');

describe('the ledger over HTTP, with tokens', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-tokens-'));
  let ledger: LedgerApp;

  beforeAll(async () => {
    const tokens = join(directory, 'tokens.json');
    writeFileSync(
      tokens,
      JSON.stringify([
        { name: 'root', sha256: sha256('root-token'), scopes: ['admin'] },
        { name: 'reader', sha256: sha256('reader-token'), scopes: ['ledger:read'] },
        {
          name: 'tenant',
          sha256: sha256('tenant-token'),
          scopes: ['ledger:read', 'ledger:write'],
          platforms: ['apibox'],
        },
        { name: 'keeper', sha256: sha256('keeper-token'), scopes: ['admin'], platforms: ['apibox'] },
      ]),
    );
    ledger = await LedgerApp.start({ METERBOOK_TOKENS: tokens });
    for (const platform of ['apibox', 'other'])
      await as('root', 'PUT', `/v1/platforms/${platform}/rulebook`, {
        ...rulebook,
        platform,
        effectiveFrom: '2020-01-01T00:00:00Z',
      });
  });
  afterAll(async () => {
    await ledger.close();
    rmSync(directory, { recursive: true });
  });

  const as = (
    who: string,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<LedgerResponse> => ledger.send(method, path, body, { headers: { authorization: `Bearer ${who}-token` } });
  const letters = ({ body }: LedgerResponse) => body['items'] as { id: string; platform: string | null }[];

  it('names the token in the metadata of what it wrote', async () => {
    await as('tenant', 'POST', '/v1/platforms/apibox/accounts', { account: 'named' });
    const [opened] = await ledger.stored('account-apibox/named');
    expect(opened && decodeMetadata(opened).actor).toBe('tenant');
  });

  it('lets nobody in without a token, or write with one for reading', async () => {
    expect((await ledger.send('GET', '/v1/platforms')).status).toBe(401);
    expect((await as('nobody', 'GET', '/v1/platforms')).status).toBe(401);
    for (const [method, path] of [
      ['PUT', '/v1/platforms/apibox/rulebook'],
      ['POST', '/v1/platforms/apibox/accounts'],
      ['PATCH', '/v1/platforms/apibox/accounts/named'],
      ['POST', '/v1/platforms/apibox/accounts/named/recharges'],
      ['POST', '/v1/platforms/apibox/accounts/named/grants'],
      ['POST', '/v1/platforms/apibox/accounts/named/keys'],
      ['PATCH', '/v1/platforms/apibox/accounts/named/keys/k'],
      ['DELETE', '/v1/platforms/apibox/accounts/named/keys/k'],
      ['POST', '/v1/platforms/apibox/accounts/named/charges/reversals'],
      ['POST', '/v1/dead-letters/x/redrive'],
    ] as const)
      expect([method, path, (await as('reader', method, path, {})).body['code']]).toEqual([method, path, 'forbidden']);
    expect((await as('reader', 'GET', '/v1/platforms/apibox/accounts/named')).status).toBe(200);
  });

  it('keeps a token to its platforms, also where the path names none', async () => {
    expect(await as('tenant', 'GET', '/v1/platforms/other/rulebook')).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    const platforms = await as('tenant', 'GET', '/v1/platforms');
    expect(platforms.body['items']).toEqual([{ platform: 'apibox', currency: 'CNY', rulebookVersion: 1 }]);
    await ledger.use('lost', 'u1');
    await ledger.use('lost', 'u2', {}, 60_000, 'other');
    await ledger.put('x', 'no json');
    const all = await ledger.eventually(
      () => as('root', 'GET', '/v1/dead-letters'),
      (answer) => answer.status === 200 && letters(answer).length === 3,
    );
    expect(letters(await as('tenant', 'GET', '/v1/dead-letters')).map(({ platform }) => platform)).toEqual(['apibox']);
    expect(await as('tenant', 'GET', '/v1/dead-letters?platform=other')).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    for (const { id, platform } of letters(all)) {
      const [redrive, dismiss] = [`/v1/dead-letters/${id}/redrive`, `/v1/dead-letters/${id}/dismiss`];
      expect((await as('tenant', 'POST', redrive)).status).toBe(403);
      expect((await as('tenant', 'POST', dismiss, { reason: 'x' })).status).toBe(403);
      expect((await as('keeper', 'POST', redrive)).status).toBe(platform === 'apibox' ? 202 : 404);
      if (platform !== 'apibox') expect((await as('keeper', 'POST', dismiss, { reason: 'x' })).status).toBe(404);
    }
    expect(await as('keeper', 'POST', '/v1/dead-letters/redrive', { platform: 'other' })).toMatchObject({
      status: 403,
    });
    expect(await as('keeper', 'POST', '/v1/dead-letters/redrive', {})).toMatchObject({
      status: 202,
      body: { offered: 1, waiting: 1 },
    });
    expect(letters(await as('keeper', 'GET', '/v1/dead-letters?groupBy=reason,model'))).toMatchObject([{ count: 1 }]);
  });

  it('describes every route, parameter and property of itself', async () => {
    const { body } = await ledger.send('GET', '/openapi.json');
    const paths = body['paths'] as Record<
      string,
      Record<string, { summary?: string; parameters?: { name: string; description?: string }[] }>
    >;
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(routes).toEqual(
      expect.arrayContaining([
        'get /v1/platforms',
        'put /v1/platforms/{platform}/rulebook',
        'get /v1/platforms/{platform}/rulebook',
        'post /v1/platforms/{platform}/rulebook/validate',
        'post /v1/platforms/{platform}/quotes',
        'post /v1/platforms/{platform}/accounts',
        'get /v1/platforms/{platform}/accounts/{account}',
        'patch /v1/platforms/{platform}/accounts/{account}',
        'post /v1/platforms/{platform}/accounts/{account}/recharges',
        'post /v1/platforms/{platform}/accounts/{account}/grants',
        'post /v1/platforms/{platform}/accounts/{account}/keys',
        'get /v1/platforms/{platform}/accounts/{account}/keys',
        'patch /v1/platforms/{platform}/accounts/{account}/keys/{keyId}',
        'delete /v1/platforms/{platform}/accounts/{account}/keys/{keyId}',
        'get /v1/platforms/{platform}/accounts/{account}/charges',
        'post /v1/platforms/{platform}/accounts/{account}/charges/reversals',
        'get /v1/dead-letters',
        'post /v1/dead-letters/{id}/redrive',
      ]),
    );
    const undescribed: string[] = [];
    for (const [path, methods] of Object.entries(paths))
      for (const [method, operation] of Object.entries(methods)) {
        if (!operation.summary) undescribed.push(`${method} ${path}`);
        for (const { name, description } of operation.parameters ?? [])
          if (!description) undescribed.push(`${method} ${path}: ${name}`);
      }
    const { schemas } = body['components'] as {
      schemas: Record<string, { properties?: Record<string, { description?: string }> }>;
    };
    for (const [name, { properties = {} }] of Object.entries(schemas).filter(([known]) => known !== 'Problem'))
      for (const [property, { description }] of Object.entries(properties))
        if (!description) undescribed.push(`${name}.${property}`);
    expect(undescribed).toEqual([]);
  });
});
