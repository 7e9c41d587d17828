import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually, request } from '../../support/client';
import { metricTypes, recordedMetricTypes } from '../../support/recorded-metrics';
import { countQuotes, ratingFiles, runVectors, scenarioNames, scenariosOf } from '../../conformance/vectors';
import { appNames, Deployment, embeddedEngines, serverEngines, type Engines } from './deployment';

const smallRulebook = {
  platform: 'hooked',
  currency: 'USD',
  effectiveFrom: '2020-01-01T00:00:00.000Z',
  groups: [{ id: 'default', models: ['*'] }],
  providers: { manual: {} },
  models: [{ id: 'call', group: 'default', price: { mode: 'request', unit: '1' } }],
};
const startTimeoutMs = 300_000;
const runTimeoutMs = 300_000;

describe.each([
  ['on Kafka and EventStoreDB', serverEngines],
  ['on the embedded engines of one machine', async () => embeddedEngines()],
])('five processes %s', (_name, startEngines) => {
  let engines: Engines;
  let deployment: Deployment;

  beforeAll(async () => {
    engines = await startEngines();
    deployment = new Deployment(engines);
    await deployment.start({ WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8' });
  }, startTimeoutMs);
  afterAll(async () => {
    await deployment.destroy();
    await engines.destroy();
  }, runTimeoutMs);

  it.each(appNames)('%s gets ready, and says how its engines and loops are', async (app) => {
    const ready = await eventually(
      () => request(deployment.process(app).url, 'GET', '/health/ready'),
      ({ status }) => status === 200,
    );
    const names = (ready.body['indicators'] as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(
      {
        'usage-ingest': ['topics'],
        ledger: [
          'charge-usage',
          'event-store',
          'follow-tiers',
          'index-dead-letters',
          'index-keys',
          'relay-entries',
          'topics',
        ],
        'tier-projection': ['event-store', 'fold-recharges', 'promote-tiers', 'topics'],
        finance: ['event-store', 'finance-projections', 'projections'],
        webhooks: ['deliver-webhooks', 'event-store', 'topics'],
      }[app],
    );
  });

  it.each(appNames)('%s tells the metrics that the alerts are tried on, where the engines are servers', async (app) => {
    if (engines.sharedData) return;
    const text = await (await fetch(`${deployment.process(app).url}/metrics`)).text();
    expect(metricTypes(text)).toMatchObject(recordedMetricTypes(app));
  });

  it(
    'the vectors of rating hold',
    async () => {
      const files = ratingFiles();
      expect(await runVectors(deployment.url, files)).toBe(`${countQuotes(files)} passed, 0 failed`);
    },
    runTimeoutMs,
  );

  it.each(scenarioNames)(
    'the vectors of %s hold',
    async (name) => {
      const { file, count } = scenariosOf(name);
      expect(await runVectors(deployment.url, [file])).toBe(`${count} passed, 0 failed`);
    },
    runTimeoutMs,
  );

  it(
    'an account is told of a recharge, signed by the secret that its registration showed',
    async () => {
      const received: {
        readonly id: string;
        readonly signature: string;
        readonly timestamp: string;
        readonly text: string;
      }[] = [];
      const receiver = createServer((incoming, outgoing) => {
        let text = '';
        incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
        incoming.on('end', () => {
          const header = (name: string): string => String(incoming.headers[`webhook-${name}`]);
          received.push({ id: header('id'), signature: header('signature'), timestamp: header('timestamp'), text });
          outgoing.writeHead(204).end();
        });
      });
      await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
      const { port } = receiver.address() as AddressInfo;
      const at = '/v1/platforms/hooked';
      const tiers = [{ id: 'only', rank: 1, webhooks: true }];
      const done = async (method: string, path: string, body: object): Promise<Readonly<Record<string, unknown>>> => {
        const answer = await eventually(
          () => request(deployment.url, method, path, body),
          ({ status }) => status < 300,
        );
        return answer.body;
      };
      await done('PUT', `${at}/rulebook`, { ...smallRulebook, tiers });
      await done('POST', `${at}/accounts`, { account: 'a' });
      const hook = { webhookId: 'h', url: `http://127.0.0.1:${port}/`, events: ['wallet.recharged'] };
      const { secret } = await done('POST', `${at}/accounts/a/webhooks`, hook);
      const recharge = { rechargeId: 'r', provider: 'manual', amount: '5', currency: 'USD' };
      await done('POST', `${at}/accounts/a/recharges`, recharge);
      // The list of deliveries says so once the receiver has answered.
      await eventually(
        () => request(deployment.url, 'GET', `${at}/accounts/a/webhooks/h/deliveries`),
        ({ body }) => (body['items'] as { state: string }[] | undefined)?.[0]?.state === 'delivered',
      );
      const [{ id, signature, timestamp, text } = { id: '', signature: '', timestamp: '', text: '' }] = received;
      const key = Buffer.from(String(secret).replace('whsec_', ''), 'base64');
      const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64');
      expect(signature).toBe(`v1,${expected}`);
      expect(JSON.parse(text)).toMatchObject({ type: 'wallet.recharged', data: { account: 'a', credited: '5' } });
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
    },
    runTimeoutMs,
  );

  it('the books of all of it verify', async () => {
    const { body } = await request(deployment.url, 'POST', '/v1/verify', {});
    expect(body).toMatchObject({ ok: true, faults: [] });
    expect(Number(body['events'])).toBeGreaterThan(50);
  });

  it('each process ends in order when it is asked to', async () => {
    expect(await deployment.stop()).toEqual(Object.fromEntries(appNames.map((app) => [app, 0])));
  });
});
