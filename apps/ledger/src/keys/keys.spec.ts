import { createHash } from 'node:crypto';
import { rulebook } from '../testing/embedded-ledger';
import { LedgerApp } from '../testing/ledger-app';

const key = { keyId: 'k1', name: 'main', group: 'default' };

describe('API keys', () => {
  let ledger: LedgerApp;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish({
      ...rulebook,
      groups: [...rulebook.groups, { id: 'vip', multiplier: '0.8', models: ['*'] }],
    });
  });
  afterAll(() => ledger.close());

  const open = (account: string) => ledger.on('POST', '/accounts', { account, occurredAt: '2026-01-01T00:00:00Z' });

  it('are issued with a secret that is shown once and kept nowhere', async () => {
    await open('a1');
    const issued = await ledger.on('POST', '/accounts/a1/keys', key);
    expect(issued).toMatchObject({
      status: 201,
      body: { ...key, secret: expect.stringMatching(/^mb_[A-Za-z0-9_-]{43}$/) as string },
    });
    const again = await ledger.on('POST', '/accounts/a1/keys', key);
    expect(again).toMatchObject({ status: 200, headers: { 'idempotency-hit': 'true' } });
    expect(again.body).toEqual(key);
    const secret = String(issued.body['secret']);
    const stored = JSON.stringify(await ledger.stored('account-apibox/a1'));
    expect(stored).not.toContain(secret);
    expect(stored).toContain(createHash('sha256').update(secret).digest('base64url'));
    expect(JSON.stringify((await ledger.on('GET', '/accounts/a1/keys')).body)).not.toContain('secret');
  });

  it('may do without a group', async () => {
    await open('a2');
    expect(await ledger.on('POST', '/accounts/a2/keys', { keyId: 'k1', name: 'n' })).toMatchObject({
      status: 201,
      body: { group: null },
    });
  });

  it('price usage by their group, which may change', async () => {
    await open('a3');
    await ledger.on('POST', '/accounts/a3/keys', key);
    await ledger.use('a3', 'u1', { apiKeyId: 'k1' });
    expect(await ledger.charged('a3', 'u1')).toMatchObject({ amount: '1', group: 'default', apiKeyId: 'k1' });
    expect(await ledger.on('PATCH', '/accounts/a3/keys/k1', { group: 'vip' })).toMatchObject({
      status: 200,
      body: { keyId: 'k1', name: 'main', group: 'vip' },
    });
    await ledger.use('a3', 'u2', { apiKeyId: 'k1' });
    expect(await ledger.charged('a3', 'u2')).toMatchObject({ amount: '0.8', group: 'vip' });
    expect((await ledger.on('PATCH', '/accounts/a3/keys/k1', {})).body['group']).toBe('vip');
    expect((await ledger.on('PATCH', '/accounts/a3/keys/k1', { group: null })).body['group']).toBeNull();
  });

  it('are revoked for good, as often as one likes, and still pay for what occurred', async () => {
    await open('a4');
    await ledger.on('POST', '/accounts/a4/keys', key);
    expect((await ledger.on('DELETE', '/accounts/a4/keys/k1?occurredAt=2026-01-01T00:00:00Z')).status).toBe(422);
    expect((await ledger.on('DELETE', '/accounts/a4/keys/k1')).status).toBe(204);
    expect((await ledger.on('DELETE', '/accounts/a4/keys/k1')).status).toBe(204);
    expect((await ledger.on('GET', '/accounts/a4/keys')).body).toEqual({
      items: [{ ...key, revoked: true }],
      next: null,
    });
    await ledger.use('a4', 'u1', { apiKeyId: 'k1' });
    expect(await ledger.charged('a4', 'u1')).toMatchObject({ amount: '1' });
  });

  it('are listed in the order they were issued, page by page', async () => {
    await open('a5');
    for (let i = 0; i < 105; i++) await ledger.on('POST', '/accounts/a5/keys', { ...key, keyId: `k${i}` });
    const first = await ledger.on('GET', '/accounts/a5/keys');
    const second = await ledger.on('GET', `/accounts/a5/keys?cursor=${String(first.body['next'])}`);
    const ids = [first, second].map(({ body }) => (body['items'] as { keyId: string }[]).map(({ keyId }) => keyId));
    expect(ids.map(({ length }) => length)).toEqual([100, 5]);
    expect(ids.flat()).toEqual(Array.from({ length: 105 }, (_, i) => `k${i}`));
    expect(second.body['next']).toBeNull();
    expect(await ledger.on('GET', '/accounts/a5/keys?cursor=x')).toMatchObject({
      status: 422,
      body: { code: 'invalid_request' },
    });
  });

  it.each([
    ['POST', '/accounts/a6/keys', { ...key, name: 'other' }, 409, 'idempotency_conflict'],
    ['POST', '/accounts/a6/keys', { ...key, keyId: 'x', group: 'nope' }, 422, 'unknown_group'],
    ['POST', '/accounts/a6/keys', { keyId: 'x' }, 422, 'invalid_request'],
    ['PATCH', '/accounts/a6/keys/k1', { group: 'nope' }, 422, 'unknown_group'],
    ['PATCH', '/accounts/a6/keys/none', { group: 'vip' }, 404, 'unknown_api_key'],
    ['PATCH', '/accounts/a6/keys/none', {}, 404, 'unknown_api_key'],
    ['DELETE', '/accounts/a6/keys/none', undefined, 404, 'unknown_api_key'],
    ['GET', '/accounts/nobody/keys', undefined, 404, 'unknown_account'],
    ['POST', '/accounts/nobody/keys', key, 404, 'unknown_account'],
  ] as const)('answer %s %s with %j by a refusal', async (method, path, body, status, code) => {
    await open('a6');
    await ledger.on('POST', '/accounts/a6/keys', key);
    expect(await ledger.on(method, path, body)).toMatchObject({ status, body: { code } });
  });
});
