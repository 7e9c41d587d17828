import { LedgerApp, type LedgerResponse } from '../testing/ledger-app';
import { rulebook } from '../testing/embedded-ledger';

const payment = { rechargeId: 'r1', provider: 'manual', amount: '100', currency: 'CNY' };
/** Callers of a race, half of them through another process where there are two. */
const CALLERS = 64;

describe('what becomes of payments', () => {
  let ledger: LedgerApp;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish({ ...rulebook, fx: [{ pair: 'USD/CNY', rate: '7.3' }], refund: { windowDays: 14 } });
  });
  afterAll(() => ledger.close());

  const recharge = (account: string, more: object = {}) =>
    ledger.on('POST', `/accounts/${account}/recharges`, { ...payment, ...more });
  const refund = (account: string, refundId: string, rechargeId = 'r1', process = 0) =>
    ledger.on('POST', `/accounts/${account}/recharges/${rechargeId}/refund`, { refundId }, process);
  const dispute = (account: string, body: object, process = 0, rechargeId = 'r1') =>
    ledger.on('POST', `/accounts/${account}/recharges/${rechargeId}/disputes`, body, process);
  const close = (account: string, disputeId: string, outcome: string, body: object = {}, process = 0) =>
    ledger.on('POST', `/accounts/${account}/recharges/r1/disputes/${disputeId}/${outcome}`, body, process);
  const writeOff = (account: string, body: object, process = 0) =>
    ledger.on('POST', `/accounts/${account}/write-offs`, body, process);
  const view = async (account: string) => (await ledger.on('GET', `/accounts/${account}`)).body;
  const use = async (account: string, id: string, requests: number) => {
    await ledger.use(account, id, { units: { requests } });
    await ledger.charged(account, id);
  };
  const expectRepeated = async (first: LedgerResponse, send: () => Promise<LedgerResponse>) => {
    expect(first.status).toBe(201);
    expect(first.headers['idempotency-hit']).toBeUndefined();
    const again = await send();
    expect(again).toMatchObject({ status: 200, headers: { 'idempotency-hit': 'true' } });
    expect(again.body).toEqual(first.body);
  };

  it('pays back what is left of a recharge, once', async () => {
    await recharge('a1');
    await use('a1', 'u1', 30);
    const first = await refund('a1', 'f1');
    expect(first.body).toEqual({
      refundId: 'f1',
      refunded: '70',
      currency: 'CNY',
      paidBack: { amount: '70', currency: 'CNY' },
    });
    await expectRepeated(first, () => refund('a1', 'f1'));
    expect(await refund('a1', 'f2')).toMatchObject({ status: 422, body: { code: 'nothing_to_refund' } });
    expect(await view('a1')).toMatchObject({ wallet: '0', receivable: '0' });
  });

  it('pays a foreign payment back as it was paid', async () => {
    await recharge('a2', { amount: '10', currency: 'USD' });
    expect((await refund('a2', 'f1')).body).toMatchObject({
      refunded: '73',
      currency: 'CNY',
      paidBack: { amount: '10', currency: 'USD' },
    });
  });

  it('freezes what is disputed, thaws it or takes it back, each once', async () => {
    await recharge('a3');
    await use('a3', 'u1', 30);
    const opened = await dispute('a3', { disputeId: 'd1', amount: '60' });
    expect(opened.body).toEqual({
      disputeId: 'd1',
      rechargeId: 'r1',
      disputed: { amount: '60', currency: 'CNY' },
      amount: '60',
      frozen: '60',
      currency: 'CNY',
    });
    await expectRepeated(opened, () => dispute('a3', { disputeId: 'd1', amount: '60' }));
    expect(await view('a3')).toMatchObject({ wallet: '70', frozen: '60', available: '10' });
    const won = await close('a3', 'd1', 'won');
    expect(won.body).toEqual({
      disputeId: 'd1',
      outcome: 'won',
      thawed: '60',
      receivableSettled: '0',
      currency: 'CNY',
    });
    await expectRepeated(won, () => close('a3', 'd1', 'won'));
    expect(await close('a3', 'd1', 'lost')).toMatchObject({ status: 409, body: { code: 'dispute_closed' } });
    await dispute('a3', { disputeId: 'd2' });
    const lost = await close('a3', 'd2', 'lost', { fee: '15' });
    expect(lost.body).toEqual({
      disputeId: 'd2',
      outcome: 'lost',
      taken: '70',
      owed: '30',
      fee: '15',
      currency: 'CNY',
    });
    await expectRepeated(lost, () => close('a3', 'd2', 'lost', { fee: '15' }));
    expect(await close('a3', 'd2', 'lost', { fee: '16' })).toMatchObject({
      status: 409,
      body: { code: 'dispute_closed' },
    });
    expect(await view('a3')).toMatchObject({ wallet: '0', frozen: '0', available: '0', receivable: '30' });
  });

  it('writes off what will never be paid, once', async () => {
    await ledger.on('POST', '/accounts', { account: 'a4' });
    await use('a4', 'u1', 25);
    const body = { writeOffId: 'o1', amount: '10', reason: 'bankrupt' };
    const first = await writeOff('a4', body);
    expect(first.body).toEqual({ writeOffId: 'o1', writtenOff: '10', currency: 'CNY', receivable: '15' });
    await expectRepeated(first, () => writeOff('a4', body));
  });

  it('takes any id that a recharge can have, as a part of a path', async () => {
    const odd = 'pay/ä 100%#1?x=&é'.padEnd(256, '€');
    await recharge('a5', { rechargeId: odd });
    const path = `/accounts/a5/recharges/${encodeURIComponent(odd)}`;
    expect(await ledger.on('POST', `${path}/disputes`, { disputeId: odd, amount: '1' })).toMatchObject({ status: 201 });
    expect(await ledger.on('POST', `${path}/disputes/${encodeURIComponent(odd)}/won`, {})).toMatchObject({
      status: 201,
      body: { disputeId: odd, thawed: '1' },
    });
    expect(await ledger.on('POST', `${path}/refund`, { refundId: odd })).toMatchObject({ status: 201 });
  });

  describe('refuses', () => {
    beforeAll(async () => {
      await recharge('no');
      await recharge('no', { rechargeId: 'r2' });
      await dispute('no', { disputeId: 'd1', amount: '60' });
    });
    const root = '/accounts/no/recharges';
    const old = '2020-01-01T00:00:00Z';
    const late = '2999-01-01T00:00:00Z';

    it.each([
      ['a refund of no recharge', `${root}/r9/refund`, { refundId: 'x' }, 404, 'unknown_recharge'],
      ['a refund of no account', '/accounts/nobody/recharges/r1/refund', { refundId: 'x' }, 404, 'unknown_account'],
      ['a refund without an id', `${root}/r1/refund`, {}, 422, 'invalid_request'],
      ['a refund of a part', `${root}/r1/refund`, { refundId: 'x', amount: '1' }, 422, 'invalid_request'],
      [
        'a refund in the future',
        `${root}/r1/refund`,
        { refundId: 'x', occurredAt: late },
        422,
        'occurred_at_in_future',
      ],
      ['a refund long ago', `${root}/r1/refund`, { refundId: 'x', occurredAt: old }, 422, 'occurred_at_out_of_order'],
      ['a dispute of no recharge', `${root}/r9/disputes`, { disputeId: 'x' }, 404, 'unknown_recharge'],
      ['a dispute of too much', `${root}/r1/disputes`, { disputeId: 'x', amount: '40.01' }, 422, 'exceeds_recharge'],
      ['a dispute of nothing', `${root}/r1/disputes`, { disputeId: 'x', amount: '0' }, 400, 'invalid_amount'],
      ['a dispute of a number', `${root}/r1/disputes`, { disputeId: 'x', amount: 5 }, 400, 'invalid_amount'],
      [
        'a known dispute of another recharge',
        `${root}/r2/disputes`,
        { disputeId: 'd1', amount: '60' },
        409,
        'idempotency_conflict',
      ],
      ['a closing of no recharge', `${root}/r9/disputes/d1/won`, {}, 404, 'unknown_recharge'],
      ['a closing of no dispute', `${root}/r1/disputes/d9/won`, {}, 404, 'unknown_dispute'],
      ['a closing of the dispute of another recharge', `${root}/r2/disputes/d1/lost`, {}, 404, 'unknown_dispute'],
      ['a closing with a fee of nothing', `${root}/r1/disputes/d1/lost`, { fee: '0' }, 400, 'invalid_amount'],
      ['a fee of a dispute that was won', `${root}/r1/disputes/d1/won`, { fee: '1' }, 422, 'invalid_request'],
      [
        'a write-off of what is not owed',
        '/accounts/no/write-offs',
        { writeOffId: 'x', amount: '1', reason: 'r' },
        422,
        'exceeds_receivable',
      ],
      [
        'a write-off without a reason',
        '/accounts/no/write-offs',
        { writeOffId: 'x', amount: '1' },
        422,
        'invalid_request',
      ],
      [
        'a write-off of nothing',
        '/accounts/no/write-offs',
        { writeOffId: 'x', amount: '0', reason: 'r' },
        400,
        'invalid_amount',
      ],
    ])('%s, and leaves no trace', async (_, path, body, status, code) => {
      const before = await view('no');
      expect(await ledger.on('POST', path, body)).toMatchObject({ status, body: { code } });
      expect(await view('no')).toEqual(before);
    });
  });

  describe('in a race', () => {
    beforeAll(() => ledger.startProcess());
    const race = (send: (caller: number, process: number) => Promise<LedgerResponse>) =>
      Promise.all(Array.from({ length: CALLERS }, (_, caller) => send(caller, caller % 2)));
    const count = (answers: readonly LedgerResponse[], status: number) =>
      answers.filter((answer) => answer.status === status).length;

    it('of refunds, one pays back', async () => {
      await recharge('race-1');
      const answers = await race((caller, process) => refund('race-1', `f${caller}`, 'r1', process));
      expect([count(answers, 201), count(answers, 422)]).toEqual([1, CALLERS - 1]);
      expect(await view('race-1')).toMatchObject({ wallet: '0', receivable: '0' });
    });

    it('of the same refund, one pays back and the others say so', async () => {
      await recharge('race-2');
      const answers = await race((_, process) => refund('race-2', 'f1', 'r1', process));
      expect([count(answers, 201), count(answers, 200)]).toEqual([1, CALLERS - 1]);
      expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    });

    it('of refunds and disputes, no more is claimed than was paid', async () => {
      await recharge('race-3');
      const answers = await race((caller, process) =>
        caller % 4 < 2
          ? refund('race-3', `f${caller}`, 'r1', process)
          : dispute('race-3', { disputeId: `d${caller}`, amount: '60' }, process),
      );
      const disputed = answers.filter(({ status, body }) => status === 201 && 'disputeId' in body);
      const refunded = answers.filter(({ status, body }) => status === 201 && 'refundId' in body);
      expect(refunded).toHaveLength(1);
      expect(disputed.length).toBeLessThanOrEqual(1);
      const left = disputed.length === 1 ? '60' : '0';
      expect(refunded[0]?.body['refunded']).toBe(disputed.length === 1 ? '40' : '100');
      expect(await view('race-3')).toMatchObject({ wallet: left, frozen: left, available: '0', receivable: '0' });
    });

    it('of closings of a dispute, one holds', async () => {
      await recharge('race-4');
      await dispute('race-4', { disputeId: 'd1' });
      const answers = await race((caller, process) =>
        close('race-4', 'd1', caller % 4 < 2 ? 'won' : 'lost', {}, process),
      );
      const outcomes = new Set(answers.filter(({ status }) => status < 300).map(({ body }) => body['outcome']));
      expect(outcomes.size).toBe(1);
      expect([count(answers, 201), count(answers, 200), count(answers, 409)]).toEqual([
        1,
        CALLERS / 2 - 1,
        CALLERS / 2,
      ]);
      const wallet = outcomes.has('won') ? '100' : '0';
      expect(await view('race-4')).toMatchObject({ wallet, frozen: '0', receivable: '0' });
    });

    it('of write-offs, no more is given up than is owed', async () => {
      await ledger.on('POST', '/accounts', { account: 'race-5' });
      await use('race-5', 'u1', 10);
      const answers = await race((caller, process) =>
        writeOff('race-5', { writeOffId: `o${caller}`, amount: '3', reason: 'r' }, process),
      );
      expect([count(answers, 201), count(answers, 422)]).toEqual([3, CALLERS - 3]);
      expect(await view('race-5')).toMatchObject({ receivable: '1' });
    });

    it('with usage that spends the recharge, every unit is paid once', async () => {
      await recharge('race-6');
      const spend = Array.from({ length: 20 }, (_, i) => ledger.use('race-6', `u${i}`, { units: { requests: 7 } }));
      const answers = await race((caller, process) => refund('race-6', `f${caller}`, 'r1', process));
      await Promise.all(spend);
      for (let i = 0; i < 20; i++) await ledger.charged('race-6', `u${i}`);
      // A reversal could make room for another one; usage alone never does.
      const refunded = answers.filter(({ status }) => status === 201).map(({ body }) => Number(body['refunded']));
      expect(refunded.length).toBeLessThanOrEqual(1);
      const { wallet, receivable } = await view('race-6');
      expect(Number(wallet) - Number(receivable)).toBe(100 - 140 - (refunded[0] ?? 0));
      expect(Number(wallet)).toBe(0);
    });
  });
});
