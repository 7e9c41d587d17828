import { LedgerApp } from '../testing/ledger-app';

describe('POST quotes', () => {
  let ledger: LedgerApp;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish({
      platform: 'apibox',
      currency: 'CNY',
      tiers: [
        { id: 'default', rank: 1 },
        { id: 'vip', rank: 2, discount: '0.8' },
      ],
      groups: [
        { id: 'default', models: ['*'] },
        { id: 'big', multiplier: '3', models: ['*'] },
      ],
      channels: [{ id: 'relay', discount: '0.5' }],
      models: [
        {
          id: 'gpt',
          group: 'default',
          price: { mode: 'request', unit: '1' },
          fieldMultipliers: [{ field: 'priority', equals: 'high', multiplier: '2' }],
        },
        { id: 'video', group: 'default', price: { mode: 'second', unit: '0.1' } },
      ],
    });
    await ledger.on('POST', '/accounts', { account: 'a' });
    await ledger.on('PATCH', '/accounts/a', { tier: 'vip' });
    await ledger.on('POST', '/accounts', { account: 'enterprise' });
    await ledger.on('PATCH', '/accounts/enterprise', { customMultiplier: '0.1' });
  });
  afterAll(() => ledger.close());

  const quote = (body: Readonly<Record<string, unknown>>) =>
    ledger.on('POST', '/quotes', { model: 'gpt', units: {}, ...body });

  it('prices for the first tier, and says where each factor came from', async () => {
    expect(
      await quote({ group: 'big', channel: 'relay', fields: { priority: 'high' }, units: { requests: 2 } }),
    ).toMatchObject({
      status: 200,
      body: {
        amount: '6',
        unrounded: '6',
        currency: 'CNY',
        tier: 'default',
        group: 'big',
        rulebookVersion: 1,
        factors: [
          { name: 'field', value: '2' },
          { name: 'channelDiscount', value: '0.5' },
          { name: 'groupMultiplier', value: '3' },
        ],
        explain: expect.stringContaining('= 6 CNY') as string,
      },
    });
  });

  it.each([
    [{ tier: 'vip' }, '0.8', 'vip'],
    [{ account: 'a' }, '0.8', 'vip'],
    [{ account: 'a', tier: 'default' }, '1', 'default'],
    [{ account: 'enterprise', group: 'big' }, '0.1', 'default'],
    [{ model: 'video', units: { seconds: '2.5' } }, '0.25', 'default'],
    [{ group: null, channel: null, fields: null, tier: null, account: null, at: null }, '1', 'default'],
  ])('prices %j at %s', async (body, amount, tier) => {
    expect((await quote(body)).body).toMatchObject({ amount, tier });
  });

  it('prices by the version in force at the instant asked for', async () => {
    const next = {
      ...((await ledger.on('GET', '/rulebook')).body['rulebook'] as object),
      effectiveFrom: '2998-01-01T00:00:00Z',
    };
    const models = [{ id: 'gpt', group: 'default', price: { mode: 'request', unit: '7' } }];
    expect(await ledger.on('PUT', '/rulebook', { ...next, models })).toMatchObject({ status: 201 });
    expect((await quote({})).body).toMatchObject({ amount: '1', rulebookVersion: 1 });
    expect((await quote({ at: '2998-01-01T00:00:00Z' })).body).toMatchObject({ amount: '7', rulebookVersion: 2 });
  });

  it.each([
    [{ model: 'nope', tier: 'nope' }, 404, 'unknown_model'],
    [{ account: 'nobody' }, 404, 'unknown_account'],
    [{ tier: 'nope' }, 422, 'unknown_tier'],
    [{ group: 'nope' }, 422, 'unknown_group'],
    [{ channel: 'nope' }, 422, 'unknown_channel'],
    [{ units: { bananas: 1 } }, 422, 'unknown_unit'],
    [{ model: 'video' }, 422, 'missing_units'],
    [{ at: '2019-01-01T00:00:00Z' }, 422, 'no_rulebook'],
    [{ units: { requests: -1 } }, 422, 'invalid_request'],
    [{ units: { requests: 0.5 } }, 422, 'invalid_request'],
    [{ units: [] }, 422, 'invalid_request'],
    [{ units: undefined }, 422, 'invalid_request'],
    [{ fields: { priority: 1 } }, 422, 'invalid_request'],
    [{ note: 'x' }, 422, 'invalid_request'],
  ])('refuses %j', async (body, status, code) => {
    expect(await quote(body)).toMatchObject({ status, body: { code } });
  });

  it('knows no platform without a rulebook', async () => {
    expect(await ledger.send('POST', '/v1/platforms/nowhere/quotes', { model: 'gpt', units: {} })).toMatchObject({
      status: 404,
      body: { code: 'unknown_platform' },
    });
  });
});
