import { rulebook } from '../testing/embedded-ledger';
import { LedgerApp } from '../testing/ledger-app';

describe('PATCH accounts', () => {
  let ledger: LedgerApp;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish({
      ...rulebook,
      tiers: [
        { id: 'default', rank: 1 },
        { id: 'pro', rank: 2, priority: { level: 7, name: 'high' } },
      ],
      wallet: { requiresOptIn: true },
    });
  });
  afterAll(() => ledger.close());

  it('changes what is sent, and nothing else', async () => {
    await ledger.on('POST', '/accounts', { account: 'a1' });
    const all = {
      customMultiplier: '0.5',
      limits: { requestsPerMinute: 5, requestsPerDay: null },
      suspended: true,
      tier: 'pro',
    };
    expect(await ledger.on('PATCH', '/accounts/a1', all)).toMatchObject({
      status: 200,
      body: { ...all, priority: { level: 7, name: 'high' }, payAsYouGo: false, revision: 1 },
    });
    const back = { customMultiplier: null, limits: null, suspended: false, tier: null };
    expect(await ledger.on('PATCH', '/accounts/a1', back)).toMatchObject({
      status: 200,
      body: { ...back, tier: 'default', revision: 2 },
    });
  });

  it('accepts what changes nothing, whatever its time, and writes nothing', async () => {
    await ledger.on('POST', '/accounts', { account: 'a2' });
    for (const body of [{}, { suspended: false }, { suspended: false, occurredAt: '2000-01-01T00:00:00Z' }])
      expect(await ledger.on('PATCH', '/accounts/a2', body)).toMatchObject({ status: 200, body: { revision: 0 } });
  });

  it('settles what is owed once pay-as-you-go is turned on', async () => {
    await ledger.on('POST', '/accounts/a3/recharges', {
      rechargeId: 'r1',
      provider: 'manual',
      amount: '5',
      currency: 'CNY',
    });
    await ledger.use('a3', 'u1', {}, 1000);
    await ledger.charged('a3', 'u1');
    expect((await ledger.on('GET', '/accounts/a3')).body).toMatchObject({
      wallet: '5',
      available: '0',
      receivable: '1',
    });
    expect(await ledger.on('PATCH', '/accounts/a3', { payAsYouGo: true })).toMatchObject({
      status: 200,
      body: { wallet: '4', available: '4', receivable: '0', payAsYouGo: true },
    });
  });

  it.each([
    ['a tier that the rulebook does not have', { tier: 'gold' }, 422, 'unknown_tier'],
    ['a multiplier that is a number', { customMultiplier: 0.5 }, 400, 'invalid_amount'],
    ['a multiplier below zero', { customMultiplier: '-1' }, 400, 'invalid_amount'],
    ['a flag that is a text', { suspended: 'yes' }, 422, 'invalid_request'],
    ['a flag that is null', { suspended: null }, 422, 'invalid_request'],
    ['half a request a minute', { limits: { requestsPerMinute: 0.5 } }, 422, 'invalid_request'],
    ['a limit that is not known', { limits: { requestsPerHour: 1 } }, 422, 'invalid_request'],
    ['limits that are a list', { limits: [] }, 422, 'invalid_request'],
    ['a property that is not known', { wallet: '5' }, 422, 'invalid_request'],
    ['the future', { suspended: true, occurredAt: '2999-01-01T00:00:00Z' }, 422, 'occurred_at_in_future'],
    [
      'the time before the last command',
      { suspended: true, occurredAt: '2020-01-02T00:00:00Z' },
      422,
      'occurred_at_out_of_order',
    ],
  ])('refuses %s', async (_, body, status, code) => {
    await ledger.on('POST', '/accounts', { account: 'a4' });
    expect(await ledger.on('PATCH', '/accounts/a4', body)).toMatchObject({ status, body: { code } });
    expect((await ledger.on('GET', '/accounts/a4')).body['revision']).toBe(0);
  });

  it('says where a nested value is wrong', async () => {
    const answer = await ledger.on('PATCH', '/accounts/a4', { limits: { requestsPerMinute: -1, perHour: 2 } });
    expect(answer.body['errors']).toMatchObject([
      { pointer: '/limits/perHour', code: 'unknown_property' },
      { pointer: '/limits/requestsPerMinute', code: 'invalid_value' },
    ]);
  });

  it('knows only accounts that were opened', async () => {
    expect(await ledger.on('PATCH', '/accounts/nobody', { suspended: true })).toMatchObject({
      status: 404,
      body: { code: 'unknown_account' },
    });
  });
});
