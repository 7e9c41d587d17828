import { decodeHoldEvent } from '@meterbook/books/hold-stream';
import type { HoldEvent } from '@meterbook/domain/access/events';
import { platform, rulebook } from '../testing/embedded-ledger';
import { LedgerApp, type LedgerResponse } from '../testing/ledger-app';

const sections = {
  ...rulebook,
  tiers: [{ id: 'default', rank: 1, priority: { level: 4, name: 'usual' } }],
  refund: { windowDays: 14 },
  holds: { expireAfterSeconds: 600 },
};
const EXPIRES_MS = 600_000;

/** A busy machine may put off the reading of a rulebook. */
const publish = (ledger: LedgerApp): Promise<LedgerResponse> =>
  ledger.eventually(
    () => ledger.publish(sections),
    ({ status }) => status < 300,
  );

describe('authorizations', () => {
  let ledger: LedgerApp;
  let accounts = 0;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await publish(ledger);
  });
  afterAll(() => ledger.close());

  const opened = async (amount = '10', limits?: object): Promise<string> => {
    const account = `a${++accounts}`;
    await recharge(account, 'r1', amount);
    if (limits) await ledger.on('PATCH', `/accounts/${account}`, { limits });
    return account;
  };
  const recharge = (account: string, rechargeId: string, amount: string): Promise<LedgerResponse> =>
    ledger.on('POST', `/accounts/${account}/recharges`, { rechargeId, provider: 'manual', amount, currency: 'CNY' });
  const ask = (account: string, requestId: string, requests = 1, more: object = {}): Promise<LedgerResponse> =>
    ledger.on('POST', `/accounts/${account}/authorizations`, { requestId, model: 'gpt', units: { requests }, ...more });
  const release = (account: string, id: unknown): Promise<LedgerResponse> =>
    ledger.on('DELETE', `/accounts/${account}/authorizations/${String(id)}`);
  const view = async (account: string): Promise<readonly unknown[]> => {
    const { body } = await ledger.on('GET', `/accounts/${account}`);
    return [body['wallet'], body['held'], body['available']];
  };
  const holds = async (account: string): Promise<HoldEvent[]> =>
    (await ledger.stored(`hold-${platform}/${account}`)).map((stored) => decodeHoldEvent(stored));

  it('set the estimate aside, and say so in the account', async () => {
    const account = await opened();
    const answer = await ask(account, 'q1', 4);
    expect(answer.status).toBe(201);
    expect(answer.headers['x-request-priority']).toBe('4');
    expect(answer.body).toMatchObject({ estimate: '4', tier: 'default', group: 'default', multiplier: '1' });
    expect(await view(account)).toEqual(['10', '4', '6']);
    const refused = await ask(account, 'q2', 7);
    expect([refused.status, refused.body['code']]).toEqual([402, 'insufficient_credits']);
    expect(refused.body).toMatchObject({ available: '6', required: '7' });
  });

  it('answer the same again as often as it is sent, however it is written, even once it has gone', async () => {
    const account = await opened();
    const first = await ask(account, 'q1', 4, { group: null });
    const again = await ask(account, 'q1', 4, { group: null });
    expect([again.status, again.headers['idempotency-hit'], again.body]).toEqual([200, 'true', first.body]);
    await release(account, first.body['authorizationId']);
    ledger.clock.aheadMs += EXPIRES_MS;
    const late = await ask(account, 'q1', 4, { group: null });
    expect([late.status, late.body]).toEqual([200, first.body]);
    expect(await holds(account)).toHaveLength(2);
  });

  it('refuse the same id with other content, and decide anew what was not held', async () => {
    const account = await opened();
    await ask(account, 'q1');
    for (const other of [ask(account, 'q1', 2), ask(account, 'q1', 1, { hold: false })])
      expect((await other).body['code']).toBe('idempotency_conflict');
    const unheld = await ask(account, 'q2', 5, { hold: false });
    expect(unheld.body).toMatchObject({ authorizationId: null, heldUntil: null });
    expect((await ask(account, 'q2', 5, { hold: false })).status).toBe(201);
    expect(await holds(account)).toHaveLength(1);
  });

  it('ask and answer at the same time, each once', async () => {
    const account = await opened('10');
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => ask(account, `q${i % 15}`)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(10);
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(statuses.filter((status) => status === 402)).toHaveLength(10);
    expect(await view(account)).toEqual(['10', '10', '0']);
  });

  it('are given back, again without a word, and only where they are', async () => {
    const account = await opened();
    const { body } = await ask(account, 'q1', 4);
    const id = body['authorizationId'];
    expect([(await release(account, id)).status, (await release(account, id)).status]).toEqual([204, 204]);
    expect(await view(account)).toEqual(['10', '0', '10']);
    const other = await opened();
    await ask(other, 'q1', 4);
    for (const unknown of [release(other, id), release(account, `${String(id)}x`), release(account, 'none')])
      expect((await unknown).body['code']).toBe('unknown_authorization');
    expect((await release('nobody', id)).body['code']).toBe('unknown_account');
  });

  it('are settled by the usage that names them, whatever it costs, and by no other', async () => {
    const account = await opened();
    const { body } = await ask(account, 'q1', 4);
    await ledger.use(account, 'u1', { authorizationId: 'auth_0_zzzzzzzz_AAAAAAAAAAA' });
    await ledger.use(account, 'u2', { model: 'none', authorizationId: body['authorizationId'] });
    await ledger.use(account, 'u3', {});
    await ledger.charged(account, 'u3');
    expect(await view(account)).toEqual(['8', '4', '4']);
    await ledger.use(account, 'u4', { units: { requests: 2 }, authorizationId: body['authorizationId'] });
    await ledger.charged(account, 'u4');
    expect(await view(account)).toEqual(['6', '0', '6']);
    expect((await release(account, body['authorizationId'])).status).toBe(204);
    expect(await holds(account)).toHaveLength(1);
  });

  it('expire', async () => {
    const account = await opened();
    await ask(account, 'q1', 10);
    ledger.clock.aheadMs += EXPIRES_MS;
    expect(await view(account)).toEqual(['10', '0', '10']);
    expect((await ask(account, 'q2', 10)).status).toBe(201);
  });

  it('stand after a restart, and on another process', async () => {
    const account = await opened('10', { requestsPerMinute: 3 });
    await ask(account, 'q1', 4);
    await ask(account, 'q2', 1, { hold: false });
    const fresh = ledger.processCount;
    await ledger.startProcess();
    const path = `/accounts/${account}/authorizations`;
    const there = (requestId: string, requests: number): Promise<LedgerResponse> =>
      ledger.on('POST', path, { requestId, model: 'gpt', units: { requests } }, fresh);
    expect((await there('q1', 4)).status).toBe(200);
    expect((await there('q3', 7)).body['code']).toBe('insufficient_credits');
    expect((await there('q4', 6)).status).toBe(201);
    expect((await ask(account, 'q5', 0)).body['code']).toBe('rate_limited');
  });

  it('say with every answer what the limits leave, and when to come again', async () => {
    const account = await opened('10', { requestsPerMinute: 2, requestsPerDay: 5 });
    const first = await ask(account, 'q1');
    expect(first.headers['ratelimit-policy']).toBe('"minute";q=2;w=60, "day";q=5;w=86400');
    expect(first.headers['ratelimit']).toMatch(/^"minute";r=1;t=6[01], "day";r=4;t=\d+$/);
    await ask(account, 'q2', 1, { hold: false });
    const refused = await ask(account, 'q3');
    expect([refused.status, refused.body['code']]).toEqual([429, 'rate_limited']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
    expect(refused.headers['ratelimit']).toMatch(/^"minute";r=0;t=\d\d, "day";r=3;t=\d+$/);
    // Neither what is refused nor what is repeated counts.
    await ask(account, 'q1');
    ledger.clock.aheadMs += 61_000;
    expect((await ask(account, 'q4')).headers['ratelimit']).toMatch(/^"minute";r=1;t=\d\d, "day";r=2;t=\d+$/);
  });

  it('leave the past alone: an account as of then holds nothing', async () => {
    const account = await opened();
    await ask(account, 'q1', 4);
    const asOf = new Date(ledger.clock.now()).toISOString();
    expect((await ledger.on('GET', `/accounts/${account}?asOf=${asOf}`)).body).toMatchObject({
      held: '0',
      available: '10',
    });
  });

  describe('and refunds', () => {
    const refund = (account: string, refundId: string): Promise<LedgerResponse> =>
      ledger.on('POST', `/accounts/${account}/recharges/r1/refund`, { refundId });

    it('take no more than what is not set aside for requests', async () => {
      const account = await opened();
      await ask(account, 'q1', 4);
      expect((await refund(account, 'f1')).body).toMatchObject({ refunded: '6', paidBack: { amount: '6' } });
      expect(await view(account)).toEqual(['4', '4', '0']);
      expect((await refund(account, 'f2')).body['code']).toBe('nothing_to_refund');
      expect((await refund(account, 'f1')).status).toBe(200);
    });

    it('leave nothing held behind them, whether they are booked or refused', async () => {
      const account = await opened();
      expect((await refund(account, 'f1')).status).toBe(201);
      expect(await view(account)).toEqual(['0', '0', '0']);
      expect((await holds(account)).map(({ type }) => type)).toEqual(['HoldPlaced']);
      expect((await refund(account, 'f2')).body['code']).toBe('nothing_to_refund');
    });

    it('that were set aside by somebody who died are refunded under the same id, and expire otherwise', async () => {
      const account = await opened();
      const answers = await Promise.all(Array.from({ length: 16 }, () => refund(account, 'f1')));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(15);
      expect(await view(account)).toEqual(['0', '0', '0']);
    });

    it('and requests at the same time never come to more than there is', async () => {
      const account = await opened();
      const both = await Promise.all([
        ...Array.from({ length: 10 }, (_, i) => ask(account, `q${i}`)),
        refund(account, 'f1'),
        ...Array.from({ length: 10 }, (_, i) => ask(account, `p${i}`)),
      ]);
      const reserved = both.filter(({ status, body }) => status === 201 && body['estimate']).length;
      const paidBack = Number(both.find(({ body }) => body['refundId'])?.body['refunded'] ?? 0);
      expect(reserved + paidBack).toBeLessThanOrEqual(10);
      expect(await view(account)).toEqual([String(10 - paidBack), String(reserved), String(10 - paidBack - reserved)]);
    });
  });
});

