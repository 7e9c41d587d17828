import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually, request } from '../../support/client';
import { Deployment, embeddedEngines, serverEngines, type Engines } from './deployment';

const startTimeoutMs = 300_000;
const testTimeoutMs = 240_000;
/** A process that was killed keeps its partition until the brokers have not heard of it for their session's time. */
const takenOverWithinMs = 60_000;

const environment = { WEBHOOK_KEYS: 'k'.repeat(32), WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8' };
const rulebook = {
  platform: 'hooked',
  currency: 'USD',
  effectiveFrom: '2020-01-01T00:00:00.000Z',
  tiers: [{ id: 'only', rank: 1, webhooks: true }],
  groups: [{ id: 'default', models: ['*'] }],
  providers: { manual: {} },
  models: [{ id: 'call', group: 'default', price: { mode: 'request', unit: '1' } }],
};

describe.each([
  ['on Kafka and EventStoreDB', serverEngines],
  ['on the embedded engines of one machine', async () => embeddedEngines()],
])('two processes of webhooks %s', (_name, startEngines) => {
  let engines: Engines;
  let deployment: Deployment;
  const told: { readonly id: string; readonly rechargeId: unknown }[] = [];
  const receiver = createServer((incoming, outgoing) => {
    let text = '';
    incoming.on('data', (part: Buffer) => (text += part.toString()));
    incoming.on('end', () => {
      const { data } = JSON.parse(text) as { data: Readonly<Record<string, unknown>> };
      told.push({ id: String(incoming.headers['webhook-id']), rechargeId: data['rechargeId'] });
      outgoing.writeHead(204).end();
    });
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    engines = await startEngines();
    deployment = new Deployment(engines);
    await deployment.listen();
    await Promise.all([
      deployment.run('ledger'),
      deployment.run('webhooks', 'first', environment),
      deployment.run('webhooks', 'second', environment),
    ]);
  }, startTimeoutMs);
  afterAll(async () => {
    receiver.closeAllConnections();
    receiver.close();
    await deployment.destroy();
    await engines.destroy();
  }, startTimeoutMs);

  const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
    for (const end = Date.now() + takenOverWithinMs; !(await holds());) {
      if (Date.now() > end) throw new Error(`not within ${takenOverWithinMs} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  /** Only the process that delivers knows how far behind it is. */
  const delivers = async (name: string): Promise<boolean> => {
    const text = await (await fetch(`${deployment.process(name).url}/metrics`)).text();
    return /^meterbook_deliver_webhooks_behind(?:_seconds)? [0-9]/m.test(text);
  };
  const done = (method: string, path: string, body: object) =>
    eventually(
      () => request(deployment.url, method, `/v1/platforms/hooked${path}`, body),
      ({ status }) => status < 300,
      takenOverWithinMs,
    );
  const recharge = (rechargeId: string) =>
    done('POST', '/accounts/a/recharges', { rechargeId, provider: 'manual', amount: '1', currency: 'USD' });
  const list = (name: string) =>
    request(deployment.process(name).url, 'GET', '/v1/platforms/hooked/accounts/a/webhooks/h/deliveries');

  it(
    'tell of everything once, and where one is killed the other goes on, under the same ids where it repeats',
    async () => {
      await done('PUT', '/rulebook', rulebook);
      await done('POST', '/accounts', { account: 'a' });
      const { port } = receiver.address() as AddressInfo;
      const hook = { webhookId: 'h', url: `http://127.0.0.1:${port}/`, events: ['wallet.recharged'] };
      await done('POST', '/accounts/a/webhooks', hook);
      let [leader, heir] = ['first', 'second'];
      await until('one of them delivers', async () => {
        if (await delivers(heir)) [leader, heir] = [heir, leader];
        return delivers(leader);
      });
      const before = Array.from({ length: 20 }, (_, i) => `r${i}`);
      for (const id of before) await recharge(id);
      await until('all of it is told', () => told.length >= before.length);
      expect(told.map(({ rechargeId }) => rechargeId)).toEqual(before);
      expect(await delivers(heir)).toBe(false);
      await until('the one that delivers knows it', async () => (await list(leader)).status === 200);
      expect((await list(heir)).status).toBe(engines.sharedData ? 200 : 503);

      await deployment.process(leader).kill();
      await recharge('after');
      await until('the other goes on', () => told.at(-1)?.rechargeId === 'after');
      await until('it says so', () => delivers(heir));
      expect((await list(heir)).status).toBe(200);
      const ids = new Map(told.map(({ id, rechargeId }) => [rechargeId, id]));
      expect(told.filter(({ id, rechargeId }) => ids.get(rechargeId) !== id)).toEqual([]);
      expect([...ids.keys()]).toEqual([...before, 'after']);
    },
    testTimeoutMs,
  );
});
