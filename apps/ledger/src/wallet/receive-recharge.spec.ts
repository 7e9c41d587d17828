import { LedgerApp } from '../testing/ledger-app';

const payment = { rechargeId: 'r1', provider: 'manual', amount: '100', currency: 'CNY' };

describe('POST recharges', () => {
  let ledger: LedgerApp;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish({
      platform: 'apibox',
      currency: 'CNY',
      fx: [{ pair: 'USD/CNY', rate: '7.3' }],
      tiers: [{ id: 'default', rank: 1 }],
      groups: [{ id: 'default', models: ['*'] }],
      providers: { manual: {}, creem: { minimumRecharge: '5' } },
      models: [{ id: 'gpt', group: 'default', price: { mode: 'request', unit: '1' } }],
    });
  });
  afterAll(() => ledger.close());

  it('credits a payment and opens the account by it', async () => {
    expect(await ledger.on('POST', '/accounts/first/recharges', payment)).toMatchObject({
      status: 201,
      body: {
        rechargeId: 'r1',
        credited: '100',
        currency: 'CNY',
        paid: { amount: '100', currency: 'CNY' },
        fxRate: null,
        receivableSettled: '0',
      },
    });
    expect(await ledger.on('GET', '/accounts/first')).toMatchObject({
      status: 200,
      body: { wallet: '100', revision: 1 },
    });
  });

  it('answers a repeat with the first answer', async () => {
    const first = await ledger.on('POST', '/accounts/twice/recharges', payment);
    const again = await ledger.on('POST', '/accounts/twice/recharges', { ...payment, rechargeId: 'r1' });
    expect(first.headers['idempotency-hit']).toBeUndefined();
    expect(again).toMatchObject({ status: 200, headers: { 'idempotency-hit': 'true' } });
    expect(again.body).toEqual(first.body);
    expect((await ledger.on('GET', '/accounts/twice')).body['wallet']).toBe('100');
  });

  it('knows a repeat before it looks at the time or the rules', async () => {
    await ledger.on('POST', '/accounts/order/recharges', { ...payment, occurredAt: '2026-01-01T00:00:00Z' });
    await ledger.on('POST', '/accounts/order/recharges', { ...payment, rechargeId: 'r2' });
    const again = await ledger.on('POST', '/accounts/order/recharges', {
      ...payment,
      occurredAt: '2026-01-01T00:00:00Z',
    });
    expect(again.status).toBe(200);
  });

  it('converts a foreign payment and says at which rate', async () => {
    const answer = await ledger.on('POST', '/accounts/foreign/recharges', {
      ...payment,
      amount: '10',
      currency: 'USD',
    });
    expect(answer.body).toMatchObject({
      credited: '73',
      currency: 'CNY',
      paid: { amount: '10', currency: 'USD' },
      fxRate: '7.3',
    });
  });

  it.each([
    ['other content under the same id', { ...payment, amount: '101' }, 409, 'idempotency_conflict'],
    [
      'an unknown provider',
      { ...payment, rechargeId: 'x', provider: 'stripe', currency: 'EUR' },
      422,
      'provider_unsupported',
    ],
    ['a currency without a rate', { ...payment, rechargeId: 'x', currency: 'EUR' }, 422, 'currency_unsupported'],
    [
      'less than the minimum',
      { ...payment, rechargeId: 'x', provider: 'creem', amount: '4.99' },
      422,
      'below_minimum_recharge',
    ],
    ['an amount that is a number', { ...payment, rechargeId: 'x', amount: 100 }, 400, 'invalid_amount'],
    ['an amount that is spelled otherwise', { ...payment, rechargeId: 'x', amount: '10.00' }, 400, 'invalid_amount'],
    ['nothing', { ...payment, rechargeId: 'x', amount: '0' }, 400, 'invalid_amount'],
    ['a property that is not known', { ...payment, rechargeId: 'x', note: 'hi' }, 422, 'invalid_request'],
    ['a payment without an id', { ...payment, rechargeId: undefined }, 422, 'invalid_request'],
    ['the future', { ...payment, rechargeId: 'x', occurredAt: '2999-01-01T00:00:00Z' }, 422, 'occurred_at_in_future'],
    [
      'the time before the last command',
      { ...payment, rechargeId: 'x', occurredAt: '2025-01-01T00:00:00Z' },
      422,
      'occurred_at_out_of_order',
    ],
    [
      'the time before the first rulebook',
      { ...payment, rechargeId: 'x', occurredAt: '2019-01-01T00:00:00Z' },
      422,
      'occurred_at_out_of_order',
    ],
  ])('refuses %s, and leaves no trace', async (_, body, status, code) => {
    await ledger.on('POST', '/accounts/refused/recharges', payment);
    const before = await ledger.on('GET', '/accounts/refused');
    expect(await ledger.on('POST', '/accounts/refused/recharges', body)).toMatchObject({
      status,
      body: { status, code },
    });
    expect((await ledger.on('GET', '/accounts/refused')).body).toEqual(before.body);
  });

  it('does not open an account by a payment that is refused', async () => {
    await ledger.on('POST', '/accounts/ghost/recharges', { ...payment, provider: 'stripe' });
    expect(await ledger.on('GET', '/accounts/ghost')).toMatchObject({ status: 404, body: { code: 'unknown_account' } });
  });

  it('knows no platform without a rulebook, whatever is sent to it', async () => {
    expect(await ledger.send('POST', '/v1/platforms/nowhere/accounts/a/recharges', { nonsense: 1 })).toMatchObject({
      status: 404,
      body: { code: 'unknown_platform' },
    });
  });

  it('refuses an account that no account can be called', async () => {
    expect(await ledger.on('POST', '/accounts/a%2Fb/recharges', payment)).toMatchObject({
      status: 422,
      body: { code: 'invalid_request', errors: [{ pointer: '/account' }] },
    });
  });

  it('credits one of a hundred equal payments at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => ledger.on('POST', '/accounts/crowd/recharges', payment)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(99);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect((await ledger.on('GET', '/accounts/crowd')).body['wallet']).toBe('100');
  });

  it('credits every payment of many through two processes, exactly', async () => {
    await ledger.startProcess();
    const send = (i: number) =>
      ledger.on('POST', '/accounts/shared/recharges', { ...payment, rechargeId: `r${i}`, amount: '0.1' }, i % 2);
    const look = (i: number) => ledger.on('GET', '/accounts/shared', undefined, i % 2);
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => [send(i), look(i)]).flat());
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(200);
    for (const process of [0, 1]) {
      const view = await ledger.on('GET', '/accounts/shared', undefined, process);
      expect(view.body).toMatchObject({ wallet: '20', revision: 200 });
    }
  });
});