describe.each([2, 4])('authorizations on several processes: %i', (processes) => {
  let ledger: LedgerApp;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    while (ledger.processCount < processes) await ledger.startProcess();
    await publish(ledger);
  });
  afterAll(() => ledger.close());

  /** What so many clients are answered, all asking at once; every second one wants its estimate set aside, or each. */
  const askAll = async (account: string, everyoneHolds: boolean): Promise<Record<string, number>> => {
    const answers = await Promise.all(
      Array.from({ length: 128 }, (_, i) => {
        const body = { requestId: `q${i}`, model: 'gpt', hold: everyoneHolds || i % 8 < 4 };
        return ledger.on('POST', `/accounts/${account}/authorizations`, body, i % processes);
      }),
    );
    const counted: Record<string, number> = {};
    for (const { status, body } of answers) {
      const word = status === 201 ? `201 ${body['heldUntil'] === null ? 'counted' : 'held'}` : String(body['code']);
      counted[word] = (counted[word] ?? 0) + 1;
    }
    return counted;
  };
  const opened = async (account: string, amount: string, limits: object): Promise<void> => {
    const recharge = { rechargeId: 'r', provider: 'manual', amount, currency: 'CNY' };
    await ledger.on('POST', `/accounts/${account}/recharges`, recharge);
    await ledger.on('PATCH', `/accounts/${account}`, { limits });
  };

  it('never reserve more than there is', async () => {
    await opened('a', '40', {});
    expect(await askAll('a', true)).toEqual({ '201 held': 40, insufficient_credits: 88 });
    expect((await ledger.on('GET', '/accounts/a')).body).toMatchObject({ held: '40', available: '0' });
  });

  it('count exactly, what is held and what is not', async () => {
    await opened('b', '1000', { requestsPerDay: 60 });
    const counted = await askAll('b', false);
    expect((counted['201 held'] ?? 0) + (counted['201 counted'] ?? 0)).toBe(60);
    expect(counted['daily_limit']).toBe(68);
    expect((await ledger.on('GET', '/accounts/b')).body['held']).toBe(String(counted['201 held']));
    expect(await ledger.stored(`hold-${platform}/b`)).toHaveLength(60);
  });
});
