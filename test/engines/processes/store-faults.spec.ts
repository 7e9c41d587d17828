import { eventually, request, type Answer } from '../../support/client';
import { appNames, Deployment, serverEngines, type Engines } from './deployment';
import { Platform } from './platform';
import { WireStoreProcess } from './wire-store-process';

const startTimeoutMs = 300_000;
const testTimeoutMs = 300_000;
/** A service that was killed gets its partitions back when its session has ended. */
const withinMs = 60_000;

/** Services as they run, on a store that is away, or that does not let them in. */
describe('services on EventStoreDB with faults', () => {
  const [bent, other] = [new Platform('bent'), new Platform('other')];
  let engines: Engines;
  let store: WireStoreProcess;
  let deployment: Deployment;

  beforeAll(async () => {
    engines = await serverEngines();
    if (!engines.store) throw new Error('the store has to be a process');
    store = engines.store;
    deployment = new Deployment(engines);
  }, startTimeoutMs);
  afterAll(async () => {
    await deployment.destroy();
    await engines.destroy();
  }, startTimeoutMs);

  const ready = (name: string): Promise<Answer> => request(deployment.process(name).url, 'GET', '/health/ready');
  const allReady = async (): Promise<void> => {
    for (const name of appNames)
      await eventually(
        () => ready(name),
        ({ status }) => status === 200,
        withinMs,
      );
  };

  it(
    'that were started before the store is there live, say what they wait for, and get ready once it is',
    async () => {
      await store.kill();
      await deployment.start();
      for (const name of appNames) {
        expect((await request(deployment.process(name).url, 'GET', '/health/live')).status).toBe(200);
        // Usage is taken in without the store.
        if (name !== 'usage-ingest') expect((await ready(name)).status).toBe(503);
      }
      await store.start();
      await allReady();
      deployment.expectAlive();
      for (const platform of [bent, other]) await platform.publish(deployment.url);
    },
    testTimeoutMs,
  );

  it.each(['unauthenticated', 'access-denied'] as const)(
    'end with one sentence and exit code 1 where the store answers %s',
    async (state) => {
      const refusing = new WireStoreProcess();
      try {
        await refusing.start();
        await refusing.tell({ do: 'answer-as', state });
        const refused = await deployment.run('ledger', 'refused', { EVENTSTORE_URL: refusing.url });
        expect(await refused.end()).toBe(1);
        const said = refused.lines.filter((line) => line.includes('"level":"fatal"'));
        expect(said).toHaveLength(1);
        expect(said[0]).toMatch(/EVENTSTORE_URL|user|right|permission/);
        expect(refused.lines.join('\n')).not.toMatch(/^\s+at /m);
      } finally {
        await refusing.destroy();
        deployment.running.delete('refused');
      }
    },
    testTimeoutMs,
  );
});
