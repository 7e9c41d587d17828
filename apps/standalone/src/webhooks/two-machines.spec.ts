import { join } from 'node:path';
import { Receiver } from '../testing/receiver';
import { rulebook, WebhookHouse, type DeliveringMachine } from '../testing/webhook-house';

describe('two machines that deliver webhooks', () => {
  let house: WebhookHouse;
  let receiver: Receiver;
  const machines: DeliveringMachine[] = [];
  beforeAll(async () => {
    receiver = await Receiver.start();
    house = await WebhookHouse.open({ onServers: true, environment: { WEBHOOK_KEYS: 'k'.repeat(32) } });
    await house.stopDelivering();
    await house.done('PUT', '/rulebook', rulebook);
    await house.done('POST', '/accounts', { account: 'a' });
    await house.done('PATCH', '/accounts/a', { tier: 'pro' });
    const body = { webhookId: 'h1', url: receiver.url, events: ['wallet.recharged'] };
    await house.done('POST', '/accounts/a/webhooks', body);
  });
  afterAll(async () => {
    await Promise.all(machines.map(({ stop }) => stop()));
    await house.close();
    await receiver.close();
  });

  const start = async (folder: string): Promise<DeliveringMachine> => {
    const machine = await house.machine(folder);
    machines.push(machine);
    return machine;
  };
  const recharge = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) await house.recharge('a', `r${i}`, '1');
  };
  const told = (): unknown[] => receiver.received.map(({ body }) => body.data['rechargeId']);
  const wanted = (count: number): string[] => Array.from({ length: count }, (_, i) => `r${i}`);
  const statuses = async (): Promise<unknown[]> => {
    const deliveries = await house.send('GET', '/accounts/a/webhooks/h1/deliveries');
    const test = await house.send('POST', '/accounts/a/webhooks/h1/test', {});
    return [deliveries, test].map(({ status, headers }) => [status, headers['retry-after']]);
  };

  it('tell of each event once, and of the last hour again under the same ids where the other takes over', async () => {
    const far = await start(join(house.directory, 'far'));
    await recharge(0, 1);
    await house.until(() => far.loop.counts.delivered === 1);
    const near = await start(house.folder);
    await recharge(1, 30);
    await house.until(() => far.loop.counts.delivered === 30);
    expect([told(), near.loop.counts.delivered]).toEqual([wanted(30), 0]);
    // What was delivered is known where it was, and is sent again from there alone.
    expect(await statuses()).toEqual([
      [503, '5'],
      [503, '5'],
    ]);

    await far.stop();
    await recharge(30, 35);
    await house.until(() => told().includes('r34'));
    expect(told().slice(30)).toEqual(wanted(35));
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(35);
    expect(far.loop.counts.delivered).toBe(30);
    expect(await statuses()).toEqual([
      [200, undefined],
      [202, undefined],
    ]);
    await house.until(() => receiver.typesOf().includes('webhook.test'));
  });
});
