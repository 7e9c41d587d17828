import { Global, Module, type INestApplication } from '@nestjs/common';
import { EventStore } from '@meterbook/event-store/event-store';
import { createHttpApp } from '@meterbook/http/http-app';
import { Health } from '@meterbook/http/health/health';
import { LOOPS } from '@meterbook/host/loops/loop-table';
import { Clock } from '@meterbook/runtime/clock';
import { createLog } from '@meterbook/runtime/log';
import { Random } from '@meterbook/runtime/random';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { toSnapshot } from '@meterbook/domain/account/snapshot';
import { reconcile } from './reconciliation/reconcile';
import { financeLoops } from './finance-loops';
import { financeProjections } from './finance-projections';
import { FinanceModule } from './finance.module';
import { Books } from './testing/books';
import { reportThreadHere } from './testing/report-thread-here';
import { whatIfThreadHere } from './testing/what-if-thread-here';
import { VerificationHere } from './testing/verification-here';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

describe('finance over HTTP', () => {
  let books: Books;
  let app: INestApplication;
  let url: string;
  let abort: AbortController;
  let running: Promise<void>;

  beforeEach(async () => {
    books = new Books('2026-11-20T10:00:00.000Z');
    const { store, clock, financeDirectory } = books;
    @Global()
    @Module({
      providers: [
        { provide: EventStore, useValue: store },
        { provide: Clock, useValue: clock },
        { provide: Random, useValue: new SystemRandom() },
      ],
      exports: [EventStore, Clock, Random],
    })
    class Engines {}
    @Module({
      imports: [
        Engines,
        FinanceModule.register(
          financeDirectory,
          new VerificationHere(store),
          () => reportThreadHere(books),
          whatIfThreadHere(books),
          (task) => reconcile(store, task),
        ),
      ],
    })
    class App {}
    app = await createHttpApp(App, {
      configuration: { HOST: '127.0.0.1', METERBOOK_TOKENS: null },
      log: createLog('fatal'),
      clock,
      random: new SystemRandom(),
      title: 'Finance',
      description: 'Finance.',
    });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
    abort = new AbortController();
    running = financeLoops(store, clock, financeDirectory, createLog('fatal')).projections.run(abort.signal);
    await books.publish('shop');
    await books.open('shop/a');
    await books.recharge('shop/a', 'r1', '100');
    books.clock.set('2026-11-21T10:00:00.000Z');
    await books.charge('shop/a', 'u1', '130');
    books.clock.set('2026-11-21T12:00:00.000Z');
  });
  afterEach(async () => {
    await app.close();
    abort.abort();
    await running;
    await books.destroy();
  });

  const ask = async (path: string, options: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(url + path, options);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  };
  const post = (path: string, body: unknown): Promise<Answer> =>
    ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  /** Until a report of a past instant is final. */
  const settled = async (path: string): Promise<Answer> => {
    for (const deadline = Date.now() + 10_000; ;) {
      const answer = await ask(path);
      if (answer.json['final'] === true || Date.now() > deadline) return answer;
    }
  };
  const trialBalance = '/v1/platforms/shop/finance/trial-balance';

  it('tells in its metrics what usage came to, and which parts are up', async () => {
    await settled(`${trialBalance}?asOf=2026-11-21T11:00:00Z`);
    const { text } = await ask('/metrics');
    expect(text).toMatch(/^meterbook_usage_revenue\{platform="shop",currency="CNY"\} 130$/m);
    expect(text).toMatch(/^meterbook_part_up\{part="finance-projections"\} [01]$/m);
  });

  /** A plan of 30 for ten days, with 1000 credits each; from the second on the backup pool is carried. */
  const pay = (number: number, from: string, to: string, more: object = {}) =>
    books.book('shop/a', {
      type: number === 0 ? ('SubscriptionStarted' as const) : ('SubscriptionRenewed' as const),
      occurredAt: new Date(books.clock.now()).toISOString(),
      rulebook: 1,
      paymentRef: `p${number}`,
      provider: 'manual',
      currency: 'CNY',
      period: {
        ...{ number, plan: 'basic', kind: 'auto-renew', from, to, price: '30', main: '1000' },
        ...(number === 0 ? { backup: '500' } : { carriedBackup: '500' }),
        ...{ creditsPerUnit: '100', scale: 2 },
      },
      pools: [String(1000 * (number + 1)), '500'],
      ...{ wallet: '0', receivable: '30', digest: 'd' },
      ...more,
    });

  it('tells in its metrics what subscriptions were paid', async () => {
    await pay(0, '2026-11-21T12:00:00.000Z', '2026-12-01T12:00:00.000Z');
    books.clock.set('2026-11-21T13:00:00.000Z');
    await settled(`${trialBalance}?asOf=2026-11-21T12:30:00Z`);
    const { text } = await ask('/metrics');
    expect(text).toMatch(/^meterbook_subscription_fees\{platform="shop",currency="CNY"\} 30$/m);
    expect(text).toMatch(/^meterbook_usage_revenue\{platform="shop",currency="CNY"\} 130$/m);
  });

  it('shows fees as they are earned and pools as they lapse, and what a late renewal brings back', async () => {
    await pay(0, '2026-11-21T12:00:00.000Z', '2026-12-01T12:00:00.000Z');
    books.clock.set('2026-12-03T12:00:00.000Z');
    const balances = async (asOf: string): Promise<Record<string, unknown>> => {
      const { json } = await settled(`${trialBalance}?asOf=${asOf}`);
      for (const total of json['totals'] as unknown[]) expect(total).toMatchObject({ balance: '0' });
      const lines = json['lines'] as Record<string, string>[];
      return Object.fromEntries(
        lines.map(({ ledgerAccount, balance }): [string, unknown] => [String(ledgerAccount), balance]),
      );
    };
    expect(await balances('2026-11-21T12:00:00Z')).toMatchObject({
      'liabilities:deferred:a': '-30',
      'pools:main:a': '-1000',
      'pools:backup:a': '-500',
      'pools:issued': '1500',
    });
    expect(await balances('2026-11-24T12:00:00.001Z')).toMatchObject({
      'liabilities:deferred:a': '-21',
      'revenue:subscriptions': '-9',
    });
    expect(await balances('2026-12-01T11:59:59.999Z')).toMatchObject({
      'liabilities:deferred:a': '-0.01',
      'pools:main:a': '-1000',
    });
    expect(await balances('2026-12-01T12:00:00Z')).toMatchObject({
      'liabilities:deferred:a': '0',
      'revenue:subscriptions': '-30',
      'pools:main:a': '0',
      'pools:backup:a': '0',
      'pools:expired': '-1500',
    });
    await pay(1, '2026-12-03T12:00:00.000Z', '2026-12-13T12:00:00.000Z');
    books.clock.set('2026-12-20T00:00:00.000Z');
    expect(await balances('2026-12-03T12:00:00Z')).toMatchObject({
      'pools:main:a': '-1000',
      'pools:backup:a': '-500',
      'pools:expired': '-1000',
    });
    const { json } = await ask('/v1/platforms/shop/accounts/a/statement?from=2026-11-21T12:00:00Z');
    const entries = json['entries'] as { event: string; occurredAt: string; balances: object }[];
    const pools = (main: string, backup: string) => ({ wallet: '0', receivable: '30', main, backup });
    expect(entries.map(({ event, occurredAt, balances: after }) => [event, occurredAt, after])).toEqual([
      ['SubscriptionStarted', '2026-11-21T12:00:00.000Z', pools('1000', '500')],
      ['Derived', '2026-12-01T12:00:00.000Z', pools('0', '0')],
      ['Derived', '2026-12-03T12:00:00.000Z', pools('0', '500')],
      ['SubscriptionRenewed', '2026-12-03T12:00:00.000Z', pools('1000', '500')],
      ['Derived', '2026-12-13T12:00:00.000Z', pools('0', '0')],
    ]);
    expect((await post('/v1/verify', {})).json).toMatchObject({ ok: true, faults: [] });
  });

  it('finds pools that an event states otherwise', async () => {
    const terms = {
      number: 0,
      plan: 'basic',
      kind: 'auto-renew',
      price: '30',
      main: '1000',
      creditsPerUnit: '100',
      scale: 2,
    };
    await books.append('account-shop/a', {
      ...{ type: 'SubscriptionStarted', occurredAt: '2026-11-21T12:00:00.000Z', rulebook: 1, paymentRef: 'p' },
      ...{ provider: 'manual', currency: 'CNY', pools: ['999', '0'], wallet: '0', receivable: '30', digest: 'd' },
      ...{ period: { ...terms, from: '2026-11-21T12:00:00.000Z', to: '2026-12-01T12:00:00.000Z' } },
    });
    const fault = { detail: expect.stringMatching(/main.* 999.* 1000/) as string };
    expect((await post('/v1/verify', {})).json).toMatchObject({ ok: false, faults: [fault] });
    expect((await ask('/v1/platforms/shop/accounts/a/statement')).json['faults']).toEqual([{ revision: 3, ...fault }]);
  });

  it('shows the trial balance as JSON', async () => {
    const { status, json } = await settled(`${trialBalance}?asOf=2026-11-21T11:00:00Z`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      asOf: '2026-11-21T11:00:00.000Z',
      basis: 'booked',
      zone: 'UTC',
      completeTo: json['watermark'],
      final: true,
      lines: [
        { ledgerAccount: 'assets:cash:manual', commodity: 'CNY', debit: '100', credit: '0', balance: '100' },
        { ledgerAccount: 'assets:receivable:a', commodity: 'CNY', debit: '30', credit: '0', balance: '30' },
        { ledgerAccount: 'liabilities:wallet:a', commodity: 'CNY', debit: '100', credit: '100', balance: '0' },
        { ledgerAccount: 'revenue:usage', commodity: 'CNY', debit: '0', credit: '130', balance: '-130' },
      ],
      totals: [{ commodity: 'CNY', debit: '230', credit: '230', balance: '0' }],
    });
    const control = await settled(`${trialBalance}?asOf=2026-11-21T11:00:00Z&rollup=control`);
    expect(control.json['lines']).toContainEqual(
      expect.objectContaining({ ledgerAccount: 'assets:receivable:*', balance: '30' }),
    );
  });

  it('shows the trial balance as CSV', async () => {
    await settled(`${trialBalance}?asOf=2026-11-21T11:00:00Z`);
    const { text, headers } = await ask(`${trialBalance}?asOf=2026-11-21T11:00:00Z`, {
      headers: { accept: 'text/csv' },
    });
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('meterbook-final')).toBe('true');
    expect(text.split('\r\n')).toEqual([
      'ledgerAccount,commodity,debit,credit,balance',
      'assets:cash:manual,CNY,100,0,100',
      'assets:receivable:a,CNY,30,0,30',
      'liabilities:wallet:a,CNY,100,100,0',
      'revenue:usage,CNY,0,130,-130',
      'total,CNY,230,230,0',
      '',
    ]);
  });

  it.each([
    `${trialBalance}?basis=occurred`,
    `${trialBalance}?basis=occurred&asOf=2026-11-21T12:15:00Z`,
    `${trialBalance}?asOf=2027-01-01T00:00:00.001Z`,
    '/v1/platforms/shop/accounts/a/statement?basis=occurred&from=2026-11-21T10:00:00Z',
    '/v1/platforms/shop/accounts/a/statement?to=2027-01-01T00:00:00Z',
  ])('tells of %s that it may still change', async (path) => {
    const { status, json } = await ask(path);
    const basis = path.includes('basis=occurred') ? 'occurred' : 'booked';
    expect([status, json]).toMatchObject([200, { basis, final: false }]);
  });

  it.each([
    [`${trialBalance}?basis=occurred&asOf=2026-11-21T12:00:00.001Z`, 'invalid_request'],
    [`${trialBalance}?asOf=yesterday`, 'invalid_request'],
    [`${trialBalance}?rollup=lines`, 'invalid_request'],
    [`${trialBalance}?basis=both`, 'invalid_request'],
    [`${trialBalance}?zone=Asia/Nowhere`, 'invalid_request'],
    [`${trialBalance}?from=2026-11-21T11:00:00Z`, 'invalid_request'],
    ['/v1/platforms/nowhere/finance/trial-balance', 'unknown_platform'],
    ['/v1/platforms/nowhere/accounts/a/statement', 'unknown_platform'],
    ['/v1/platforms/shop/accounts/nobody/statement', 'unknown_account'],
    ['/v1/platforms/shop/accounts/a/statement?from=2026-11-21T11:00:00Z&to=2026-11-21T10:00:00Z', 'invalid_request'],
    ['/v1/platforms/shop/accounts/a/statement?basis=both', 'invalid_request'],
    ['/v1/platforms/shop/accounts/a/statement?zone=%2B08:00', 'invalid_request'],
    ['/v1/platforms/shop/accounts/a/statement?asOf=2026-11-21T10:00:00Z', 'invalid_request'],
    ['/v1/platforms/shop/accounts/a/statement?limit=0', 'invalid_request'],
    ['/v1/platforms/shop/accounts/a/statement?limit=1001', 'invalid_request'],
    ['/v1/platforms/shop/accounts/a/statement?cursor=abc', 'invalid_request'],
    ['/v1/projections?name=x', 'invalid_request'],
    ['/v1/projections/nothing/rebuilds/x', 'unknown_projection'],
    ['/v1/projections/trial-balance/rebuilds/x', 'unknown_rebuild'],
  ])('refuses %s as %s', async (path, code) => {
    const { status, json } = await ask(path);
    expect([status, json['code']]).toEqual([code === 'invalid_request' ? 422 : 404, code]);
  });

  it('rebuilds a projection on request and says how it went', async () => {
    await settled(`${trialBalance}?asOf=2026-11-21T11:00:00Z`);
    const asked = await post('/v1/projections/trial-balance/rebuild', {});
    expect(asked.status).toBe(202);
    const path = `/v1/projections/trial-balance/rebuilds/${String(asked.json['rebuildId'])}`;
    let status = await ask(path);
    for (const deadline = Date.now() + 10_000; status.json['state'] === 'running' && Date.now() < deadline;) {
      books.clock.pass(100);
      status = await ask(path);
    }
    expect(status.json).toMatchObject({
      state: 'swapped',
      identical: true,
      progress: 1,
      rows: expect.any(Number) as number,
    });
    expect((await ask(`${trialBalance}?asOf=2026-11-21T11:00:00Z`)).json['totals']).toEqual([
      { commodity: 'CNY', debit: '230', credit: '230', balance: '0' },
    ]);
    expect((await ask('/v1/projections')).json).toMatchObject({
      items: financeProjections.map(({ name }) => ({ name, events: 3, behindMs: 0 })),
    });
    expect((await post('/v1/projections/nothing/rebuild', {})).json['code']).toBe('unknown_projection');
    expect((await post('/v1/projections/trial-balance/rebuild', { now: true })).json['code']).toBe('invalid_request');
  });

  it('is not ready while nobody folds, however little is booked meanwhile', async () => {
    await settled(`${trialBalance}?asOf=2026-11-21T11:00:00Z`);
    const indicator = async (): Promise<unknown> =>
      ((await ask('/health/ready')).json['indicators'] as { name: string }[]).find(
        ({ name }) => name === 'finance-projections',
      );
    const loop = { up: true, detail: 'It is running.' };
    app.get(Health, { strict: false }).register(LOOPS.projections.name, () => loop);
    expect(await indicator()).toMatchObject({ up: true });
    Object.assign(loop, { up: false, detail: 'It failed 3 times in a row and waits to restart: no room' });
    expect(await indicator()).toMatchObject({
      up: false,
      detail: 'Nobody folds what is booked. It failed 3 times in a row and waits to restart: no room',
    });
  });

  it('is ready once its projections follow the store, and not when they have stopped', async () => {
    await settled(`${trialBalance}?asOf=2026-11-21T11:00:00Z`);
    const indicator = async (): Promise<unknown> => (await ask('/health/ready')).json['indicators'];
    expect(await indicator()).toContainEqual({
      name: 'finance-projections',
      up: true,
      detail: financeProjections.map(({ name }) => `${name}: 0 ms behind the store.`).join(' '),
    });
    abort.abort();
    await running;
    books.clock.set('2026-11-21T12:02:00.000Z');
    await books.recharge('shop/a', 'r9', '1');
    expect(await indicator()).toContainEqual(expect.objectContaining({ name: 'finance-projections', up: false }));
  });

  it('verifies on request', async () => {
    expect((await post('/v1/verify', {})).json).toEqual({ ok: true, streams: 2, events: 4, faults: [] });
    expect((await post('/v1/verify', { deep: true })).json['code']).toBe('invalid_request');
  });

  it('reports on a platform whose rulebook cannot be read, and names it when it verifies', async () => {
    books.spoil('rulebook-shop', 0);
    const { json } = await post('/v1/verify', {});
    expect(json).toMatchObject({ ok: false, faults: [{ stream: 'rulebook-shop' }] });
    await expect(books.store.head('rulebook-shop')).rejects.toThrow('is damaged');
    expect((await ask(trialBalance)).status).toBe(200);
    expect((await ask('/v1/platforms/shop/accounts/a/statement')).status).toBe(200);
  });

  describe('the statement', () => {
    const statement = (query: string, options?: RequestInit): Promise<Answer> =>
      ask(`/v1/platforms/shop/accounts/a/statement?${query}`, options);
    type Entry = Record<string, unknown>;
    const entriesOf = ({ json }: Answer): Entry[] => json['entries'] as Entry[];
    const brief = (answer: Answer): unknown[] =>
      entriesOf(answer).map(({ event, balances }) => {
        const { wallet, receivable } = balances as Entry;
        return [event, wallet, receivable];
      });

    it('shows each entry with what it was, its legs and the balances after it', async () => {
      const { json } = await statement('');
      expect(json).toMatchObject({
        platform: 'shop',
        account: 'a',
        currency: 'CNY',
        basis: 'booked',
        from: null,
        opening: { wallet: '0', receivable: '0', main: '0', backup: '0' },
        entries: [
          {
            event: 'WalletRecharged',
            reference: 'r1',
            revision: 1,
            occurredAt: '2026-11-20T10:00:00.000Z',
            bookedAt: '2026-11-20T10:00:00.000Z',
            what: 'recharge r1 by manual: 100 CNY',
            explain: '100 [credited] = 100 CNY into the wallet',
            sentence: 'Recharge r1: 100 CNY paid through manual. 100 CNY came into the wallet.',
            legs: [
              { ledgerAccount: 'assets:cash:manual', commodity: 'CNY', amount: '100' },
              { ledgerAccount: 'liabilities:wallet:a', commodity: 'CNY', amount: '-100' },
            ],
            balances: { wallet: '100', receivable: '0', main: '0', backup: '0' },
          },
          {
            event: 'UsageCharged',
            reference: 'u1',
            revision: 2,
            what: 'charge gateway u1 for model-a: 130',
            legs: [
              { ledgerAccount: 'assets:receivable:a', commodity: 'CNY', amount: '30' },
              { ledgerAccount: 'liabilities:wallet:a', commodity: 'CNY', amount: '100' },
              { ledgerAccount: 'revenue:usage', commodity: 'CNY', amount: '-130' },
            ],
            balances: { wallet: '0', receivable: '30', main: '0', backup: '0' },
          },
        ],
        next: null,
        closing: { wallet: '0', receivable: '30', main: '0', backup: '0' },
        faults: [],
      });
    });

    it('is final once all before its end is in it, wherever on the clock that lies, and never without an end', async () => {
      const path = '/v1/platforms/shop/accounts/a/statement';
      const ended = await settled(`${path}?to=2026-11-21T11:00:00.001Z&zone=Asia/Shanghai&basis=booked`);
      expect(ended.json).toMatchObject({ basis: 'booked', zone: 'Asia/Shanghai', from: null, final: true });
      expect(ended.json['to']).toBe('2026-11-21T11:00:00.001Z');
      const { json } = await ask(path);
      expect(json).toMatchObject({ zone: 'UTC', to: null, final: false, completeTo: ended.json['completeTo'] });
      expect(json['completeTo']).toBe('2026-11-21T12:00:00.000Z');
      abort.abort();
      await running;
      books.clock.set('2026-11-22T10:00:00.000Z');
      expect((await ask(`${path}?to=2026-11-22T09:00:00Z`)).json['final']).toBe(false);
    });

    it('holds all that is booked where no end is asked for, also what a clock that jumped dated ahead', async () => {
      books.clock.set('2026-12-24T00:00:00.000Z');
      await books.recharge('shop/a', 'r2', '40');
      await books.grant('shop/a', 'g1', '2', '2026-11-23T00:00:00.000Z');
      books.clock.set('2026-11-24T00:00:00.000Z');
      await books.recharge('shop/a', 'r3', '1');
      const path = '/v1/platforms/shop/accounts/a/statement';
      const { json } = await ask(path);
      expect(json).toMatchObject({ to: null, final: false, closing: { wallet: '11', receivable: '0' } });
      expect((json['entries'] as unknown[]).length).toBeGreaterThan(4);
      const ended = await settled(`${path}?to=2026-11-24T00:00:00Z`);
      expect(ended.json).toMatchObject({ final: true, closing: { wallet: '0', receivable: '30' } });
      expect((await ask('/health/ready')).json['indicators']).toContainEqual(
        expect.objectContaining({ detail: expect.stringMatching(/booked \d+ ms ahead of this clock/) as string }),
      );
    });

    it('opens with what was there before the period and closes with what was there at its end', async () => {
      books.clock.set('2026-11-22T10:00:00.000Z');
      await books.recharge('shop/a', 'r2', '50');
      books.clock.set('2026-11-23T00:00:00.000Z');
      const answer = await statement('from=2026-11-21T00:00:00Z&to=2026-11-22T10:00:00Z');
      expect(answer.json).toMatchObject({
        opening: { wallet: '100', receivable: '0' },
        closing: { wallet: '0', receivable: '30' },
      });
      expect(brief(answer)).toEqual([['UsageCharged', '0', '30']]);
      expect((await statement('from=2026-11-22T10:00:00Z&to=2026-11-22T10:00:00.001Z')).json).toMatchObject({
        opening: { wallet: '0', receivable: '30' },
        closing: { wallet: '20', receivable: '0' },
      });
    });

    it('shows what expires, and what late usage takes of it after all', async () => {
      await books.recharge('shop/a', 'r2', '30');
      await books.grant('shop/a', 'g1', '10', '2026-11-23T00:00:00.000Z');
      books.clock.set('2026-11-25T10:00:00.000Z');
      await books.charge('shop/a', 'late', '4', '2026-11-22T00:00:00.000Z');
      books.clock.set('2026-11-26T00:00:00.000Z');
      const answer = await statement('from=2026-11-22T00:00:00Z');
      expect(answer.json['opening']).toMatchObject({ wallet: '10', receivable: '0' });
      expect(brief(answer)).toEqual([
        ['Derived', '0', '0'],
        ['Derived', '4', '0'],
        ['UsageCharged', '0', '0'],
      ]);
      const [expired, back] = entriesOf(answer);
      const at = (instant: string) => ({ reference: null, revision: null, occurredAt: instant, bookedAt: instant });
      expect(expired).toMatchObject({
        ...at('2026-11-23T00:00:00.000Z'),
        what: 'lapsed',
        explain: '10 [left of granted credit] = 10 CNY lapsed',
        sentence: '10 CNY of granted credit were not used in time, and lapsed.',
      });
      expect(back).toMatchObject({
        ...at('2026-11-25T10:00:00.000Z'),
        what: 'had lapsed, and is there after all for what was booked later',
        legs: [
          { ledgerAccount: 'expenses:promotions', amount: '4' },
          { ledgerAccount: 'liabilities:wallet:a', amount: '-4' },
        ],
      });
      // At the very instant of the expiry it has expired, at the beginning of a period as at its end.
      const day = 'from=2026-11-23T00:00:00Z';
      expect((await statement(day)).json['opening']).toMatchObject({ wallet: '0' });
      expect((await statement('to=2026-11-23T00:00:00Z')).json['closing']).toMatchObject({ wallet: '0' });
      expect((await statement('to=2026-11-22T23:59:59.999Z')).json['closing']).toMatchObject({ wallet: '10' });
      expect((await statement('from=2026-11-24T00:00:00Z')).json).toMatchObject({
        opening: { wallet: '0' },
        closing: { wallet: '0' },
      });
    });

    it('starts from the last checkpoint before the period', async () => {
      const { account, revision } = books.accountOf('shop/a');
      const state = { ...toSnapshot(account), receivable: '31' };
      await books.append('checkpoint-shop/a', {
        type: 'AccountCheckpointed',
        ...{ revision, hash: '', state, identities: '' },
      });
      books.clock.set('2026-11-22T10:00:00.000Z');
      expect((await statement('from=2026-11-22T00:00:00Z')).json['opening']).toMatchObject({
        wallet: '0',
        receivable: '31',
      });
      expect((await statement('from=2026-11-21T00:00:00Z')).json['closing']).toMatchObject({
        wallet: '0',
        receivable: '30',
      });
    });

    it('does without a checkpoint that cannot be read', async () => {
      const { account, revision } = books.accountOf('shop/a');
      const state = { ...toSnapshot(account), receivable: '31' };
      const event = { type: 'AccountCheckpointed', ...{ revision, hash: '', state, identities: '' } };
      await books.append('checkpoint-shop/a', event);
      books.spoil('checkpoint-shop/a', 0);
      books.clock.set('2026-11-22T10:00:00.000Z');
      expect((await statement('from=2026-11-22T00:00:00Z')).json['opening']).toMatchObject({
        wallet: '0',
        receivable: '30',
      });
    });

    it('says where an event states another balance than the entries come to', async () => {
      const event = {
        occurredAt: '2026-11-21T12:00:00.000Z',
        changed: {},
        currency: 'CNY',
        settled: [],
        wallet: '7',
        receivable: '30',
      };
      await books.append('account-shop/a', { type: 'AccountSettingsChanged', ...event });
      books.clock.pass(100);
      const { json } = await statement('to=2026-11-21T12:00:00.050Z');
      expect(json).toMatchObject({ completeTo: '2026-11-21T12:00:00.100Z', final: false });
      expect(json['faults']).toEqual([{ revision: 3, detail: expect.stringContaining('7') as string }]);
    });

    it('is CSV on request, an entry a line', async () => {
      const { text } = await statement('to=2026-11-21T12:00:00Z', { headers: { accept: 'text/csv' } });
      const lines = text.split('\r\n');
      expect(lines[0]).toBe(
        'bookedAt,occurredAt,revision,position,event,source,reference,model,what,currency,amount,wallet,receivable,main,backup,explain,sentence',
      );
      expect(lines[1]).toBe(',,,,opening,,,,,CNY,,0,0,0,0,,');
      expect(lines).toContain(
        '2026-11-21T10:00:00.000Z,2026-11-21T10:00:00.000Z,2,3,UsageCharged,gateway,u1,model-a,charge gateway u1 for model-a: 130,CNY,-130,0,30,0,0,1 [requests] × 130 = 130 CNY,"model-a (1 requests) cost 130 CNY, 100 CNY paid from the wallet, 30 CNY of it still owed then."',
      );
      expect(lines.at(-2)).toBe('2026-11-21T12:00:00.000Z,,,,closing,,,,,CNY,,0,30,0,0,,');
    });
  });
});
