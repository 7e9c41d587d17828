import { rulebook } from '../testing/embedded-ledger';
import { LedgerApp } from '../testing/ledger-app';

const gift = { grantId: 'g1', amount: '10', reason: 'gift' };

describe('POST grants', () => {
  let ledger: LedgerApp;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish({
      ...rulebook,
      starterGrant: { amount: '3', reason: 'trial', expiresAfterDays: 7, automatic: false },
    });
  });
  afterAll(() => ledger.close());

  const open = (account: string) => ledger.on('POST', '/accounts', { account, occurredAt: '2026-01-01T00:00:00Z' });

  it('gives credit that expires when it says', async () => {
    await open('a1');
    const body = { ...gift, occurredAt: '2026-01-02T00:00:00Z', expiresAt: '2026-02-01T01:00:00+01:00' };
    expect(await ledger.on('POST', '/accounts/a1/grants', body)).toMatchObject({
      status: 201,
      body: {
        grantId: 'g1',
        granted: '10',
        currency: 'CNY',
        expiresAt: '2026-02-01T00:00:00.000Z',
        receivableSettled: '0',
      },
    });
    expect((await ledger.on('GET', '/accounts/a1?asOf=2026-01-31T23:59:59Z')).body['wallet']).toBe('10');
    expect((await ledger.on('GET', '/accounts/a1?asOf=2026-02-01T00:00:00Z')).body['wallet']).toBe('0');
  });

  it('lets the starter grant be claimed once, by its reason', async () => {
    await open('a2');
    const claim = { grantId: 'g1', reason: 'trial', occurredAt: '2026-01-02T00:00:00Z' };
    expect(await ledger.on('POST', '/accounts/a2/grants', claim)).toMatchObject({
      status: 201,
      body: { granted: '3', expiresAt: '2026-01-09T00:00:00.000Z' },
    });
    expect(await ledger.on('POST', '/accounts/a2/grants', claim)).toMatchObject({
      status: 200,
      headers: { 'idempotency-hit': 'true' },
    });
    expect(await ledger.on('POST', '/accounts/a2/grants', { ...claim, grantId: 'g2' })).toMatchObject({
      status: 409,
      body: { code: 'already_claimed' },
    });
  });

  it('settles what the account owes first', async () => {
    await open('a3');
    await ledger.use('a3', 'u1', { units: { requests: 4 } });
    await ledger.charged('a3', 'u1');
    expect(await ledger.on('POST', '/accounts/a3/grants', gift)).toMatchObject({
      status: 201,
      body: { receivableSettled: '4' },
    });
    expect((await ledger.on('GET', '/accounts/a3')).body).toMatchObject({ wallet: '6', receivable: '0' });
  });

  it.each([
    ['other content under the same id', { ...gift, reason: 'other' }, 409, 'idempotency_conflict'],
    ['a claim of nothing', { grantId: 'x', reason: 'no such reason' }, 422, 'invalid_request'],
    ['what has expired already', { ...gift, grantId: 'x', expiresAt: '2020-01-01T00:00:00Z' }, 422, 'invalid_request'],
    ['an amount that is a number', { ...gift, grantId: 'x', amount: 1 }, 400, 'invalid_amount'],
    ['nothing', { ...gift, grantId: 'x', amount: '0' }, 400, 'invalid_amount'],
    ['a missing reason', { grantId: 'x', amount: '1' }, 422, 'invalid_request'],
  ])('refuses %s', async (_, body, status, code) => {
    await open('a4');
    await ledger.on('POST', '/accounts/a4/grants', gift);
    expect(await ledger.on('POST', '/accounts/a4/grants', body)).toMatchObject({ status, body: { code } });
    expect((await ledger.on('GET', '/accounts/a4')).body['wallet']).toBe('10');
  });

  it('opens no account', async () => {
    expect(await ledger.on('POST', '/accounts/nobody/grants', gift)).toMatchObject({
      status: 404,
      body: { code: 'unknown_account' },
    });
  });
});
