import { decodeAccountEvent } from '@meterbook/books/account-event';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { accountAfter } from '@meterbook/domain/testing/given';
import { toText } from '@meterbook/domain/amount/decimal';
import { formatInstant } from '@meterbook/domain/time/instant';
import { platform, rulebook } from '../testing/embedded-ledger';
import type { LedgerResponse } from '../testing/ledger-app';
import { LedgerApp } from '../testing/ledger-app';

const clients = 64;
const HOUR_MS = 3_600_000;
const plan = { id: 'small', price: '10', baseCredits: '1000', bonus: '0', backup: '0', periodDays: 30 };
const plans = [plan, { ...plan, id: 'big', price: '25', baseCredits: '2500' }];
const start = { plan: 'small', kind: 'auto-renew', provider: 'manual' };

describe.each([1, 2])('64 clients at once, through processes: %i', (processes) => {
  let ledger: LedgerApp;
  let accounts = 0;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    while (ledger.processCount < processes) await ledger.startProcess();
    await ledger.publish({ ...rulebook, creditsPerUnit: '100', plans });
  });
  afterAll(() => ledger.close());

  /** An account whose subscription, where it has one, started an hour ago. */
  const opened = async (hasPlan: boolean): Promise<string> => {
    const account = `a${++accounts}`;
    const occurredAt = formatInstant(ledger.clock.now() - HOUR_MS);
    await ledger.on('POST', '/accounts', { account, occurredAt });
    if (hasPlan) await post(account, '', { ...start, paymentRef: 'p0', occurredAt }, 0);
    return account;
  };
  const post = (account: string, route: string, body: object, client: number): Promise<LedgerResponse> =>
    ledger.on('POST', `/accounts/${account}/subscription${route}`, body, client % processes);
  /** What each of the clients is answered, all asking at once. */
  const all = (ask: (client: number) => Promise<LedgerResponse>): Promise<LedgerResponse[]> =>
    Promise.all(Array.from({ length: clients }, (_, client) => ask(client)));
  const counted = (answers: readonly LedgerResponse[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { status, body } of answers) {
      const word = status < 300 ? String(status) : `${status} ${String(body['code'])}`;
      counts[word] = (counts[word] ?? 0) + 1;
    }
    return counts;
  };
  /** All that happened to an account. Their fold finds what cannot be: balances below zero, or others than they state. */
  const happened = async (account: string): Promise<AccountEvent[]> => {
    const events = (await ledger.stored(`account-${platform}/${account}`)).map((stored) => decodeAccountEvent(stored));
    expect(accountAfter(events)).toBeDefined();
    return events;
  };
  const ofType = (events: readonly AccountEvent[], type: string): number =>
    events.filter((event) => event.type === type).length;

  it('start one subscription, whichever payment comes first', async () => {
    const account = await opened(false);
    const answers = await all((client) => post(account, '', { ...start, paymentRef: `p${client}` }, client));
    expect(counted(answers)).toEqual({ 201: 1, '409 subscription_active': clients - 1 });
    expect(ofType(await happened(account), 'SubscriptionStarted')).toBe(1);
  });

  it('start it once by one payment, and all are told the same', async () => {
    const account = await opened(false);
    const answers = await all((client) => post(account, '', { ...start, paymentRef: 'p' }, client));
    expect(counted(answers)).toEqual({ 200: clients - 1, 201: 1 });
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(ofType(await happened(account), 'SubscriptionStarted')).toBe(1);
  });

  it('switch and renew at once: each payment is taken once, in one order or the other', async () => {
    const account = await opened(true);
    const switched = { paymentRef: 'p1', plan: 'big', provider: 'manual' };
    const answers = await all((client) =>
      client % 2 === 0
        ? post(account, '/switch', switched, client >> 1)
        : post(account, '/renewals', { paymentRef: 'p2', provider: 'manual' }, client >> 1),
    );
    expect(counted(answers)).toEqual({ 200: clients - 2, 201: 2 });
    const events = await happened(account);
    expect([ofType(events, 'PlanSwitched'), ofType(events, 'SubscriptionRenewed')]).toEqual([1, 1]);
    const credit = events.flatMap((event) => (event.type === 'PlanSwitched' ? [event.credit] : []));
    const isRenewedFirst = events.at(-1)?.type === 'PlanSwitched';
    // The small plan an hour old credits 9 of its 10; a renewal of it that waits is credited whole.
    expect(credit).toEqual([isRenewedFirst ? '19' : '9']);
  });

  it('switch by different payments: one wins', async () => {
    const account = await opened(true);
    const answers = await all((client) =>
      post(account, '/switch', { paymentRef: `p${client + 1}`, plan: 'big', provider: 'manual' }, client),
    );
    expect(counted(answers)).toEqual({ 201: 1, '409 same_plan': clients - 1 });
    expect(ofType(await happened(account), 'PlanSwitched')).toBe(1);
  });

  it('renew while usage draws on the pools: all of it is charged once, and no credit is given twice', async () => {
    const account = await opened(true);
    const answers = await all(async (client) => {
      await ledger.use(account, `u${client}`);
      return post(account, '/renewals', { paymentRef: `p${1 + (client % 2)}`, provider: 'manual' }, client);
    });
    expect(counted(answers)).toEqual({ 200: clients - 2, 201: 2 });
    for (let client = 0; client < clients; client++) await ledger.charged(account, `u${client}`);
    const events = await happened(account);
    const charges = events.flatMap((event) => (event.type === 'UsageCharged' ? event.charges : []));
    expect(charges).toHaveLength(clients);
    // A thousand credits pay for ten of them; the renewals wait for the end of the period, and pay for none.
    const drawn = charges.filter(({ credits }) => credits !== undefined);
    expect(drawn.map(({ credits }) => credits)).toEqual(drawn.map(() => [0, '100', '0']));
    expect(drawn).toHaveLength(10);
    const view = await ledger.on('GET', `/accounts/${account}`);
    expect(view.body).toMatchObject({ receivable: String(clients - 10), pools: { main: { remaining: '0' } } });
    expect(toText(accountAfter(events)?.receivable ?? { coefficient: 0n, scale: 0 })).toBe(String(clients - 10));
  });
});
