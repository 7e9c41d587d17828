import type { AccountEvent } from '@meterbook/domain/account/events';
import { decodeMetadata } from '@meterbook/books/event-codec';
import { LedgerApp } from '../testing/ledger-app';
import { rulebook } from '../testing/embedded-ledger';

const starter = { amount: '10', reason: 'trial', automatic: true };

describe('POST accounts', () => {
  let ledger: LedgerApp;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish({ ...rulebook, fx: [{ pair: 'USD/CNY', rate: '7.3' }], starterGrant: starter });
  });
  afterAll(() => ledger.close());

  it('opens an account with the starter grant that is given by itself', async () => {
    expect(await ledger.on('POST', '/accounts', { account: 'a1' })).toMatchObject({
      status: 201,
      body: {
        platform: 'apibox',
        account: 'a1',
        tier: 'default',
        priority: { level: 1, name: 'default' },
        currency: 'CNY',
        wallet: '10',
        frozen: '0',
        held: '0',
        available: '10',
        receivable: '0',
        payAsYouGo: false,
        subscription: null,
        customMultiplier: null,
        limits: null,
        suspended: false,
        revision: 1,
      },
    });
  });

  it('leaves an account that is open as it is', async () => {
    await ledger.on('POST', '/accounts', { account: 'a2' });
    await ledger.on('POST', '/accounts/a2/grants', { grantId: 'g1', amount: '5', reason: 'gift' });
    expect(await ledger.on('POST', '/accounts', { account: 'a2' })).toMatchObject({
      status: 200,
      body: { wallet: '15', revision: 2 },
    });
  });

  it('opens one account however many ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => ledger.on('POST', '/accounts', { account: 'a3' })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
  });

  it('shows it in another currency, and writes nothing where there is no rate', async () => {
    const shown = await ledger.on('POST', '/accounts?display=USD', { account: 'a4' });
    expect(shown.body['display']).toEqual({
      currency: 'USD',
      rate: '0.13698630137',
      wallet: '1.37',
      available: '1.37',
      receivable: '0',
    });
    expect(await ledger.on('POST', '/accounts?display=EUR', { account: 'a5' })).toMatchObject({
      status: 422,
      body: { code: 'currency_unsupported' },
    });
    expect(await ledger.on('GET', '/accounts/a5')).toMatchObject({ status: 404 });
  });

  it.each([
    ['a name that none can have', { account: 'a b' }, 'invalid_request', '/account'],
    ['no name', {}, 'invalid_request', '/account'],
    ['a time that is none', { account: 'a6', occurredAt: 'yesterday' }, 'invalid_request', '/occurredAt'],
  ])('refuses %s', async (_, body, code, pointer) => {
    expect(await ledger.on('POST', '/accounts', body)).toMatchObject({
      status: 422,
      body: { code, errors: [{ pointer }] },
    });
  });

  it('refuses a time before the first rulebook, and the future', async () => {
    expect(await ledger.on('POST', '/accounts', { account: 'a7', occurredAt: '2019-01-01T00:00:00Z' })).toMatchObject({
      status: 422,
      body: { code: 'no_rulebook' },
    });
    expect(await ledger.on('POST', '/accounts', { account: 'a7', occurredAt: '2999-01-01T00:00:00Z' })).toMatchObject({
      status: 422,
      body: { code: 'occurred_at_in_future' },
    });
  });

  it('notes who asked, by which request and in which trace', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const opened = await ledger.send(
      'POST',
      '/v1/platforms/apibox/accounts',
      { account: 'a8' },
      { headers: { traceparent } },
    );
    await ledger.send(
      'POST',
      '/v1/platforms/apibox/accounts',
      { account: 'a9' },
      { headers: { traceparent: 'nonsense' } },
    );
    const [first] = await ledger.stored('account-apibox/a8');
    const [other] = await ledger.stored('account-apibox/a9');
    expect(first && decodeMetadata(first)).toEqual({
      actor: 'anonymous',
      request: opened.headers['x-request-id'],
      traceparent,
    });
    expect(other && Object.keys(decodeMetadata(other))).toEqual(['actor', 'request']);
    expect(first?.type).toBe('AccountOpened' satisfies AccountEvent['type']);
  });
});
