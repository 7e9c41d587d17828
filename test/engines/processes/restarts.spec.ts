import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { LEADS, whileLeading } from '@meterbook/host/loops/while-leading';
import { readConfiguration } from '@meterbook/runtime/configuration';
import { openEngines, type Engines as OpenEngines } from '@meterbook/host/engines/engines';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { eventually, request, type Answer } from '../../support/client';
import type { AppName } from './app-process';
import { Deployment, embeddedEngines, serverEngines, type Engines } from './deployment';
import { Platform } from './platform';

const startTimeoutMs = 300_000;
const testTimeoutMs = 240_000;
/** A process that was killed keeps its partitions until the brokers have not heard of it for their session's time. */
const takenOverWithinMs = 60_000;

/** What a process may lose under a folder that others share with it. */
const ownFolders = {
  'usage-ingest': 'none',
  ledger: 'ledger',
  'tier-projection': 'tier-projection',
  finance: 'finance',
  webhooks: 'webhooks',
};

describe.each([
  ['on Kafka and EventStoreDB', serverEngines],
  ['on the embedded engines of one machine', async () => embeddedEngines()],
])('processes %s', (_name, startEngines) => {
  const clock = new SystemClock();
  const platform = new Platform('restarts');
  let engines: Engines;
  let deployment: Deployment;
  let opened: OpenEngines;

  beforeAll(async () => {
    engines = await startEngines();
    deployment = new Deployment(engines);
    await deployment.start();
    await deployment.run('ledger', 'ledger-2');
    const environment = { ...engines.environment, DATA_DIR: deployment.dataOf('spec') };
    const log = createLog('fatal', new Writable({ write: (_line, _encoding, done) => done() }));
    opened = await openEngines(readConfiguration(environment), clock, log);
    await platform.publish(deployment.url);
  }, startTimeoutMs);
  afterAll(async () => {
    await opened.close();
    await deployment.destroy();
    await engines.destroy();
  }, startTimeoutMs);

  const wait = (ask: () => Promise<Answer>, wanted: (answer: Answer) => boolean): Promise<Answer> =>
    eventually(ask, wanted, takenOverWithinMs);
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    const end = clock.now() + takenOverWithinMs;
    while (!(await holds())) {
      if (clock.now() > end) throw new Error(`not within ${takenOverWithinMs} ms: ${what}`);
      await clock.sleep(50);
    }
  };

  /** Only the process whose relay is at work knows how far behind it is. */
  const leads = async (name: string): Promise<boolean> => {
    const text = await (await fetch(`${deployment.process(name).url}/metrics`)).text();
    return /^meterbook_relay_entries_behind(?:_seconds)? [0-9]/m.test(text);
  };

  /** Leads itself, and relays nothing, until it is told to let go. */
  const holdLead = async (): Promise<() => Promise<void>> => {
    const letGo = new AbortController();
    let holds = false;
    const idle = async (owning: AbortSignal): Promise<void> => {
      holds = true;
      await clock.sleep(testTimeoutMs, owning);
    };
    const leading = whileLeading(opened.topics, LEADS.relay, idle, letGo.signal);
    const release = async (): Promise<void> => {
      letGo.abort();
      await leading;
    };
    // Whoever leads now has to go first.
    for (const name of ['ledger', 'ledger-2']) await deployment.process(name).kill();
    await until('the spec leads', async () => holds);
    return release;
  };

  /** The revisions of each stream as a group of its own hears them, once it has heard enough. */
  const heardUntil = async (
    enough: (revisions: ReadonlyMap<string, readonly number[]>) => boolean,
  ): Promise<ReadonlyMap<string, readonly number[]>> => {
    const revisions = new Map<string, number[]>();
    const stop = new AbortController();
    const listening = opened.topics.consume(
      'spec-order',
      ['ledger.entries'],
      async ({ records }) => {
        for (const { headers } of records) {
          const { stream = '', revision } = headers;
          revisions.set(stream, [...(revisions.get(stream) ?? []), Number(revision)]);
        }
      },
      stop.signal,
    );
    await until('enough was heard', async () => enough(revisions));
    stop.abort();
    await listening;
    return revisions;
  };

  it(
    'one ledger relays, and another takes over when it dies: nothing is lost, and each stream keeps its order',
    async () => {
      let leader = '';
      await until('a ledger leads', async () => {
        const both = await Promise.all(['ledger', 'ledger-2'].map(async (name) => ((await leads(name)) ? name : '')));
        leader = both.find((name) => name !== '') ?? '';
        return leader !== '';
      });
      const heir = leader === 'ledger' ? 'ledger-2' : 'ledger';
      const { url } = deployment.process(heir);
      const streams = 10;
      const book = async (round: number): Promise<void> => {
        for (let a = 0; a < streams; a++)
          expect((await platform.recharge(url, `relayed-${a}`, `r-${round}`, '1')).status).toBe(201);
      };
      await book(0);
      const dying = book(1);
      await deployment.process(leader).kill();
      await dying;
      await book(2);
      await until('the heir leads', () => leads(heir));
      await book(3);
      const names = Array.from({ length: streams }, (_, a) => `account-${platform.name}/relayed-${a}`);
      const heard = await heardUntil((revisions) => names.every((name) => revisions.get(name)?.includes(4)));
      for (const name of names) {
        const revisions = heard.get(name) ?? [];
        // Repeats are dropped as consumers drop them: by what was heard before.
        const fresh = revisions.filter((revision, i) => revisions.slice(0, i).every((earlier) => earlier < revision));
        expect(fresh).toEqual([0, 1, 2, 3, 4]);
      }
      await deployment.run('ledger', leader);
    },
    testTimeoutMs,
  );

  it(
    'a recharge and a promotion that were appended and not published are heard of all the same',
    async () => {
      // Nobody relays: the ledger that books the recharge dies with it unpublished.
      const release = await holdLead();
      const booking = await deployment.run('ledger');
      await until('it books', async () => {
        const answer = await platform.recharge(booking.url, 'promoted', 'r-1', '500').catch(() => undefined);
        return answer?.status === 201 || answer?.status === 200;
      });
      await booking.kill();
      expect((await platform.tier(deployment.url, 'promoted')).body).toMatchObject({ tier: 'default' });

      // The tier service hears of it from a relay that then stops before the promotion.
      await deployment.process('tier-projection').kill();
      await release();
      const relaying = await deployment.run('ledger');
      await until('the ledger leads', () => leads('ledger'));
      await until('the recharge is relayed', async () =>
        (await opened.topics.lag('tier-projection', ['ledger.entries'])).some(({ lag }) => lag > 0),
      );
      await deployment.run('ledger', 'ledger-2');
      const releaseAgain = await holdLead();
      expect(relaying.runs).toBe(false);
      const promoting = await deployment.run('tier-projection');
      const stream = `tier-${platform.name}/promoted`;
      await until('the promotion is in the store', async () => (await opened.store.head(stream)) !== 'no-stream');
      await promoting.kill();

      await releaseAgain();
      await Promise.all([deployment.run('ledger'), deployment.run('tier-projection')]);
      await wait(
        () => platform.view(deployment.process('ledger').url, 'promoted'),
        ({ body }) => body['tier'] === 'vip',
      );
      expect(await opened.store.head(stream)).toBe(0);
      await deployment.run('ledger', 'ledger-2');
    },
    testTimeoutMs,
  );

  it(
    'what one ledger has answered the other knows: no command is refused for what it does not know yet',
    async () => {
      const [one, other] = [deployment.process('ledger').url, deployment.process('ledger-2').url];
      for (let i = 0; i < 25; i++) {
        const account = `moved-${i}`;
        const [first, second] = i % 2 === 0 ? [one, other] : [other, one];
        expect((await platform.recharge(first, account, 'r-1', '10')).status).toBe(201);
        expect((await platform.view(second, account)).body).toMatchObject({ wallet: '10' });
        expect((await platform.recharge(second, account, 'r-1', '10')).status).toBe(200);
        expect((await request(second, 'PATCH', platform.path(account), { payAsYouGo: true })).status).toBe(200);
        const key = { keyId: 'k', name: 'k', group: 'default' };
        expect((await request(first, 'POST', platform.path(account, '/keys'), key)).status).toBe(201);
        expect((await request(second, 'DELETE', platform.path(account, '/keys/k'))).status).toBe(204);
        expect((await platform.recharge(first, account, 'r-2', '5')).status).toBe(201);
        expect((await platform.use(deployment.url, account, ['u-1'])).status).toBe(202);
        const charged = await wait(
          () => request(second, 'GET', platform.path(account, '/charges?source=gw&id=u-1')),
          ({ body }) => (body['charges'] as unknown[]).length === 1,
        );
        expect(charged.body['charges']).toMatchObject([
          { amount: '0.001', draws: [{ from: 'wallet', amount: '0.001' }] },
        ]);
        const reversal = { reversalId: 'x', source: 'gw', id: 'u-1', reason: 'spec' };
        expect((await request(first, 'POST', platform.path(account, '/charges/reversals'), reversal)).status).toBe(201);
        expect((await platform.view(second, account)).body).toMatchObject({ wallet: '15', receivable: '0' });
      }
    },
    testTimeoutMs,
  );

  describe('whose own folders are deleted', () => {
    /** Ends a process, deletes what is its own, and starts it again. */
    const loseFolder = async (app: AppName): Promise<void> => {
      expect(await deployment.process(app).stop()).toBe(0);
      const data = deployment.dataOf(app);
      rmSync(engines.sharedData ? join(data, ownFolders[app]) : data, { recursive: true });
      await deployment.run(app);
    };

    it(
      'list the dead letters as before',
      async () => {
        expect((await platform.use(deployment.url, 'nobody', ['lost-1', 'lost-2'])).status).toBe(202);
        const list = (): Promise<Answer> =>
          request(deployment.process('ledger').url, 'GET', `/v1/dead-letters?platform=${platform.name}`);
        const before = await wait(list, ({ body }) => (body['items'] as unknown[] | undefined)?.length === 2);
        await loseFolder('ledger');
        const after = await wait(list, ({ body }) => (body['items'] as unknown[] | undefined)?.length === 2);
        expect(after.body).toEqual(before.body);
      },
      testTimeoutMs,
    );

    it(
      'show tiers and recharges as before',
      async () => {
        const tier = (): Promise<Answer> => platform.tier(deployment.url, 'promoted');
        const before = await wait(tier, ({ body }) => body['tier'] === 'vip' && body['recharges'] === 1);
        await loseFolder('tier-projection');
        const after = await wait(tier, ({ body }) => body['recharges'] === 1);
        expect(after.body).toEqual(before.body);
      },
      testTimeoutMs,
    );

    it(
      'report the books as before',
      async () => {
        const asOf = new Date(clock.now()).toISOString();
        const path = `/v1/platforms/${platform.name}/finance/trial-balance?asOf=${asOf}`;
        const balance = (): Promise<Answer> => request(deployment.url, 'GET', path);
        const isFinal = ({ status, body }: Answer): boolean => status === 200 && body['final'] !== false;
        const before = await wait(balance, isFinal);
        expect((before.body['lines'] as unknown[]).length).toBeGreaterThan(20);
        await loseFolder('finance');
        const after = await wait(balance, isFinal);
        expect(after.body['lines']).toEqual(before.body['lines']);
      },
      testTimeoutMs,
    );
  });
});
