import { formatInstant } from '@meterbook/domain/time/instant';
import { rulebook } from '../testing/embedded-ledger';
import { LedgerApp } from '../testing/ledger-app';

const DAY_MS = 86_400_000;
const plans = [
  { id: 'starter', price: '10', baseCredits: '1000', backup: '3', models: ['*'] },
  { id: 'premium', price: '25', baseCredits: '2500', backup: '3', models: ['*'] },
];
const start = { paymentRef: 'p1', plan: 'starter', kind: 'auto-renew', provider: 'manual' };
const renewal = { paymentRef: 'p2', provider: 'manual' };
const change = { paymentRef: 'p3', plan: 'premium', provider: 'manual' };
const full = (credits: string) => ({ granted: credits, used: '0', remaining: credits });

describe('the routes of a subscription', () => {
  let ledger: LedgerApp;
  let accounts = 0;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish({ ...rulebook, creditsPerUnit: '100', plans });
  });
  afterAll(() => ledger.close());

  const ago = (days: number) => formatInstant(ledger.clock.now() - days * DAY_MS);
  const opened = async (): Promise<string> => {
    const account = `a${++accounts}`;
    await ledger.on('POST', '/accounts', { account, occurredAt: ago(60) });
    return `/accounts/${account}`;
  };
  const started = async (days: number): Promise<string> => {
    const path = await opened();
    await ledger.on('POST', `${path}/subscription`, { ...start, occurredAt: ago(days) });
    return path;
  };

  it('start a plan, and answer the same payment as they did', async () => {
    const path = await opened();
    const body = { ...start, occurredAt: '2026-01-01T00:00:00Z' };
    const early = await ledger.on('POST', '/accounts', { account: 'early', occurredAt: '2025-12-01T00:00:00Z' });
    expect(early.status).toBe(201);
    const first = await ledger.on('POST', '/accounts/early/subscription', body);
    expect(first).toMatchObject({ status: 201 });
    expect(first.body).toEqual({
      plan: 'starter',
      kind: 'auto-renew',
      periodStart: '2026-01-01T00:00:00.000Z',
      periodEnd: '2026-01-31T00:00:00.000Z',
      pools: { main: full('1200'), backup: full('3000') },
    });
    const again = await ledger.on('POST', '/accounts/early/subscription', body);
    expect(again).toMatchObject({ status: 200, headers: { 'idempotency-hit': 'true' } });
    expect(again.body).toEqual(first.body);
    const other = await ledger.on('POST', '/accounts/early/subscription', { ...body, plan: 'premium' });
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } });
    expect((await ledger.on('GET', path)).body['subscription']).toBeNull();
  });

  it('renew it: what is carried on is shown as it stood, and again so later', async () => {
    const path = await started(20);
    await ledger.use(path.slice('/accounts/'.length), 'u1', { units: { requests: 13 } });
    await ledger.charged(path.slice('/accounts/'.length), 'u1');
    const first = await ledger.on('POST', `${path}/subscription/renewals`, renewal);
    expect(first).toMatchObject({ status: 201, body: { pools: { main: full('1200'), backup: full('2900') } } });
    await ledger.use(path.slice('/accounts/'.length), 'u2');
    await ledger.charged(path.slice('/accounts/'.length), 'u2');
    expect((await ledger.on('POST', `${path}/subscription/renewals`, renewal)).body).toEqual(first.body);
  });

  it('show the account with its pools and its plan, and what a charge drew of it', async () => {
    const path = await started(1);
    await ledger.use(path.slice('/accounts/'.length), 'u1', { units: { requests: 13 } });
    expect(await ledger.charged(path.slice('/accounts/'.length), 'u1')).toMatchObject({
      plan: 'starter',
      draws: [
        { from: 'main', credits: '1200' },
        { from: 'backup', credits: '100' },
      ],
      limitedBy: null,
    });
    expect((await ledger.on('GET', path)).body).toMatchObject({
      available: '29',
      pools: { main: { granted: '1200', used: '1200', remaining: '0' }, backup: { remaining: '2900' } },
      subscription: {
        plan: 'starter',
        kind: 'auto-renew',
        status: 'active',
        cancelAtPeriodEnd: false,
        budget: null,
        caps: { daily: null, weekly: null },
      },
    });
    expect((await ledger.on('GET', `${path}?asOf=${ago(0.5)}`)).body).toMatchObject({
      available: '42',
      pools: { main: { used: '0' } },
      basis: 'occurred',
    });
    expect((await ledger.on('GET', `${path}?asOf=${ago(2)}`)).body['subscription']).toBeNull();
  });

  it('quote a switch and make it: both show the same', async () => {
    const path = await started(7);
    const occurredAt = ago(0);
    const quote = await ledger.on('GET', `${path}/subscription/switch-quote?plan=premium&at=${occurredAt}`);
    expect(quote).toMatchObject({ status: 200, body: { from: 'starter', to: 'premium', currency: 'CNY' } });
    const made = await ledger.on('POST', `${path}/subscription/switch`, { ...change, occurredAt });
    expect(made).toMatchObject({ status: 201, body: { proration: { oldPrice: '10', newPrice: '25', tokens: '0' } } });
    expect(made.body).toEqual(quote.body);
    expect((await ledger.on('GET', path)).body).toMatchObject({
      wallet: made.body['credit'],
      subscription: { plan: 'premium' },
    });
    const repeated = await ledger.on('POST', `${path}/subscription/switch`, { ...change, occurredAt });
    expect(repeated.body).toEqual(made.body);
  });

  it('cancel it, as often as they are asked, until it is over', async () => {
    const path = await started(10);
    const first = await ledger.on('DELETE', `${path}/subscription?occurredAt=${ago(5)}`);
    expect(first).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect((await ledger.on('DELETE', `${path}/subscription`)).body).toEqual(first.body);
    expect((await ledger.on('GET', path)).body).toMatchObject({
      subscription: { cancelAtPeriodEnd: true, periodEnd: first.body['endsAt'] },
    });
    const late = await ledger.on('POST', `${path}/subscription/renewals`, renewal);
    expect(late).toMatchObject({ status: 409, body: { code: 'not_renewable' } });
    const over = await started(50);
    const nothing = await ledger.on('DELETE', `${over}/subscription`);
    expect(nothing).toMatchObject({ status: 409, body: { code: 'no_subscription' } });
  });

  it.each([
    ['a plan that is not there', { plan: 'none' }, 422, 'unknown_plan'],
    ['a provider that is not there', { provider: 'stripe' }, 422, 'provider_unsupported'],
    ['a kind that is none', { kind: 'weekly' }, 422, 'invalid_request'],
    ['more than it asks for', { price: '1' }, 422, 'invalid_request'],
  ])('refuse %s', async (_what, wrong, status, code) => {
    const path = await opened();
    const answer = await ledger.on('POST', `${path}/subscription`, { ...start, ...wrong });
    expect(answer).toMatchObject({ status, body: { code } });
    expect((await ledger.on('GET', path)).body['revision']).toBe(0);
  });

  it('take each payment once, however many send it at once', async () => {
    const path = await opened();
    const body = { ...start, occurredAt: ago(1) };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ledger.on('POST', `${path}/subscription`, body)),
    );
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect((await ledger.on('GET', path)).body['revision']).toBe(1);
  });
});
