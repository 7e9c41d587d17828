import { eventually, request, type Answer } from '../../support/client';
import { Deployment, embeddedEngines, serverEngines, type Engines } from './deployment';
import { Platform, unanswered } from './platform';

const startTimeoutMs = 300_000;
const testTimeoutMs = 240_000;
const callers = 64;
/** Requests of one caller, one after the other. */
const requestsOfEach = 6;
/** What a request costs, and what the accounts of a race have, in thousandths. */
const [cost, little] = [1, 10];
const inMoney = (thousandths: number): string => String(thousandths / 1_000);
const ledgers = ['ledger', 'ledger-2', 'ledger-3', 'ledger-4'];

describe.each([
  ['on Kafka and EventStoreDB', serverEngines],
  ['on the embedded engines of one machine', async () => embeddedEngines()],
])('ledgers %s', (_name, startEngines) => {
  const platform = new Platform('holds');
  let engines: Engines;
  let deployment: Deployment;

  beforeAll(async () => {
    engines = await startEngines();
    deployment = new Deployment(engines);
    await deployment.start();
    for (const name of ledgers.slice(1)) await deployment.run('ledger', name);
    await platform.publish(deployment.url);
  }, startTimeoutMs);
  afterAll(async () => {
    await deployment.destroy();
    await engines.destroy();
  }, startTimeoutMs);

  /** The same until it is answered, as a gateway sends it, at the ledger whose turn it is: one that is killed answers nothing. */
  const insist = (method: string, path: string, turn: number, among: number, body?: object): Promise<Answer> =>
    eventually(
      () => request(deployment.process(ledgers[turn % among] ?? '').url, method, path, body).catch(unanswered),
      ({ status }) => status !== 503 && status !== 0,
      testTimeoutMs,
    );
  const authorize = (account: string, requestId: string, turn: number, among: number): Promise<Answer> =>
    insist('POST', platform.path(account, '/authorizations'), turn, among, { requestId, model: 'm' });
  const open = async (account: string, thousandths: number): Promise<void> => {
    expect((await platform.recharge(deployment.url, account, 'r', inMoney(thousandths))).status).toBe(201);
  };
  const race = (ask: (caller: number) => Promise<Answer>): Promise<Answer[]> =>
    Promise.all(Array.from({ length: callers }, (_, caller) => ask(caller)));
  /** How many were granted, and how many were answered with each refusal: a repeat of what was granted and not answered is a 200. */
  const counted = (answers: readonly Answer[]): Readonly<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const { status } of answers) {
      const word = status < 300 ? 'granted' : String(status);
      counts[word] = (counts[word] ?? 0) + 1;
    }
    return counts;
  };

  describe.each([2, 4])('%i of them', (among) => {
    it(
      'reserve what there is and not one more',
      async () => {
        const account = `raced-${among}`;
        await open(account, little);
        const answers = await race((caller) => authorize(account, `q${caller}`, caller, among));
        expect(counted(answers)).toEqual({ granted: little, 402: callers - little });
        const { body } = await platform.view(deployment.url, account);
        expect([body['wallet'], body['held'], body['available']]).toEqual([inMoney(little), inMoney(little), '0']);
      },
      testTimeoutMs,
    );

    it(
      'let through what a limit allows and not one more',
      async () => {
        const account = `limited-${among}`;
        await open(account, 1_000);
        const limits = { requestsPerMinute: 10 };
        expect((await request(deployment.url, 'PATCH', platform.path(account), { limits })).status).toBe(200);
        const answers = await race((caller) => authorize(account, `q${caller}`, caller, among));
        expect(counted(answers)).toEqual({ granted: 10, 429: callers - 10 });
      },
      testTimeoutMs,
    );

    it(
      'never let anything be served that has no money, while usage settles, money comes in, and one of them is killed',
      async () => {
        const account = `served-${among}`;
        await open(account, 3 * little);
        const served: string[] = [];
        let [paid, outstanding, denied] = [3 * little, 0, 0];
        const serve = async (caller: number, round: number): Promise<void> => {
          const id = `${caller}-${round}`;
          const { status, body } = await authorize(account, id, caller, among);
          if (status === 402) denied += 1;
          if (status !== 201 && status !== 200) return;
          const authorizationId = String(body['authorizationId']);
          const fate = (caller + round) % 3;
          if (fate === 0) {
            served.push(id);
            const data = { model: 'm', authorizationId, units: {} };
            await eventually(
              () => platform.use(deployment.url, account, [id], { data }).catch(unanswered),
              (answer) => answer.status === 202,
            );
          } else if (fate === 1) {
            const path = platform.path(account, `/authorizations/${authorizationId}`);
            expect((await insist('DELETE', path, caller + 1, among)).status).toBe(204);
          } else outstanding += cost;
        };
        const killing = (async () => {
          const name = ledgers[among - 1] ?? '';
          await deployment.process(name).kill();
          await deployment.run('ledger', name);
        })();
        const all = race(async (caller) => {
          for (let round = 0; round < requestsOfEach; round++) {
            await serve(caller, round);
            if (caller % 16 !== 0) continue;
            const recharge = { rechargeId: `${caller}-${round}`, provider: 'manual', amount: '0.005', currency: 'CNY' };
            await insist('POST', platform.path(account, '/recharges'), caller, among, recharge);
            paid += 5;
          }
          return unanswered();
        });
        await Promise.all([all, killing]);
        expect(Math.min(served.length, outstanding, denied)).toBeGreaterThan(0);
        const wallet = paid - served.length * cost;
        const { body } = await eventually(
          () => platform.view(deployment.url, account),
          (answer) => answer.body['wallet'] === inMoney(wallet),
          testTimeoutMs,
        );
        // Every answer was as long as it was estimated, so nobody owes anything.
        expect([body['receivable'], body['held'], body['available']]).toEqual([
          '0',
          inMoney(outstanding),
          inMoney(wallet - outstanding),
        ]);
      },
      testTimeoutMs,
    );
  });
});
