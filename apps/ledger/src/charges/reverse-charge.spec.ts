import { formatInstant } from '@meterbook/domain/time/instant';
import { LedgerApp } from '../testing/ledger-app';

const reversal = { reversalId: 'x1', source: 'gw', id: 'u1', reason: 'upstream failed' };

describe('POST charges/reversals', () => {
  let ledger: LedgerApp;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
    await ledger.publish();
  });
  afterAll(() => ledger.close());

  const charged = async (account: string, ...ids: readonly string[]): Promise<void> => {
    await ledger.on('POST', `/accounts/${account}/recharges`, {
      rechargeId: 'r1',
      provider: 'manual',
      amount: '100',
      currency: 'CNY',
    });
    for (const id of ids) await ledger.use(account, id);
    for (const id of ids) await ledger.charged(account, id);
  };

  it('gives back what a charge took, once', async () => {
    await charged('a1', 'u1', 'u2');
    const first = await ledger.on('POST', '/accounts/a1/charges/reversals', reversal);
    expect(first).toMatchObject({
      status: 201,
      body: { reversalId: 'x1', source: 'gw', id: 'u1', amount: '1', returned: [{ from: 'wallet', amount: '1' }] },
    });
    const again = await ledger.on('POST', '/accounts/a1/charges/reversals', reversal);
    expect(again).toMatchObject({ status: 200, headers: { 'idempotency-hit': 'true' } });
    expect(again.body).toEqual(first.body);
    expect((await ledger.on('GET', '/accounts/a1')).body['wallet']).toBe('99');
    expect(await ledger.charged('a1', 'u1')).toMatchObject({ reversed: true });
    expect(await ledger.charged('a1', 'u2')).toMatchObject({ reversed: false });
  });

  it('leaves the identity spent', async () => {
    await charged('a2', 'u1');
    await ledger.on('POST', '/accounts/a2/charges/reversals', reversal);
    await ledger.use('a2', 'u1');
    await ledger.use('a2', 'u2');
    await ledger.charged('a2', 'u2');
    expect((await ledger.on('GET', '/accounts/a2')).body['wallet']).toBe('99');
  });

  it('occurs no earlier than its charge, and the account can be seen as of then', async () => {
    await ledger.on('POST', '/accounts', { account: 'a9' });
    await ledger.use('a9', 'u1', {}, -3 * 60_000);
    await ledger.charged('a9', 'u1');
    await charged('a9');
    const path = '/accounts/a9/charges/reversals';
    const early = { ...reversal, occurredAt: formatInstant(ledger.clock.now()) };
    expect(await ledger.on('POST', path, early)).toMatchObject({
      status: 422,
      body: { code: 'occurred_at_out_of_order' },
    });
    expect(await ledger.on('POST', path, reversal)).toMatchObject({ status: 201 });
    await ledger.use('a9', 'u2');
    await ledger.charged('a9', 'u2');
    expect(await ledger.on('POST', path, { ...reversal, reversalId: 'x2', id: 'u2' })).toMatchObject({ status: 201 });
    const asOf = formatInstant(ledger.clock.now());
    // The recharge of 100 had occurred, and u2 had; neither u1 nor what undid the two of them.
    expect(await ledger.on('GET', `/accounts/a9?asOf=${asOf}`)).toMatchObject({
      status: 200,
      body: { wallet: '100', receivable: '1' },
    });
    expect((await ledger.on('GET', '/accounts/a9')).body).toMatchObject({ wallet: '100', receivable: '0' });
  });

  it('finds a charge from before a checkpoint', async () => {
    const ids = Array.from({ length: 60 }, (_, i) => `u${i}`);
    await charged('a3', ...ids);
    expect((await ledger.stored('checkpoint-apibox/a3')).length).toBeGreaterThan(0);
    await ledger.startProcess();
    expect(await ledger.on('POST', '/accounts/a3/charges/reversals', reversal, 1)).toMatchObject({ status: 201 });
    expect((await ledger.on('GET', '/accounts/a3', undefined, 1)).body['wallet']).toBe('41');
  });

  it('undoes a charge once however many ask under their own ids', async () => {
    await charged('a4', 'u1');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        ledger.on('POST', '/accounts/a4/charges/reversals', { ...reversal, reversalId: `x${i}` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ body }) => body['code'] === 'already_reversed')).toHaveLength(19);
    expect((await ledger.on('GET', '/accounts/a4')).body['wallet']).toBe('100');
  });

  it.each([
    ['a charge that is not there', { ...reversal, reversalId: 'y', id: 'none' }, 404, 'unknown_charge'],
    ['a second one of the same charge', { ...reversal, reversalId: 'y' }, 409, 'already_reversed'],
    ['other content under the same id', { ...reversal, reason: 'other' }, 409, 'idempotency_conflict'],
    ['a missing reason', { ...reversal, reason: undefined }, 422, 'invalid_request'],
    ['the future', { ...reversal, reversalId: 'y', occurredAt: '2999-01-01T00:00:00Z' }, 422, 'occurred_at_in_future'],
  ])('refuses %s', async (_, body, status, code) => {
    await charged('a5', 'u1');
    await ledger.on('POST', '/accounts/a5/charges/reversals', reversal);
    expect(await ledger.on('POST', '/accounts/a5/charges/reversals', body)).toMatchObject({ status, body: { code } });
  });

  it('knows only accounts that were opened', async () => {
    expect(await ledger.on('POST', '/accounts/nobody/charges/reversals', reversal)).toMatchObject({
      status: 404,
      body: { code: 'unknown_account' },
    });
  });
});
