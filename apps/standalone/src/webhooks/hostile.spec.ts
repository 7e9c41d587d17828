import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Receiver, type Received } from '../testing/receiver';
import { rulebook, WebhookHouse } from '../testing/webhook-house';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe('a receiver that fails, hangs or is hostile', () => {
  let house: WebhookHouse;
  let receiver: Receiver;
  /** What the name servers say next of each name. */
  const names = new Map<string, string[]>();
  beforeAll(async () => {
    receiver = await Receiver.start();
    house = await WebhookHouse.open({
      resolve: async (host) => {
        const [address = ''] = names.get(host) ?? [];
        if ((names.get(host)?.length ?? 0) > 1) names.get(host)?.shift();
        if (address === '') throw new Error('nobody knows the name');
        return [{ address, family: 4 }];
      },
    });
    await house.done('PUT', '/rulebook', rulebook);
  });
  afterAll(async () => {
    await house.close();
    await receiver.close();
  });

  const open = async (account: string, url = `${receiver.url}/${account}`): Promise<void> => {
    await house.done('POST', '/accounts', { account });
    await house.done('PATCH', `/accounts/${account}`, { tier: 'pro' });
    await house.done('POST', `/accounts/${account}/webhooks`, { webhookId: 'h1', url, events: ['wallet.recharged'] });
  };
  const receivedBy = (account: string): Received[] =>
    receiver.received.filter(({ path }) => path === `/hook/${account}`);
  const ids = (account: string): unknown[] => receivedBy(account).map(({ body }) => body.data['rechargeId']);
  const deliveries = async (account: string) =>
    (await house.done('GET', `/accounts/${account}/webhooks/h1/deliveries`))['items'] as Record<string, unknown>[];
  const endpoint = async (account: string) =>
    ((await house.done('GET', `/accounts/${account}/webhooks`))['items'] as Record<string, unknown>[])[0];
  it('of 500 for an hour gets everything afterwards, in order, under the same ids', async () => {
    await open('flaky');
    const upAt = house.clock.now() + hour;
    receiver.answering = (response, { path }) => {
      const fails = path === '/hook/flaky' && house.clock.now() < upAt;
      response.writeHead(fails ? 500 : 204).end();
    };
    for (const id of ['r1', 'r2', 'r3']) await house.recharge('flaky', id, '5');
    await house.until(() => receivedBy('flaky').length > 0);
    await house.asTimePasses(minute, async () =>
      (await deliveries('flaky')).every(({ state }) => state === 'delivered'),
    );
    const first = receivedBy('flaky').filter(({ body }) => body.data['rechargeId'] === 'r1');
    expect(first.length).toBeGreaterThan(5);
    expect(new Set(first.map(({ id }) => id)).size).toBe(1);
    expect(ids('flaky').slice(-3)).toEqual(['r1', 'r2', 'r3']);
    expect(ids('flaky').filter((id) => id !== 'r1')).toEqual(['r2', 'r3']);
  });

  it('of failures for three days is disabled, visibly, and what waits can be sent again', async () => {
    await open('dead');
    receiver.answering = (response, { path }) => response.writeHead(path === '/hook/dead' ? 503 : 204).end();
    await house.recharge('dead', 'r1', '5');
    await house.recharge('dead', 'r2', '5');
    await house.until(() => receivedBy('dead').length > 0);
    const startedAt = house.clock.now();
    await house.asTimePasses(30 * minute, async () => (await endpoint('dead'))?.['enabled'] === false);
    expect(house.clock.now() - startedAt).toBeGreaterThanOrEqual(3 * day - minute);
    expect(await endpoint('dead')).toMatchObject({ enabled: false, disabledBecause: 'failing' });
    await house.until(async () => (await deliveries('dead')).every(({ state }) => state === 'failed'));
    expect(ids('dead')).not.toContain('r2');
    receiver.answering = (response) => response.writeHead(204).end();
    const before = receivedBy('dead').length;
    const [second, first] = await deliveries('dead');
    for (const delivery of [first, second])
      await house.done('POST', `/accounts/dead/webhooks/h1/deliveries/${String(delivery?.['deliveryId'])}/resend`);
    await house.until(() => receivedBy('dead').length === before + 2);
    await house.done('PATCH', '/accounts/dead/webhooks/h1', { enabled: true });
    await house.recharge('dead', 'r3', '5');
    await house.until(() => ids('dead').includes('r3'));
    expect(await endpoint('dead')).toMatchObject({ enabled: true, disabledBecause: null });
  });

  it('that is gone is disabled at once', async () => {
    await open('gone');
    receiver.answering = (response, { path }) => response.writeHead(path === '/hook/gone' ? 410 : 204).end();
    await house.recharge('gone', 'r1', '5');
    await house.until(async () => (await endpoint('gone'))?.['disabledBecause'] === 'gone');
    expect(receivedBy('gone').length).toBe(1);
  });

  it('that asks for time is given it', async () => {
    await open('busy');
    let calls = 0;
    receiver.answering = (response, { path }) => {
      if (path === '/hook/busy') calls += 1;
      response.writeHead(path === '/hook/busy' && calls === 1 ? 429 : 204, { 'retry-after': '1800' }).end();
    };
    await house.recharge('busy', 'r1', '5');
    await house.until(() => receivedBy('busy').length === 1);
    house.clock.jump(25 * minute);
    await open('other');
    await house.recharge('other', 'r1', '5');
    await house.until(() => receivedBy('other').length === 1);
    expect(receivedBy('busy').length).toBe(1);
    house.clock.jump(6 * minute);
    await house.until(() => receivedBy('busy').length === 2);
  });

  it('that redirects is not followed', async () => {
    await open('moved');
    receiver.answering = (response, { path }) =>
      response.writeHead(path === '/hook/moved' ? 302 : 204, { location: `${receiver.url}/elsewhere` }).end();
    await house.recharge('moved', 'r1', '5');
    await house.until(async () => (await deliveries('moved'))[0]?.['status'] === 302);
    expect(receiver.received.filter(({ path }) => path.endsWith('elsewhere'))).toEqual([]);
    expect((await deliveries('moved'))[0]).toMatchObject({
      state: 'waiting',
      error: expect.stringContaining('redirect') as unknown,
    });
  });

  it('that answers with a gigabyte is cut off after 64 KiB, and counts as what its head said', async () => {
    await open('endless');
    let written = 0;
    let isClosed = false;
    const chunk = 'x'.repeat(64 * 1024);
    receiver.answering = (response, { path }) => {
      response.writeHead(200);
      if (path !== '/hook/endless') return void response.end();
      response.on('close', () => (isClosed = true));
      const write = (): void => {
        if (isClosed || written >= 1_000_000_000) return;
        written += chunk.length;
        if (response.write(chunk)) setImmediate(write);
        else response.once('drain', write);
      };
      write();
    };
    await house.recharge('endless', 'r1', '5');
    await house.until(() => isClosed);
    expect(written).toBeLessThan(20_000_000);
    await house.until(async () => (await deliveries('endless'))[0]?.['state'] === 'delivered');
  });

  it('whose name leads elsewhere at the second look is not delivered to', async () => {
    names.set('turns.example.com', ['127.0.0.1', '10.1.2.3']);
    receiver.answering = (response) => response.writeHead(204).end();
    await open('turns', `http://turns.example.com:${receiver.port}/hook/turns`);
    names.set('turns.example.com', ['127.0.0.1', '10.1.2.3']);
    await house.recharge('turns', 'r1', '5');
    await house.until(() => receivedBy('turns').length === 1);
    await house.recharge('turns', 'r2', '5');
    await house.until(async () => (await deliveries('turns'))[0]?.['error'] !== null);
    expect((await deliveries('turns'))[0]).toMatchObject({
      state: 'waiting',
      status: null,
      error: expect.stringContaining('may not go to') as unknown,
    });
  });

  it('whose name is known to be private is refused at the registration', async () => {
    names.set('inside.example.com', ['169.254.169.254']);
    await house.done('POST', '/accounts', { account: 'inside' });
    await house.done('PATCH', '/accounts/inside', { tier: 'pro' });
    for (const url of ['https://169.254.169.254/', 'https://[fd00::1]/', 'https://[::1]/', 'https://100.64.0.1/'])
      expect(
        await house.send('POST', '/accounts/inside/webhooks', { webhookId: url, url, events: ['wallet.recharged'] }),
      ).toMatchObject({ status: 422, body: { code: 'url_not_allowed' } });
  });

  it('that hangs, in whatever way, delays nobody else', async () => {
    const sockets: Socket[] = [];
    // It takes connections and says nothing for ever.
    const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    receiver.answering = (response) => response.writeHead(204).end();
    for (let i = 0; i < 60; i++) {
      await open(`hang${i}`, `http://127.0.0.1:${port}/`);
      await house.recharge(`hang${i}`, 'r1', '5');
    }
    await house.until(() => sockets.length >= 30);
    await house.done('PUT', '/v1/platforms/mall/rulebook', { ...rulebook, platform: 'mall' });
    const mall = '/v1/platforms/mall';
    await house.done('POST', `${mall}/accounts`, { account: 'fast' });
    await house.done('PATCH', `${mall}/accounts/fast`, { tier: 'pro' });
    const url = `${receiver.url}/fast`;
    await house.done('POST', `${mall}/accounts/fast/webhooks`, { webhookId: 'h', url, events: ['wallet.recharged'] });
    const startedAt = Date.now();
    for (let i = 0; i < 10; i++)
      await house.done('POST', `${mall}/accounts/fast/recharges`, {
        rechargeId: `r${i}`,
        provider: 'manual',
        amount: '1',
        currency: 'CNY',
      });
    await house.until(() => receivedBy('fast').length === 10);
    // The hanging ones are not waited for: each of them takes 15 seconds.
    expect(Date.now() - startedAt).toBeLessThan(60_000);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });
});
