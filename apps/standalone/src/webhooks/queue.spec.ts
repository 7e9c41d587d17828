import { encodeEvent } from '@meterbook/books/event-codec';
import { accountStream } from '@meterbook/books/account-stream';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { Receiver, type Received } from '../testing/receiver';
import { rulebook, WebhookHouse } from '../testing/webhook-house';

const hour = 3_600_000;
const day = 24 * hour;

describe('what is queued for webhooks', () => {
  let house: WebhookHouse;
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await Receiver.start();
    house = await WebhookHouse.open({ waiting: { maxWaiting: 5, roomBelow: 2 } });
    await house.done('PUT', '/rulebook', rulebook);
  });
  afterAll(async () => {
    await house.close();
    await receiver.close();
  });

  const open = async (account: string): Promise<void> => {
    await house.done('POST', '/accounts', { account });
    await house.done('PATCH', `/accounts/${account}`, { tier: 'pro' });
  };
  const register = (account: string, events: readonly string[], more: object = {}) =>
    house.done('POST', `/accounts/${account}/webhooks`, {
      webhookId: 'h1',
      url: `${receiver.url}/${account}`,
      events,
      ...more,
    });
  const receivedBy = (path: string): Received[] => receiver.received.filter((each) => each.path === `/hook/${path}`);
  const paid = { plan: 'basic', kind: 'one-time', provider: 'manual' };

  it('is bounded for each endpoint, and what comes after is read from the store when there is room again', async () => {
    await open('full');
    await register('full', ['wallet.recharged']);
    let isUp = false;
    receiver.answering = (response, { path }) => {
      if (path === '/hook/full' && !isUp) response.writeHead(500).end();
      else response.writeHead(204).end();
    };
    const wanted = Array.from({ length: 25 }, (_, i) => `r${i}`);
    for (const id of wanted.slice(0, 15)) await house.recharge('full', id, '1');
    await house.stopDelivering();
    house.deliver();
    for (const id of wanted.slice(15)) await house.recharge('full', id, '1');
    await house.until(() => receivedBy('full').length > 0);
    const { items } = await house.done('GET', '/accounts/full/webhooks/h1/deliveries');
    expect((items as unknown[]).length).toBeLessThan(wanted.length);
    isUp = true;
    const told = (): unknown[] => [
      ...new Map(receivedBy('full').map(({ id, body }) => [id, body.data['rechargeId']])).values(),
    ];
    await house.asTimePasses(5_000, () => told().length === wanted.length);
    expect(told()).toEqual(wanted);
    await house.recharge('full', 'last', '1');
    await house.until(() => told().includes('last'));
  });

  it('knows of periods that were paid before anybody asked when they end', async () => {
    receiver.answering = (response) => response.writeHead(204).end();
    await open('early');
    await house.done('POST', '/accounts/early/subscription', { paymentRef: 'p1', ...paid });
    await open('other');
    await house.done('POST', '/accounts/other/subscription', { paymentRef: 'p1', ...paid });
    await register('early', ['subscription.expiring']);
    const ops = { webhookId: 'ops', url: `${receiver.url}/ops`, events: ['subscription.expiring'] };
    await house.done('POST', '/webhooks', ops);
    await house.done('POST', '/webhooks/ops/test');
    await house.until(() => receivedBy('ops').length === 1);
    house.clock.jump(27 * day + hour);
    await house.until(() => receivedBy('early').length === 1 && receivedBy('ops').length === 3);
    expect(
      receivedBy('ops')
        .map(({ body }) => body.data['account'] ?? body.type)
        .sort(),
    ).toEqual(['early', 'other', 'webhook.test']);
    await house.done('DELETE', '/webhooks/ops');
  });

  it('tells of a wallet that time alone brings below the threshold', async () => {
    await open('timed');
    await house.recharge('timed', 'r1', '3');
    await register('timed', ['wallet.low'], { threshold: '5' });
    const expiresAt = new Date(house.clock.now() + 2 * hour).toISOString();
    await house.done('POST', '/accounts/timed/grants', { grantId: 'g1', amount: '4', reason: 'x', expiresAt });
    house.clock.jump(hour);
    await house.recharge('timed', 'r2', '1');
    house.clock.jump(hour + 1_000);
    await house.until(() => receivedBy('timed').length === 1);
    expect(receivedBy('timed')[0]?.body).toMatchObject({
      type: 'wallet.low',
      data: { available: '4', threshold: '5' },
    });
  });

  it('tells of a wallet that a hold brings below the threshold, and shows what is held', async () => {
    await open('held');
    await house.recharge('held', 'r1', '6');
    await register('held', ['wallet.low'], { threshold: '5.5' });
    await house.recharge('held', 'r2', '0.1');
    await house.done('POST', '/accounts/held/authorizations', { requestId: 'q1', model: 'gpt', units: {} });
    await house.until(() => receivedBy('held').length === 1);
    expect(receivedBy('held')[0]?.body).toMatchObject({
      type: 'wallet.low',
      data: { available: '5.1', balances: { wallet: '6.1', held: '1', available: '5.1' } },
    });
  });

  it('goes on without streams that cannot be read, for everybody else as ever', async () => {
    const { store } = house.engines;
    const foreign = { type: 'SomethingOfALaterRelease' };
    const ofAccount = accountStream({ platform: 'shop', account: 'bent' });
    await house.done('PUT', '/v1/platforms/bent/rulebook', { ...rulebook, platform: 'bent' });
    const bent: readonly (readonly [stream: string, event: { readonly type: string }])[] = [
      [ofAccount, foreign],
      ['webhooks-bent', foreign],
      [
        'webhooks-odd',
        { type: 'WebhookRegistered', account: null, webhookId: 'x', url: 1, events: 'all' } as { type: string },
      ],
    ];
    for (const [stream, event] of bent) {
      const events = [encodeEvent(stream, 0, chainStart, event, {})];
      await store.append([{ stream, expectedRevision: 'no-stream', events }]);
    }
    expect(await house.send('GET', '/v1/platforms/bent/webhooks')).toMatchObject({ status: 503 });
    await open('whole');
    await register('whole', ['wallet.recharged']);
    await house.recharge('whole', 'r1', '1');
    await house.until(() => receivedBy('whole').length === 1);
  });
});
