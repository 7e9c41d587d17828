import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Receiver, signatureOf } from '../testing/receiver';
import { rulebook, WebhookHouse } from '../testing/webhook-house';

describe('the delivery of webhooks, ended anywhere and started again', () => {
  let house: WebhookHouse;
  let receiver: Receiver;
  const accounts = ['a0', 'a1', 'a2'];
  const secrets = new Map<string, string>();
  beforeAll(async () => {
    receiver = await Receiver.start();
    house = await WebhookHouse.open();
    await house.done('PUT', '/rulebook', rulebook);
    for (const account of accounts) {
      await house.done('POST', '/accounts', { account });
      await house.done('PATCH', `/accounts/${account}`, { tier: 'pro' });
      const body = { webhookId: 'h1', url: `${receiver.url}/${account}`, events: ['wallet.recharged'] };
      secrets.set(account, String((await house.done('POST', `/accounts/${account}/webhooks`, body))['secret']));
    }
  });
  afterAll(async () => {
    await house.close();
    await receiver.close();
  });

  const receivedBy = (account: string) => receiver.received.filter(({ path }) => path === `/hook/${account}`);
  /** What a receiver that keeps ids has dealt with. */
  const dealtWith = (account: string): unknown[] => [
    ...new Map(receivedBy(account).map(({ id, body }) => [id, body.data['rechargeId']])).values(),
  ];

  it('loses nothing, keeps the order of each account, and sends what it repeats under the same id', async () => {
    let calls = 0;
    receiver.answering = (response) => {
      calls += 1;
      if (calls % 7 === 0) response.destroy();
      else response.writeHead(calls % 5 === 0 ? 500 : 204).end();
    };
    const wanted: string[] = [];
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 5; i++) {
        wanted.push(`r${round}-${i}`);
        for (const account of accounts) await house.recharge(account, `r${round}-${i}`, '1');
      }
      await house.stopDelivering();
      house.deliver();
      house.clock.jump(10_000);
    }
    const isDone = (): boolean => accounts.every((account) => dealtWith(account).length === wanted.length);
    await house.asTimePasses(10_000, isDone);
    for (const account of accounts) expect(dealtWith(account)).toEqual(wanted);
    for (const account of accounts)
      for (const delivery of receivedBy(account))
        expect(delivery.signatures).toEqual([signatureOf(secrets.get(account) ?? '', delivery)]);
  });

  it('sends the last hour again under the same ids where its file is lost, and nothing of before', async () => {
    receiver.answering = (response) => response.writeHead(204).end();
    await house.asTimePasses(10_000, async () => {
      const lists = await Promise.all(accounts.map((a) => house.done('GET', `/accounts/${a}/webhooks/h1/deliveries`)));
      return lists.every(({ items }) => (items as { state: string }[]).every(({ state }) => state === 'delivered'));
    });
    house.clock.jump(2 * 3_600_000);
    await house.recharge('a0', 'late', '1');
    await house.until(() => dealtWith('a0').includes('late'));
    await house.stopDelivering();
    const [before, id] = [receivedBy('a0').length, receivedBy('a0').at(-1)?.id];
    for (const part of ['', '-wal', '-shm']) rmSync(join(house.folder, `deliveries.db${part}`), { force: true });
    house.deliver();
    await house.recharge('a0', 'later', '1');
    await house.until(() => dealtWith('a0').includes('later'));
    const again = receivedBy('a0').slice(before);
    expect(again.map(({ body }) => body.data['rechargeId'])).toEqual(['late', 'later']);
    expect(again[0]?.id).toBe(id);
  });
});
