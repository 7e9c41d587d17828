import { platform, rulebook } from '../testing/embedded-ledger';
import type { LedgerResponse } from '../testing/ledger-app';
import { LedgerApp } from '../testing/ledger-app';
import { provenReservations, storedAccess } from '../testing/proven-holds';

const clients = 64;
/** What each client asks for, one request after the other. */
const requestsPerClient = 6;
const timeoutMs = 300_000;
const provider = { provider: 'manual', currency: 'CNY' };
const isDone = ({ status }: LedgerResponse): boolean => status === 200 || status === 201;

describe.each([1, 2, 4])(
  '64 clients that ask for access to one account at once, through processes: %i',
  (processes) => {
    let ledger: LedgerApp;
    let accounts = 0;

    beforeAll(async () => {
      ledger = await LedgerApp.start();
      while (ledger.processCount < processes) await ledger.startProcess();
      await ledger.publish({ ...rulebook, refund: { windowDays: 14 }, holds: { expireAfterSeconds: 86_400 } });
    }, timeoutMs);
    afterAll(() => ledger.close());

    const opened = async (amount: string): Promise<string> => {
      const account = `a${++accounts}`;
      await ledger.on('POST', `/accounts/${account}/recharges`, { rechargeId: 'r0', amount, ...provider });
      return account;
    };
    /** Who is told that too many others write asks again, as he is told to. */
    const insist = (method: 'POST' | 'DELETE', path: string, client: number, body?: object): Promise<LedgerResponse> =>
      ledger.eventually(
        () => ledger.on(method, path, body, client % processes),
        ({ status }) => status !== 503,
      );
    const authorize = (
      account: string,
      requestId: string,
      client: number,
      more: object = {},
    ): Promise<LedgerResponse> =>
      insist('POST', `/accounts/${account}/authorizations`, client, { requestId, model: 'gpt', ...more });
    const all = <R>(ask: (client: number) => Promise<R>): Promise<R[]> =>
      Promise.all(Array.from({ length: clients }, (_, client) => ask(client)));
    const counted = (answers: readonly LedgerResponse[]): Record<string, number> => {
      const counts: Record<string, number> = {};
      for (const { status, body } of answers) {
        const word = status < 300 ? String(status) : `${status} ${String(body['code'])}`;
        counts[word] = (counts[word] ?? 0) + 1;
      }
      return counts;
    };
    const view = async (account: string): Promise<LedgerResponse['body']> => {
      const views = await Promise.all(
        Array.from({ length: processes }, (_, process) => ledger.on('GET', `/accounts/${account}`, undefined, process)),
      );
      expect(new Set(views.map(({ body }) => JSON.stringify(body))).size).toBe(1);
      return views[0]?.body ?? {};
    };
    it('reserve what there is and not one more, and the others are told what is missing', async () => {
      const account = await opened('10');
      const answers = await all((client) => authorize(account, `q${client}`, client));
      expect(counted(answers)).toEqual({ 201: 10, '402 insufficient_credits': clients - 10 });
      expect(answers.find(({ status }) => status === 402)?.body).toMatchObject({ available: '0', required: '1' });
      expect(await view(account)).toMatchObject({ wallet: '10', held: '10', available: '0' });
    });

    it('are held once for one request, and all are told the same', async () => {
      const account = await opened('10');
      const answers = await all((client) => authorize(account, 'q', client));
      expect(counted(answers)).toEqual({ 200: clients - 1, 201: 1 });
      expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
      expect(await view(account)).toMatchObject({ held: '1', available: '9' });
    });

    it.each([
      ['minute', { requestsPerMinute: 10 }, 'rate_limited'],
      ['day', { requestsPerDay: 10 }, 'daily_limit'],
    ])('are let through as often as the %s allows, held or not', async (_window, limits, code) => {
      const account = await opened('1000');
      await ledger.on('PATCH', `/accounts/${account}`, { limits });
      const answers = await all((client) => authorize(account, `q${client}`, client, { hold: client % 2 === 0 }));
      expect(counted(answers)).toEqual({ 201: 10, [`429 ${code}`]: clients - 10 });
      const refused = answers.find(({ status }) => status === 429);
      expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
    });

    it('reserve no money that is paid back, and get none paid back that is reserved', async () => {
      const account = await opened('10');
      const answers = await all((client) =>
        client % 8 === 0
          ? insist('POST', `/accounts/${account}/recharges/r0/refund`, client >> 3, { refundId: `f${client}` })
          : authorize(account, `q${client}`, client),
      );
      const refunded = answers.filter(isDone).reduce((sum, { body }) => sum + Number(body['refunded'] ?? 0), 0);
      const held = answers.filter(({ status, body }) => status === 201 && body['authorizationId'] !== undefined).length;
      expect(refunded + held).toBe(10);
      expect(await view(account)).toMatchObject({ wallet: String(held), held: String(held), available: '0' });
    });

    it(
      'never reserve more than there was, while usage settles, requests are given up, and money comes in',
      async () => {
        const account = await opened('20');
        const outcomes = { granted: 0, denied: 0, used: 0, released: 0 };
        const usages: string[] = [];
        const serve = async (client: number, round: number): Promise<void> => {
          const id = `${client}-${round}`;
          const { status, body } = await authorize(account, id, client);
          if (status === 402) outcomes.denied += 1;
          if (status !== 201) return;
          outcomes.granted += 1;
          const authorizationId = String(body['authorizationId']);
          const fate = (client + round) % 4;
          // An answer may come out longer than it was estimated.
          if (fate < 2) {
            usages.push(id);
            await ledger.use(account, id, { authorizationId, units: { requests: 1 + fate } });
            outcomes.used += 1;
          } else if (fate === 2) {
            const released = await insist(
              'DELETE',
              `/accounts/${account}/authorizations/${authorizationId}`,
              client + 1,
            );
            expect(released.status).toBe(204);
            outcomes.released += 1;
          }
        };
        const recharge = { amount: '5', ...provider };
        await all(async (client) => {
          for (let round = 0; round < requestsPerClient; round++) {
            await serve(client, round);
            if (client % 16 === 0)
              await insist('POST', `/accounts/${account}/recharges`, client, {
                rechargeId: `r${client}-${round}`,
                ...recharge,
              });
          }
        });
        for (const id of usages) await ledger.charged(account, id);
        expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(0);
        const stored = await storedAccess(ledger.store, { platform, account });
        const live = provenReservations(stored);
        const seen = await view(account);
        const [wallet, receivable] = [Number(seen['wallet']), Number(seen['receivable'])];
        const paidIn = stored.account.reduce(
          (sum, e) => sum + (e.type === 'WalletRecharged' ? Number(e.credited) : 0),
          0,
        );
        const charges = stored.account.flatMap((event) => (event.type === 'UsageCharged' ? event.charges : []));
        expect(charges).toHaveLength(usages.length);
        expect(wallet - receivable).toBe(paidIn - charges.reduce((sum, { amount }) => sum + Number(amount), 0));
        expect(Number(seen['held'])).toBe(live);
        expect(Number(seen['available'])).toBe(Math.max(0, wallet - live));
      },
      timeoutMs,
    );
  },
);
