import { eventually, request, type Answer } from '../../support/client';
import { Deployment, embeddedEngines, serverEngines, type Engines } from './deployment';
import { Platform } from './platform';

const startTimeoutMs = 300_000;
const testTimeoutMs = 240_000;
const callers = 64;
const rounds = 5;

describe.each([
  ['on Kafka and EventStoreDB', serverEngines],
  ['on the embedded engines of one machine', async () => embeddedEngines()],
])('two ledgers %s', (_name, startEngines) => {
  const platform = new Platform('races');
  let engines: Engines;
  let deployment: Deployment;
  let urls: readonly [string, string];

  beforeAll(async () => {
    engines = await startEngines();
    deployment = new Deployment(engines);
    await deployment.start();
    await deployment.run('ledger', 'ledger-2');
    urls = [deployment.process('ledger').url, deployment.process('ledger-2').url];
    await platform.publish(deployment.url);
  }, startTimeoutMs);
  afterAll(async () => {
    await deployment.destroy();
    await engines.destroy();
  }, startTimeoutMs);

  /** Every caller at once, half of them at either ledger; who is told that too many others write asks again, as he is told to. */
  const race = (account: string, path: string, bodyOf: (caller: number) => object): Promise<Answer[]> =>
    Promise.all(
      Array.from({ length: callers }, (_, caller) =>
        eventually(
          () => request(urls[caller % 2 === 0 ? 0 : 1], 'POST', platform.path(account, path), bodyOf(caller)),
          ({ status }) => status !== 503,
        ),
      ),
    );
  const done = (answers: readonly Answer[]): Answer[] => answers.filter(({ status }) => status === 201);
  const open = async (account: string): Promise<void> => {
    expect((await platform.recharge(urls[0], account, 'r', '10')).status).toBe(201);
  };
  const balances = async (account: string): Promise<unknown> => {
    const [one, other] = await Promise.all(urls.map((url) => platform.view(url, account)));
    expect(one?.body).toEqual(other?.body);
    return [one?.body['wallet'], one?.body['frozen'], one?.body['receivable']];
  };

  it(
    'pay a recharge back once, however many ask',
    async () => {
      for (let round = 0; round < rounds; round++) {
        const account = `refunded-${round}`;
        await open(account);
        const answers = await race(account, '/recharges/r/refund', (caller) => ({ refundId: `f-${caller}` }));
        expect(done(answers).map(({ body }) => body['refunded'])).toEqual(['10']);
        expect(await balances(account)).toEqual(['0', '0', '0']);
      }
    },
    testTimeoutMs,
  );

  it(
    'never let refunds and disputes come to more than was paid',
    async () => {
      for (let round = 0; round < rounds; round++) {
        const account = `claimed-${round}`;
        await open(account);
        const [refunds, disputes] = await Promise.all([
          race(account, '/recharges/r/refund', (caller) => ({ refundId: `f-${caller}` })),
          race(account, '/recharges/r/disputes', (caller) => ({ disputeId: `d-${caller}`, amount: '4' })),
        ]);
        const disputed = 4 * done(disputes).length;
        const refunded = done(refunds).reduce((sum, { body }) => sum + Number(body['refunded']), 0);
        expect([0, 4, 8]).toContain(disputed);
        expect(refunded).toBe(10 - disputed);
        expect(await balances(account)).toEqual([String(disputed), String(disputed), '0']);
      }
    },
    testTimeoutMs,
  );

  it(
    'close a dispute one way, however many say how it ended',
    async () => {
      for (let round = 0; round < rounds; round++) {
        const account = `closed-${round}`;
        await open(account);
        const opened = await request(urls[0], 'POST', platform.path(account, '/recharges/r/disputes'), {
          disputeId: 'd',
        });
        expect(opened.status).toBe(201);
        const [won, lost] = await Promise.all([
          race(account, '/recharges/r/disputes/d/won', () => ({})),
          race(account, '/recharges/r/disputes/d/lost', () => ({})),
        ]);
        const [wins, losses] = [won, lost].map((answers) => answers.filter(({ status }) => status < 300).length);
        expect([wins, losses].sort((a = 0, b = 0) => a - b)).toEqual([0, callers]);
        expect(done([...won, ...lost])).toHaveLength(1);
        expect(await balances(account)).toEqual([wins === 0 ? '0' : '10', '0', '0']);
      }
    },
    testTimeoutMs,
  );

  it(
    'pay back no unit that usage has spent',
    async () => {
      const account = 'spent';
      await open(account);
      const ids = Array.from({ length: 400 }, (_, i) => `u-${i}`);
      const [sent, answers] = await Promise.all([
        platform.use(deployment.url, account, ids),
        race(account, '/recharges/r/refund', (caller) => ({ refundId: `f-${caller}` })),
      ]);
      expect(sent.status).toBe(202);
      const [refund, ...more] = done(answers).map(({ body }) => Number(body['refunded']));
      expect(more).toEqual([]);
      // 400 requests at 0.001 are 0.4: what the refund left of them is owed.
      const owed = ((refund ?? 0) + 0.4 - 10).toFixed(3);
      const view = await eventually(
        () => platform.view(urls[1], account),
        ({ body }) => Number(body['receivable']).toFixed(3) === owed,
      );
      expect(view.body).toMatchObject({ wallet: '0' });
    },
    testTimeoutMs,
  );

  const subscribe = (account: string, hoursAgo: number): Promise<Answer> => {
    const occurredAt = new Date(Date.now() - hoursAgo * 3_600_000).toISOString();
    const body = { paymentRef: 'p', plan: 'small', kind: 'auto-renew', provider: 'manual', occurredAt };
    return request(urls[0], 'POST', platform.path(account, '/subscription'), body);
  };
  const opened = async (account: string): Promise<void> => {
    const occurredAt = new Date(Date.now() - 2 * 3_600_000).toISOString();
    expect((await request(urls[0], 'POST', platform.path('').slice(0, -1), { account, occurredAt })).status).toBe(201);
  };
  const refusedWith = (answers: readonly Answer[]): unknown[] => [
    ...new Set(answers.filter(({ status }) => status > 201).map(({ body }) => body['code'])),
  ];

  it(
    'start one subscription, whichever payment comes first',
    async () => {
      for (let round = 0; round < rounds; round++) {
        const account = `started-${round}`;
        await opened(account);
        const start = { plan: 'small', kind: 'auto-renew', provider: 'manual' };
        const answers = await race(account, '/subscription', (caller) => ({ ...start, paymentRef: `p-${caller}` }));
        expect([done(answers).length, refusedWith(answers)]).toEqual([1, ['subscription_active']]);
        const { body } = await platform.view(urls[1], account);
        expect(body['pools']).toMatchObject({ main: { granted: '10', remaining: '10' } });
      }
    },
    testTimeoutMs,
  );

  it(
    'take a switch and a renewal once each, in one order or the other',
    async () => {
      for (let round = 0; round < rounds; round++) {
        const account = `switched-${round}`;
        await opened(account);
        expect((await subscribe(account, 1)).status).toBe(201);
        const [switched, renewed] = await Promise.all([
          race(account, '/subscription/switch', () => ({ paymentRef: 's', plan: 'big', provider: 'manual' })),
          race(account, '/subscription/renewals', () => ({ paymentRef: 'r', provider: 'manual' })),
        ]);
        expect([done(switched).length, done(renewed).length]).toEqual([1, 1]);
        expect(refusedWith([...switched, ...renewed])).toEqual([]);
        // An hour of the small plan costs the least there is, a tenth of its price; a renewal of it that waits is credited whole.
        const credit = done(switched)[0]?.body['credit'];
        expect(['9', '19']).toContain(credit);
        expect(await balances(account)).toEqual([credit, '0', '0']);
      }
    },
    testTimeoutMs,
  );

  it(
    'charge usage once while renewals come in, and give no credit twice',
    async () => {
      const account = 'renewed';
      await opened(account);
      expect((await subscribe(account, 1)).status).toBe(201);
      const ids = Array.from({ length: 400 }, (_, i) => `u-${i}`);
      const [sent, answers] = await Promise.all([
        platform.use(deployment.url, account, ids),
        race(account, '/subscription/renewals', (caller) => ({ paymentRef: `r-${caller % 2}`, provider: 'manual' })),
      ]);
      expect([sent.status, done(answers).length, refusedWith(answers)]).toEqual([202, 2, []]);
      // 400 requests are 40 credits; the period has 10, and the renewals wait for its end.
      const view = await eventually(
        () => platform.view(urls[1], account),
        ({ body }) => body['receivable'] === '0.3',
      );
      expect(view.body).toMatchObject({ wallet: '0', pools: { main: { granted: '10', remaining: '0' } } });
    },
    testTimeoutMs,
  );

  it('leave books that verify', async () => {
    const { body } = await request(deployment.url, 'POST', '/v1/verify', {});
    expect(body).toMatchObject({ ok: true, faults: [] });
  });
});
