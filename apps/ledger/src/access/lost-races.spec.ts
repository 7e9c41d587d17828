import { LedgerApp } from '../testing/ledger-app';

const requests = 8;

describe('a process that loses a race for the holds of an account', () => {
  let ledger: LedgerApp;
  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish();
  });
  afterAll(() => ledger.close());

  it.each([
    ['takes little', '100', 1, requests],
    ['leaves no money for those that lost', '5', 3, 1],
  ])('decides all of its requests again, also where the winner %s', async (_how, amount, taken, granted) => {
    const account = `a${amount}`;
    const recharge = { rechargeId: 'r', amount, provider: 'manual', currency: 'CNY' };
    await ledger.on('POST', `/accounts/${account}/recharges`, recharge);
    const authorize = (requestId: string, process: number, count = 1) => {
      const body = { requestId, model: 'gpt', units: { requests: count } };
      return ledger.on('POST', `/accounts/${account}/authorizations`, body, process);
    };
    const { store } = await ledger.startProcess();
    const loser = ledger.processCount - 1;
    await authorize('first', loser);
    // Just before the loser writes what it has decided, somebody else writes one hold.
    const append = store.append.bind(store);
    let lost = 0;
    store.append = async (appends) => {
      if (lost === 0 && (appends[0]?.events.length ?? 0) > 1) {
        lost = appends[0]?.events.length ?? 0;
        expect((await authorize('winner', 0, taken)).status).toBe(201);
      }
      return append(appends);
    };
    const ids = Array.from({ length: requests }, (_, i) => `q${i}`);
    const answers = await Promise.all(ids.map((id) => authorize(id, loser)));
    expect(lost).toBeGreaterThan(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(granted);
    const again = await Promise.all(ids.map((id) => authorize(id, 0)));
    expect(again.map(({ status, body }) => [status, body['authorizationId']])).toEqual(
      answers.map(({ status, body }) => [status === 201 ? 200 : status, body['authorizationId']]),
    );
    expect((await ledger.on('GET', `/accounts/${account}`)).body).toMatchObject({ held: String(1 + taken + granted) });
  });
});
