import { eventually, request } from '../../support/client';
import { metricTypes, recordedMetricTypes } from '../../support/recorded-metrics';
import { countQuotes, ratingFiles, runVectors, scenarioNames, scenariosOf } from '../../conformance/vectors';
import { appNames, Deployment, embeddedEngines, serverEngines, type Engines } from './deployment';

const startTimeoutMs = 300_000;
const runTimeoutMs = 300_000;

describe.each([
  ['on Kafka and EventStoreDB', serverEngines],
  ['on the embedded engines of one machine', async () => embeddedEngines()],
])('four processes %s', (_name, startEngines) => {
  let engines: Engines;
  let deployment: Deployment;

  beforeAll(async () => {
    engines = await startEngines();
    deployment = new Deployment(engines);
    await deployment.start();
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

  it('the books of all of it verify', async () => {
    const { body } = await request(deployment.url, 'POST', '/v1/verify', {});
    expect(body).toMatchObject({ ok: true, faults: [] });
    expect(Number(body['events'])).toBeGreaterThan(50);
  });

  it('each process ends in order when it is asked to', async () => {
    expect(await deployment.stop()).toEqual(Object.fromEntries(appNames.map((app) => [app, 0])));
  });
});
