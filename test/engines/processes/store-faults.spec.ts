import { Writable } from 'node:stream';
import { goOn } from '@meterbook/event-store/esdb/testing/store-bench';
import type { EventStore } from '@meterbook/event-store/event-store';
import { openEngines, type Engines as OpenEngines } from '@meterbook/host/engines/engines';
import { readConfiguration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { eventually, request, type Answer } from '../../support/client';
import { appNames, Deployment, serverEngines, type Engines } from './deployment';
import { Platform } from './platform';
import { WireStoreProcess } from './wire-store-process';

const startTimeoutMs = 300_000;
const testTimeoutMs = 300_000;
/** A service that was killed gets its partitions back when its session has ended. */
const withinMs = 60_000;
/** What is set at the store while everything runs is told within this. */
const toldWithinMs = 15_000;

/** Services as they run, on a store that is away, dies, hangs, or holds streams that are damaged or somebody else's. */
describe('services on EventStoreDB with faults', () => {
  const clock = new SystemClock();
  const [bent, other] = [new Platform('bent'), new Platform('other')];
  let engines: Engines;
  let store: WireStoreProcess;
  let deployment: Deployment;
  let opened: OpenEngines | undefined;

  beforeAll(async () => {
    engines = await serverEngines();
    if (!engines.store) throw new Error('the store has to be a process');
    store = engines.store;
    deployment = new Deployment(engines);
    const silent = createLog('fatal', new Writable({ write: (_line, _encoding, done) => done() }));
    const environment = { ...engines.environment, DATA_DIR: deployment.dataOf('spec') };
    opened = await openEngines(readConfiguration(environment), clock, silent);
  }, startTimeoutMs);
  afterEach(async () => {
    if (!store.runs) await store.start();
  });
  afterAll(async () => {
    await opened?.close();
    await deployment.destroy();
    await engines.destroy();
  }, startTimeoutMs);

  const engine = (): EventStore => {
    if (!opened) throw new Error('the engines are not open');
    return opened.store;
  };
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    const end = clock.now() + withinMs;
    while (!(await holds())) {
      if (clock.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
      await clock.sleep(20);
    }
  };
  const ready = (name: string): Promise<Answer> => request(deployment.process(name).url, 'GET', '/health/ready');
  const allReady = async (): Promise<void> => {
    for (const name of appNames)
      await eventually(
        () => ready(name),
        ({ status }) => status === 200,
        withinMs,
      );
  };
  const detailOf = ({ body }: Answer, indicator: string): string =>
    (body['indicators'] as { name: string; detail: string }[]).find(({ name }) => name === indicator)?.detail ?? '';
  const tells = (name: string, indicator: string, ...texts: readonly string[]): Promise<Answer> =>
    eventually(
      () => ready(name),
      (answer) => texts.every((text) => detailOf(answer, indicator).includes(text)),
      toldWithinMs,
    );
  const faults = async (): Promise<{ stream: string | null; detail: string }[]> =>
    (await request(deployment.url, 'POST', '/v1/verify', {})).body['faults'] as {
      stream: string | null;
      detail: string;
    }[];
  const expectTold = ({ status, headers, body }: Answer, ...codes: readonly string[]): void => {
    expect({ status, code: body['code'], again: Number(headers.get('retry-after')) > 0 }).toEqual({
      status: 503,
      code: codes.find((code) => code === body['code']) ?? codes,
      again: true,
    });
  };
  const wallet = (platform: Platform, account: string, amount: string): Promise<Answer> =>
    eventually(
      () => platform.view(deployment.url, account),
      ({ body }) => body['wallet'] === amount,
      withinMs,
    );

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

  it(
    'answer 503 and never 500 for recharges under which the store dies, and what is sent again is done once',
    async () => {
      const recharges = 20;
      const recharge = (n: number): Promise<Answer> => other.recharge(deployment.url, 'a', `r-${n}`, '10');
      expect((await recharge(0)).status).toBe(201);
      // What it writes it says nothing of, and then it is gone.
      const stream = 'account-other/a';
      const before = await engine().head(stream);
      // However often it is asked, since a busy machine takes its time to get as far as the kill.
      await store.tell({ do: 'write-and-say-nothing', appends: 1_000 });
      const silent = recharge(1);
      await until('the recharge is written', async () => (await engine().head(stream)) !== before);
      const beside = Array.from({ length: recharges }, (_, i) => other.recharge(deployment.url, `a-${i}`, 'r', '10'));
      await clock.sleep(100);
      await store.kill();
      expectTold(await silent, 'outcome_unknown', 'unavailable');
      for (const answer of await Promise.all(beside))
        if (answer.status !== 201) expectTold(answer, 'outcome_unknown', 'unavailable');
      await store.start();
      await allReady();
      const done = ({ status }: Answer): boolean => status === 200 || status === 201;
      expect((await eventually(() => recharge(1), done, withinMs)).status).toBe(200);
      for (let i = 0; i < beside.length; i++) {
        await eventually(() => other.recharge(deployment.url, `a-${i}`, 'r', '10'), done, withinMs);
        await wallet(other, `a-${i}`, '10');
      }
      await wallet(other, 'a', '20');
      expect(await faults()).toEqual([]);
    },
    testTimeoutMs,
  );

  describe('and streams that are deleted, foreign, or hold what nobody knows', () => {
    const damaged = ['deleted', 'future'];
    let used = 0;

    /** Books of the other platform, of which every step has to go on: recharge, usage, relay, promotion, projection. */
    const othersGoOn = async (account: string): Promise<void> => {
      expect((await other.recharge(deployment.url, account, 'r', '500')).status).toBe(201);
      await eventually(
        () => other.tier(deployment.url, account),
        ({ body }) => body['tier'] === 'vip',
        withinMs,
      );
      await eventually(
        () => other.view(deployment.url, account),
        ({ body }) => body['tier'] === 'vip',
        withinMs,
      );
      expect((await other.use(deployment.url, account, ['u'])).status).toBe(202);
      used += 1;
      await wallet(other, account, '499.999');
      await eventually(
        () => request(deployment.url, 'GET', '/v1/platforms/other/finance/trial-balance'),
        ({ status, body }) => status === 200 && JSON.stringify(body['lines']).includes(`"-0.00${used}"`),
        withinMs,
      );
    };
    const letters = async (): Promise<{ reason: string; account: string }[]> =>
      (await request(deployment.url, 'GET', '/v1/dead-letters?platform=bent')).body['items'] as {
        reason: string;
        account: string;
      }[];
    const expectContained = async (): Promise<void> => {
      for (const account of damaged) {
        expectTold(await bent.view(deployment.url, account), 'stream_damaged');
        expectTold(await bent.recharge(deployment.url, account, 'more', '1'), 'stream_damaged');
      }
      expect((await bent.recharge(deployment.url, 'whole', `r-${used}`, '1')).status).toBe(201);
      const named = (await faults()).map(({ stream }) => stream);
      for (const account of damaged) expect(named).toContain(`account-bent/${account}`);
      expect(named).not.toContain('account-123');
      await tells('finance', 'projections', 'damaged streams');
    };
    const restartAll = async (): Promise<void> => {
      for (const name of appNames) await deployment.process(name).kill();
      for (const name of appNames) await deployment.run(name);
      await allReady();
    };

    it(
      'go on for every other account and platform',
      async () => {
        await allReady();
        for (const account of [...damaged, 'mendable', 'whole'])
          expect((await bent.recharge(deployment.url, account, 'r', '10')).status).toBe(201);
        await store.tell({ do: 'tombstone', stream: 'account-bent/deleted' });
        await goOn(engine(), 'account-bent/future', 'of a type that nobody knows');
        await store.tell({ do: 'write-foreign', stream: 'account-123' });
        await othersGoOn('beside');
        await expectContained();
        // The relay goes on from where it was, so only the one that meets the damage tells of it.
        await tells('ledger', 'relay-entries', 'damaged streams');
      },
      testTimeoutMs,
    );

    it(
      'go on after a restart as before, and usage of a damaged account waits and comes back once it is whole',
      async () => {
        const setType = (type: string): Promise<void> =>
          store.tell({ do: 'set-type', stream: 'account-bent/mendable', revision: 0, type });
        const first: string[] = [];
        for await (const { type } of engine().read('account-bent/mendable', 'start', 'forward')) first.push(type);
        await setType('OfTheFuture');
        await restartAll();
        await othersGoOn('beside-2');
        await expectContained();
        expectTold(await bent.view(deployment.url, 'mendable'), 'stream_damaged');
        expect((await bent.use(deployment.url, 'mendable', ['u-1', 'u-2', 'u-3'])).status).toBe(202);
        const waits = async (count: number): Promise<void> => {
          const end = clock.now() + withinMs;
          for (let found = await letters(); found.length !== count; found = await letters()) {
            if (clock.now() > end) throw new Error(`not ${count} dead letters: ${JSON.stringify(found)}`);
            await clock.sleep(100);
          }
        };
        await waits(3);
        expect((await letters()).map(({ reason }) => reason)).toEqual(new Array(3).fill('stream_damaged'));
        await setType(first[0] ?? '');
        await wallet(bent, 'mendable', '9.997');
        await waits(0);
        expect((await faults()).map(({ stream }) => stream)).not.toContain('account-bent/mendable');
      },
      testTimeoutMs,
    );
  });

  it(
    'tell within seconds, in ready and in verify, of a setting that lets the store drop events',
    async () => {
      await store.tell({ do: 'set-metadata', stream: 'account-other/a-0', metadata: { $maxCount: 1000 } });
      for (const name of ['ledger', 'tier-projection', 'finance'])
        await tells(name, 'event-store', '$maxCount', 'account-other/a-0');
      expect(await faults()).toContainEqual(
        expect.objectContaining({
          stream: 'account-other/a-0',
          detail: 'its metadata sets $maxCount, by which the server drops events',
        }),
      );
    },
    testTimeoutMs,
  );
});
