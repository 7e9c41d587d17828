import { rulebook } from '../testing/embedded-ledger';
import { LedgerApp } from '../testing/ledger-app';

describe('GET accounts', () => {
  let ledger: LedgerApp;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish({ ...rulebook, fx: [{ pair: 'USD/CNY', rate: '7.3' }] });
  });
  afterAll(() => ledger.close());

  const recharge = (account: string, rechargeId: string, amount: string, occurredAt: string) =>
    ledger.on('POST', `/accounts/${account}/recharges`, {
      rechargeId,
      provider: 'manual',
      amount,
      currency: 'CNY',
      occurredAt,
    });

  it('shows what had occurred by a past instant', async () => {
    await recharge('a1', 'r1', '10', '2026-02-01T00:00:00Z');
    await recharge('a1', 'r2', '5', '2026-03-01T00:00:00Z');
    const walletAt = async (asOf: string) => (await ledger.on('GET', `/accounts/a1?asOf=${asOf}`)).body['wallet'];
    expect(await walletAt('2026-02-01T00:00:00Z')).toBe('10');
    expect(await walletAt('2026-02-28T23:59:59.999Z')).toBe('10');
    expect(await walletAt('2026-03-01T00:00:00.000Z')).toBe('15');
    expect(await walletAt('2026-03-01T08:00:00%2B08:00')).toBe('15');
  });

  it('knows no account before its opening, and no future', async () => {
    await recharge('a2', 'r1', '10', '2026-02-01T00:00:00Z');
    expect(await ledger.on('GET', '/accounts/a2?asOf=2026-01-31T23:59:59.999Z')).toMatchObject({
      status: 404,
      body: { code: 'unknown_account' },
    });
    expect(await ledger.on('GET', '/accounts/a2?asOf=2999-01-01T00:00:00Z')).toMatchObject({
      status: 422,
      body: { code: 'invalid_request', errors: [{ pointer: '/asOf' }] },
    });
  });

  it('shows the money in another currency', async () => {
    await recharge('a3', 'r1', '10', '2026-02-01T00:00:00Z');
    const shown = await ledger.on('GET', '/accounts/a3?display=USD');
    expect(shown.body).toMatchObject({
      wallet: '10',
      currency: 'CNY',
      display: { currency: 'USD', wallet: '1.37', receivable: '0' },
    });
    expect(await ledger.on('GET', '/accounts/a3?display=EUR')).toMatchObject({
      status: 422,
      body: { code: 'currency_unsupported' },
    });
    expect((await ledger.on('GET', '/accounts/a3')).body).not.toHaveProperty('display');
  });

  it('shows what another process wrote a moment ago', async () => {
    await ledger.startProcess();
    for (let i = 0; i < 20; i++) {
      const body = { rechargeId: `r${i}`, provider: 'manual', amount: '1', currency: 'CNY' };
      await ledger.on('POST', '/accounts/a4/recharges', body, i % 2);
      const views = await Promise.all(
        [0, 1, 0, 1].map((process) => ledger.on('GET', '/accounts/a4', undefined, process)),
      );
      expect(views.map((view) => view.body['wallet'])).toEqual(Array(4).fill(String(i + 1)));
    }
  });

  it.each([
    ['/accounts/nobody', 404, 'unknown_account'],
    ['/accounts/a%20b', 404, 'unknown_account'],
    ['/accounts/nobody?asOf=2026-01-01T00:00:00Z', 404, 'unknown_account'],
    ['/accounts/a3?asOf=yesterday', 422, 'invalid_request'],
    ['/accounts/a3?asOf=', 422, 'invalid_request'],
    ['/accounts/a3?at=2026-01-01T00:00:00Z', 422, 'invalid_request'],
  ])('refuses %s', async (path, status, code) => {
    expect(await ledger.on('GET', path)).toMatchObject({ status, body: { code } });
  });

  it('knows no platform without a rulebook', async () => {
    for (const platform of ['nowhere', 'Nowhere', 'a%2Fb'])
      expect(await ledger.send('GET', `/v1/platforms/${platform}/accounts/a3`)).toMatchObject({
        status: 404,
        body: { code: 'unknown_platform' },
      });
  });
});
