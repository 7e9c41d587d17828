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
    expect(again.body).toEqual({ ...key, labels: {} });
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
    expect((await ledger.on('PATCH', '/accounts/a3/keys/k1', { group: null })).body['group']).toBeNull();
  });

  it('have labels for their usage, which a change replaces whole or leaves alone', async () => {
    await open('labels');
    const labels = { team: 'core', project: 'a' };
    const issued = await ledger.on('POST', '/accounts/labels/keys', { ...key, labels });
    expect(issued).toMatchObject({ status: 201, body: { ...key, labels } });
    expect((await ledger.on('POST', '/accounts/labels/keys', { ...key, labels })).body).toEqual({ ...key, labels });
    expect(await ledger.on('POST', '/accounts/labels/keys', key)).toMatchObject({
      status: 409,
      body: { code: 'idempotency_conflict' },
    });
    await ledger.use('labels', 'u1', { apiKeyId: 'k1', labels: { team: 'search' } });
    expect(await ledger.charged('labels', 'u1')).toMatchObject({ labels: { team: 'search', project: 'a' } });
    const patch = async (change: unknown) => (await ledger.on('PATCH', '/accounts/labels/keys/k1', change)).body;
    expect(await patch({ group: 'vip' })).toEqual({ ...key, group: 'vip', labels });
    expect(await patch({ labels: { team: 'ads' } })).toEqual({ ...key, group: 'vip', labels: { team: 'ads' } });
    await ledger.use('labels', 'u2', { apiKeyId: 'k1' });
    expect(await ledger.charged('labels', 'u2')).toMatchObject({ labels: { team: 'ads' } });
    expect(await patch({ labels: null, group: null })).toEqual({ ...key, group: null, labels: {} });
    await ledger.use('labels', 'u3', { apiKeyId: 'k1' });
    expect(await ledger.charged('labels', 'u3')).toMatchObject({ labels: {}, cost: '1', plan: null, apiKeyId: 'k1' });
    expect((await ledger.on('GET', '/accounts/labels/keys')).body).toMatchObject({ items: [{ labels: {} }] });
  });

  it.each([
    ['names nothing', {}],
    ['names nothing but a time', { occurredAt: '2026-01-02T00:00:00Z' }],
    ['names what is not known', { group: 'vip', colour: 'red' }],
    ['has labels that are no object', { labels: ['team'] }],
    ['has a label of a bad name', { labels: { Team: 'a' } }],
    ['has a label that is no text', { labels: { team: 7 } }],
    ['has an empty label', { labels: { team: '' } }],
    ['has a label that is too long', { labels: { team: 'ü'.repeat(33) } }],
    ['has a label that reports use', { labels: { team: '(other)' } }],
    ['has too many labels', { labels: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`l${i}`, 'a'])) }],
  ])('are not changed by what %s', async (_what, change) => {
    await open('wrong');
    await ledger.on('POST', '/accounts/wrong/keys', key);
    expect(await ledger.on('PATCH', '/accounts/wrong/keys/k1', change)).toMatchObject({
      status: 422,
      body: { code: 'invalid_request' },
    });
    expect((await ledger.on('GET', '/accounts/wrong/keys')).body).toMatchObject({ items: [{ ...key, labels: {} }] });
  });

  it('are called by their id where nobody names them', async () => {
    await open('nameless');
    expect((await ledger.on('POST', '/accounts/nameless/keys', { keyId: 'k1' })).body).toMatchObject({ name: 'k1' });
  });

  it('are revoked for good, as often as one likes, and still pay for what occurred', async () => {
    await open('a4');
    await ledger.on('POST', '/accounts/a4/keys', key);
    expect((await ledger.on('DELETE', '/accounts/a4/keys/k1?occurredAt=2026-01-01T00:00:00Z')).status).toBe(422);
    expect((await ledger.on('DELETE', '/accounts/a4/keys/k1')).status).toBe(204);
    expect((await ledger.on('DELETE', '/accounts/a4/keys/k1')).status).toBe(204);
    expect((await ledger.on('GET', '/accounts/a4/keys')).body).toEqual({
      items: [{ ...key, labels: {}, revoked: true }],
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
    ['POST', '/accounts/a6/keys', { name: 'x' }, 422, 'invalid_request'],
    ['PATCH', '/accounts/a6/keys/k1', { group: 'nope' }, 422, 'unknown_group'],
    ['PATCH', '/accounts/a6/keys/none', { group: 'vip' }, 404, 'unknown_api_key'],
    ['PATCH', '/accounts/a6/keys/none', { labels: null }, 404, 'unknown_api_key'],
    ['PATCH', '/accounts/a6/keys/none', {}, 422, 'invalid_request'],
    ['DELETE', '/accounts/a6/keys/none', undefined, 404, 'unknown_api_key'],
    ['GET', '/accounts/nobody/keys', undefined, 404, 'unknown_account'],
    ['POST', '/accounts/nobody/keys', key, 404, 'unknown_account'],
  ] as const)('answer %s %s with %j by a refusal', async (method, path, body, status, code) => {
    await open('a6');
    await ledger.on('POST', '/accounts/a6/keys', key);
    expect(await ledger.on(method, path, body)).toMatchObject({ status, body: { code } });
  });
});
