import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { platformWebhookTypes } from '@meterbook/domain/webhook/webhook-types';
import { Receiver, signatureOf, type Received } from '../testing/receiver';
import { rulebook, WebhookHouse } from '../testing/webhook-house';

const hour = 3_600_000;
const page = readFileSync(join(__dirname, '../../../../docs/webhooks.md'), 'utf8');
/** The second example of the page is a body as it is sent. */
const documentedBody = [...page.matchAll(/```json\n([^]*?)```/g)][1]?.[1] ?? '';
/** The names of a value's members, in their order. */
const shapeOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).map(([name, member]) => [name, shapeOf(member)])
    : typeof value;

describe('webhooks', () => {
  let house: WebhookHouse;
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await Receiver.start();
    house = await WebhookHouse.open();
    await house.done('PUT', '/rulebook', rulebook);
  });
  afterAll(async () => {
    await house.close();
    await receiver.close();
  });

  const open = async (account: string, tier = 'pro'): Promise<void> => {
    await house.done('POST', '/accounts', { account });
    if (tier !== 'free') await house.done('PATCH', `/accounts/${account}`, { tier });
  };
  const register = (account: string, events: readonly string[], more: object = {}) =>
    house.send('POST', `/accounts/${account}/webhooks`, {
      webhookId: 'h1',
      url: `${receiver.url}/${account}`,
      events,
      ...more,
    });
  const receivedBy = (account: string): Received[] =>
    receiver.received.filter(({ path }) => path === `/hook/${account}`);
  const arrived = (account: string, count: number): Promise<void> =>
    house.until(() => receivedBy(account).length >= count);
  const typesAt = (account: string): string[] => receivedBy(account).map(({ body }) => body.type);

  it('tell an account of a recharge, in the words of the command, with its balances, signed', async () => {
    await open('a1');
    const { status, body } = await register('a1', ['wallet.recharged']);
    expect([status, body]).toEqual([
      201,
      {
        webhookId: 'h1',
        url: `${receiver.url}/a1`,
        events: ['wallet.recharged'],
        threshold: null,
        enabled: true,
        disabledBecause: null,
        registeredAt: expect.any(String) as unknown,
        secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) as unknown,
      },
    ]);
    await house.recharge('a1', 'r1', '5');
    await arrived('a1', 1);
    const [delivery] = receivedBy('a1') as [Received];
    expect(delivery.body).toEqual({
      type: 'wallet.recharged',
      timestamp: expect.any(String) as unknown,
      data: {
        platform: 'shop',
        account: 'a1',
        rechargeId: 'r1',
        credited: '5',
        currency: 'CNY',
        paid: { amount: '5', currency: 'CNY' },
        fxRate: null,
        receivableSettled: '0',
        balances: {
          currency: 'CNY',
          wallet: '5',
          frozen: '0',
          held: '0',
          available: '5',
          receivable: '0',
          pools: { main: expect.anything() as unknown, backup: expect.anything() as unknown },
        },
      },
    });
    expect(delivery.signatures).toEqual([signatureOf(String(body['secret']), delivery)]);
    expect(Math.abs(Number(delivery.timestamp) * 1000 - house.clock.now())).toBeLessThan(60_000);
  });

  it('keep their secrets out of everything that is stored', async () => {
    await open('a2');
    const secret = String((await register('a2', ['wallet.recharged'])).body['secret']);
    await house.recharge('a2', 'r1', '5');
    await arrived('a2', 1);
    const files = readdirSync(house.directory, { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    const bare = secret.replace('whsec_', '');
    const holding = files.filter((file) => readFileSync(join(file.parentPath, file.name)).includes(bare));
    expect(holding.map(({ name }) => name)).toEqual([]);
  });

  it('are registered once under their id, without a secret in the repeat', async () => {
    await open('a3');
    await register('a3', ['wallet.recharged']);
    const again = await register('a3', ['wallet.recharged']);
    expect(again).toMatchObject({ status: 200, headers: { 'idempotency-hit': 'true' } });
    expect(again.body).not.toHaveProperty('secret');
    expect(await register('a3', ['usage.charged'])).toMatchObject({
      status: 409,
      body: { code: 'idempotency_conflict' },
    });
    expect((await house.done('GET', '/accounts/a3/webhooks'))['items']).toEqual([again.body]);
    expect((await house.send('DELETE', '/accounts/a3/webhooks/h1')).status).toBe(204);
    expect((await house.send('DELETE', '/accounts/a3/webhooks/h1')).status).toBe(204);
    expect((await house.done('GET', '/accounts/a3/webhooks'))['items']).toEqual([]);
    expect((await register('a3', ['wallet.recharged'])).status).toBe(200);
  });

  it.each([
    ['POST', '/accounts/none/webhooks', {}, 404, 'unknown_account'],
    ['POST', '/accounts/poor/webhooks', {}, 403, 'webhooks_not_in_tier'],
    ['POST', '/accounts/rich/webhooks', { url: 'https://user:pass@example.com/' }, 422, 'url_not_allowed'],
    ['POST', '/accounts/rich/webhooks', { url: 'ftp://example.com/' }, 422, 'url_not_allowed'],
    ['POST', '/accounts/rich/webhooks', { url: 'http://10.0.0.1/' }, 422, 'url_not_allowed'],
    ['POST', '/accounts/rich/webhooks', { url: 'https://[::ffff:10.0.0.1]/' }, 422, 'url_not_allowed'],
    ['POST', '/accounts/rich/webhooks', { url: 'https://[64:ff9b::a00:1]/' }, 422, 'url_not_allowed'],
    ['POST', '/accounts/rich/webhooks', { url: 'https://0x0a000001/' }, 422, 'url_not_allowed'],
    ['POST', '/accounts/rich/webhooks', { url: 'https://169.254.169.254/latest' }, 422, 'url_not_allowed'],
    ['POST', '/accounts/rich/webhooks', { events: ['dead_letter.opened'] }, 422, 'invalid_request'],
    ['POST', '/accounts/rich/webhooks', { events: ['nothing.known'] }, 422, 'invalid_request'],
    ['POST', '/accounts/rich/webhooks', { events: [] }, 422, 'invalid_request'],
    ['POST', '/accounts/rich/webhooks', { events: ['wallet.low'] }, 422, 'invalid_request'],
    ['POST', '/accounts/rich/webhooks', { threshold: '5' }, 422, 'invalid_request'],
    ['POST', '/accounts/rich/webhooks', { events: ['wallet.low'], threshold: '0' }, 400, 'invalid_amount'],
    ['PATCH', '/accounts/rich/webhooks/none', { enabled: false }, 404, 'unknown_webhook'],
    ['DELETE', '/accounts/rich/webhooks/none', undefined, 404, 'unknown_webhook'],
    ['POST', '/accounts/rich/webhooks/none/test', undefined, 404, 'unknown_webhook'],
    ['POST', '/accounts/rich/webhooks/none/rotate', {}, 404, 'unknown_webhook'],
    ['GET', '/accounts/rich/webhooks/none/deliveries', undefined, 404, 'unknown_webhook'],
    ['GET', '/v1/platforms/nowhere/webhooks', undefined, 404, 'unknown_platform'],
  ] as const)('answer %s %s with %j by a refusal', async (method, path, body, status, code) => {
    await open('poor', 'free');
    await open('rich');
    const whole = method === 'POST' && path.endsWith('/webhooks');
    const base = { webhookId: 'x', url: 'https://hooks.example.com/', events: ['wallet.recharged'] };
    const sent = await house.send(method, path, whole ? { ...base, ...body } : body);
    expect(sent).toMatchObject({ status, body: { code } });
  });

  it('are delivered with a signature of both secrets for a day after a rotation', async () => {
    await open('a4');
    const first = String((await register('a4', ['wallet.recharged'])).body['secret']);
    const rotated = await house.send('POST', '/accounts/a4/webhooks/h1/rotate', { requestId: 'x' });
    expect(rotated.status).toBe(201);
    const second = String(rotated.body['secret']);
    expect(second).not.toBe(first);
    const again = await house.send('POST', '/accounts/a4/webhooks/h1/rotate', { requestId: 'x' });
    expect([again.status, again.body['secret']]).toEqual([200, undefined]);
    await house.recharge('a4', 'r1', '5');
    await arrived('a4', 1);
    const [both] = receivedBy('a4') as [Received];
    expect(both.signatures).toEqual([signatureOf(second, both), signatureOf(first, both)]);
    house.clock.jump(25 * hour);
    await house.recharge('a4', 'r2', '5');
    await arrived('a4', 2);
    const [, one] = receivedBy('a4') as [Received, Received];
    expect(one.signatures).toEqual([signatureOf(second, one)]);
  });

  it('tell of a wallet that falls below the threshold once a crossing', async () => {
    await open('low');
    await house.recharge('low', 'r1', '7');
    await register('low', ['wallet.low', 'receivable.opened'], { threshold: '5' });
    for (let i = 0; i < 4; i++) await house.use('low', `u${i}`);
    await arrived('low', 1);
    await house.recharge('low', 'r2', '7');
    for (let i = 4; i < 10; i++) await house.use('low', `u${i}`);
    await arrived('low', 2);
    for (let i = 10; i < 16; i++) await house.use('low', `u${i}`);
    await arrived('low', 3);
    expect(typesAt('low')).toEqual(['wallet.low', 'wallet.low', 'receivable.opened']);
    expect(receivedBy('low')[0]?.body.data).toMatchObject({ threshold: '5', currency: 'CNY' });
    expect(shapeOf(receivedBy('low')[0]?.body)).toEqual(shapeOf(JSON.parse(documentedBody)));
  });

  it('are described: each type, and no other', () => {
    const described = [...page.matchAll(/^\| (`[a-z_.]+`(?:, `[a-z_.]+`)*) \|/gm)].flatMap(([, names = '']) =>
      names.replaceAll('`', '').split(', '),
    );
    expect(described.filter((name) => name.includes('.')).sort()).toEqual([...platformWebhookTypes].sort());
  });

  it('tell of everything else that happens to an account, in its order', async () => {
    await open('all');
    await register('all', [
      'usage.charged',
      'wallet.recharged',
      'tier.promoted',
      'subscription.started',
      'subscription.renewed',
      'subscription.cancelled',
      'subscription.switched',
      'recharge.refunded',
      'recharge.disputed',
      'usage.reversed',
    ]);
    await house.recharge('all', 'r1', '1000');
    await house.until(async () => (await house.done('GET', '/accounts/all'))['tier'] === 'max');
    await house.use('all', 'u1');
    await house.until(
      async () => ((await house.done('GET', '/accounts/all/charges'))['charges'] as unknown[]).length > 0,
    );
    await house.done('POST', '/accounts/all/charges/reversals', {
      reversalId: 'v1',
      source: 'gw',
      id: 'u1',
      reason: 'x',
    });
    const paid = { plan: 'basic', kind: 'auto-renew', provider: 'manual' };
    await house.done('POST', '/accounts/all/subscription', { paymentRef: 'p1', ...paid });
    await house.done('POST', '/accounts/all/subscription/renewals', { paymentRef: 'p2', provider: 'manual' });
    await house.done('POST', '/accounts/all/subscription/switch', {
      paymentRef: 'p3',
      plan: 'more',
      provider: 'manual',
    });
    await house.done('DELETE', '/accounts/all/subscription');
    await house.recharge('all', 'r2', '10');
    await house.done('POST', '/accounts/all/recharges/r2/refund', { refundId: 'f1' });
    await house.done('POST', '/accounts/all/recharges/r1/disputes', { disputeId: 'd1', amount: '1' });
    const types = [
      ...['wallet.recharged', 'tier.promoted', 'usage.charged', 'usage.reversed', 'subscription.started'],
      ...['subscription.renewed', 'subscription.switched', 'subscription.cancelled', 'wallet.recharged'],
      ...['recharge.refunded', 'recharge.disputed'],
    ];
    await arrived('all', types.length);
    expect(typesAt('all')).toEqual(types);
    const charge = ((await house.done('GET', '/accounts/all/charges'))['charges'] as object[])[0];
    expect(receivedBy('all')[2]?.body.data).toMatchObject({ ...charge, reversed: false });
  });

  it('tell of a period that ends in 72 hours and that no renewal follows, once', async () => {
    await open('sub');
    await register('sub', ['subscription.expiring']);
    const paid = { plan: 'basic', kind: 'auto-renew', provider: 'manual' };
    await house.done('POST', '/accounts/sub/subscription', { paymentRef: 'p1', ...paid });
    house.clock.jump(26 * 24 * hour);
    await house.done('POST', '/accounts/sub/subscription/renewals', { paymentRef: 'p2', provider: 'manual' });
    await house.use('sub', 'u1');
    house.clock.jump(2 * 24 * hour);
    await house.use('sub', 'u2');
    await house.until(
      async () => ((await house.done('GET', '/accounts/sub/charges'))['charges'] as unknown[]).length > 1,
    );
    expect(typesAt('sub')).toEqual([]);
    house.clock.jump(30 * 24 * hour);
    await arrived('sub', 1);
    house.clock.jump(24 * hour);
    await house.use('sub', 'u3');
    await house.until(
      async () => ((await house.done('GET', '/accounts/sub/charges'))['charges'] as unknown[]).length > 2,
    );
    expect(receivedBy('sub').map(({ body }) => [body.type, body.data['plan']])).toEqual([
      ['subscription.expiring', 'basic'],
    ]);
  });

  it('of a platform hear of all its accounts, and of usage that cannot be charged', async () => {
    await open('p1', 'free');
    const body = { webhookId: 'ops', url: `${receiver.url}/ops`, events: ['wallet.recharged', 'dead_letter.opened'] };
    expect((await house.send('POST', '/webhooks', body)).status).toBe(201);
    await house.recharge('p1', 'r1', '5');
    await house.use('p1', 'u1', 'no-such-model');
    await arrived('ops', 2);
    expect(typesAt('ops').sort()).toEqual(['dead_letter.opened', 'wallet.recharged']);
    const letter = receivedBy('ops').find(({ body: { type } }) => type === 'dead_letter.opened');
    const [listed] = (await house.done('GET', '/v1/dead-letters?platform=shop'))['items'] as object[];
    if (listed) expect(letter?.body.data).toEqual(listed);
    expect(letter?.body.data).toMatchObject({ reason: 'unknown_model', account: 'p1', platform: 'shop' });
    expect((await house.send('DELETE', '/webhooks/ops')).status).toBe(204);
  });

  it('can be tried, listed and sent again', async () => {
    await open('t1');
    await register('t1', ['wallet.recharged']);
    const { deliveryId } = await house.done('POST', '/accounts/t1/webhooks/h1/test');
    await arrived('t1', 1);
    expect(receivedBy('t1')[0]).toMatchObject({ id: deliveryId, body: { type: 'webhook.test' } });
    await house.recharge('t1', 'r1', '5');
    await arrived('t1', 2);
    const list = async () =>
      (await house.done('GET', '/accounts/t1/webhooks/h1/deliveries'))['items'] as Record<string, unknown>[];
    await house.until(async () => (await list()).every(({ state }) => state === 'delivered'));
    const [newest] = await list();
    expect(newest).toMatchObject({ type: 'wallet.recharged', attempts: 1, status: 204, error: null });
    expect(newest?.['payload']).toEqual(receivedBy('t1')[1]?.body);
    const id = String(newest?.['deliveryId']);
    expect((await house.send('POST', `/accounts/t1/webhooks/h1/deliveries/${id}/resend`)).status).toBe(202);
    await arrived('t1', 3);
    expect(receivedBy('t1')[2]?.id).toBe(id);
    const unknown = await house.send('POST', '/accounts/t1/webhooks/h1/deliveries/none/resend');
    expect(unknown).toMatchObject({ status: 404, body: { code: 'unknown_delivery' } });
  });

  it('pause while the tier of their account has no webhooks, and go on afterwards', async () => {
    await open('z1');
    await register('z1', ['wallet.recharged']);
    await house.done('PATCH', '/accounts/z1', { tier: 'free' });
    await house.recharge('z1', 'r1', '5');
    await house.done('PATCH', '/accounts/z1', { tier: 'pro' });
    await house.recharge('z1', 'r2', '6');
    await arrived('z1', 1);
    expect(receivedBy('z1').map(({ body }) => body.data['rechargeId'])).toEqual(['r2']);
  });
});
