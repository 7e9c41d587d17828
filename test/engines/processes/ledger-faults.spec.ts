import { Writable } from 'node:stream';
import { readConfiguration } from '@meterbook/runtime/configuration';
import { openTopics } from '@meterbook/host/engines/engines';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import type { Topics } from '@meterbook/topics/topics';
import { eventually, request } from '../../support/client';
import { Deployment, serverEngines, type Engines } from './deployment';
import { Platform, unanswered } from './platform';

/** Usages that are sent, repeats not counted. `FAULT_USAGES` takes another number, such as 200000. */
const usages = Number(process.env['FAULT_USAGES'] ?? 10_000);
const accounts = 60;
const batchSize = 250;
/** Part of a batch that was sent before. */
const repeated = 0.2;
const flows = 4;
/** The longest time between two faults. */
const longestCalmMs = 2_000;
/** How many there are at least; the usage is spread over them. */
const leastFaults = Math.max(8, Math.round(usages / 5_000));
/** Ledgers that run at a time. */
const [fewestLedgers, mostLedgers] = [2, 4];
/** Longer than a session: the partitions go to others meanwhile. */
const asleepMs = 9_000;
/** Until everything is charged, once everything was sent. */
const caughtUpWithinMs = 5 * 60_000;
const testTimeoutMs = 40 * 60_000;
const startTimeoutMs = 300_000;
/** Thousandths that every third account is recharged with, and the others: the former come to owe. */
const [little, much] = [50, 100_000_000];

interface Usage {
  readonly id: string;
  readonly account: number;
  readonly time: string;
}

/** Park and Miller's generator: the order of the faults can be had again with its seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const inThousandths = (count: number): string => String(count / 1_000);

describe(`two ledgers and more, ${usages} usages and as many faults as fit`, () => {
  const clock = new SystemClock();
  const platform = new Platform('faults');
  const seed = clock.now() % 2_147_483_647;
  const random = seeded(seed);
  const faults: string[] = [];
  const sent: Usage[] = [];
  let engines: Engines;
  let deployment: Deployment;
  let topics: Topics;
  let started = 0;

  const chance = (below: number): number => Math.floor(random() * below);
  const ledgers = (): string[] =>
    [...deployment.running].filter(([, { app, runs }]) => app === 'ledger' && runs).map(([name]) => name);
  const addLedger = async (): Promise<string> => {
    started += 1;
    await deployment.run('ledger', `ledger-${started}`);
    return `ledger-${started}`;
  };
  const recharged = (account: number): number => (account % 3 === 0 ? little : much);

  beforeAll(async () => {
    engines = await serverEngines();
    deployment = new Deployment(engines);
    await deployment.listen();
    await Promise.all([deployment.run('usage-ingest'), deployment.run('finance'), addLedger(), addLedger()]);
    const configuration = readConfiguration({ ...engines.environment, DATA_DIR: deployment.dataOf('spec') });
    const log = createLog('fatal', new Writable({ write: (_line, _encoding, done) => done() }));
    topics = (await openTopics(configuration, clock, log)).topics;
    await platform.publish(deployment.url);
    for (let account = 0; account < accounts; account++) {
      const amount = inThousandths(recharged(account));
      expect((await platform.recharge(deployment.url, `a${account}`, 'r', amount)).status).toBe(201);
    }
  }, startTimeoutMs);
  afterAll(async () => {
    console.info(`seed ${seed}: ${sent.length} usages; ${faults.join(', ')}`);
    await topics.close();
    await deployment.destroy();
    await engines.destroy();
  }, startTimeoutMs);

  /** A batch of which a part was sent before; null once there are enough. */
  const nextBatch = (): Usage[] | null => {
    if (sent.length >= usages) return null;
    const time = new Date(clock.now()).toISOString();
    return Array.from({ length: batchSize }, () => {
      const again = random() < repeated ? sent[chance(sent.length)] : undefined;
      if (again) return again;
      const usage = { id: `u-${sent.length}`, account: chance(accounts), time };
      sent.push(usage);
      return usage;
    });
  };

  /** Sends what it takes until it is accepted, as whoever gets no answer has to. */
  const flow = async (): Promise<void> => {
    for (let batch = nextBatch(); batch; batch = nextBatch()) {
      while (sent.length > (usages * (faults.length + 1)) / leastFaults) await clock.sleep(20);
      const body = batch.map(({ id, account, time }) => platform.usage(`a${account}`, id, time));
      while ((await request(deployment.url, 'POST', '/v1/usage', body).catch(unanswered)).status !== 202)
        await clock.sleep(100);
    }
  };

  const fault = async (): Promise<string> => {
    const names = ledgers();
    const name = names[chance(names.length)] ?? '';
    const process = deployment.process(name);
    const kinds = [
      'kill',
      'sleep',
      ...(names.length < mostLedgers ? ['add'] : []),
      ...(names.length > fewestLedgers ? ['stop'] : []),
    ];
    const kind = kinds[chance(kinds.length)] ?? '';
    if (kind === 'kill') {
      await process.kill();
      await deployment.run('ledger', name);
    } else if (kind === 'sleep') {
      process.signal('SIGSTOP');
      await clock.sleep(asleepMs);
      process.signal('SIGCONT');
    } else if (kind === 'add') {
      return `add ${await addLedger()}`;
    } else {
      expect(await process.stop()).toBe(0);
    }
    return `${kind} ${name}`;
  };

  const restartBroker = async (): Promise<string> => {
    await engines.kafka?.stopBroker(0);
    await clock.sleep(chance(longestCalmMs));
    await engines.kafka?.restart();
    return 'restart of the broker';
  };

  it(
    'every accepted usage is charged exactly once, and the books verify',
    async () => {
      const sending = { over: false };
      const done = Promise.all(Array.from({ length: flows }, flow)).then(() => (sending.over = true));
      const restarts = [0.3, 0.7];
      while (!sending.over || faults.length < leastFaults || restarts.length > 0) {
        await clock.sleep(chance(longestCalmMs));
        deployment.expectAlive();
        const due = restarts[0] !== undefined && (sending.over || sent.length >= usages * restarts[0]);
        if (due) restarts.shift();
        faults.push(due ? await restartBroker() : await fault());
      }
      await done;

      const deadline = clock.now() + caughtUpWithinMs;
      for (;;) {
        const lag = await topics.lag('ledger', ['usage.recorded']);
        if (lag.every((partition) => partition.lag === 0)) break;
        if (clock.now() > deadline)
          throw new Error(`seed ${seed}: not caught up: ${JSON.stringify(lag)}; ${faults.join()}`);
        await clock.sleep(250);
      }
      const counts = new Array<number>(accounts).fill(0);
      for (const { account } of sent) counts[account] = (counts[account] ?? 0) + 1;
      for (const [account, count] of counts.entries()) {
        const { body } = await platform.view(deployment.url, `a${account}`);
        const left = recharged(account) - count;
        expect({ account, wallet: body['wallet'], receivable: body['receivable'] }).toEqual({
          account,
          wallet: inThousandths(Math.max(0, left)),
          receivable: inThousandths(Math.max(0, -left)),
        });
      }
      const letters = await request(deployment.url, 'GET', `/v1/dead-letters?platform=${platform.name}`);
      expect(letters.body['items']).toEqual([]);
      const verified = await request(deployment.url, 'POST', '/v1/verify', {});
      expect(verified.body).toMatchObject({ ok: true, faults: [] });
      const balance = await eventually(
        () => request(deployment.url, 'GET', `/v1/platforms/${platform.name}/finance/trial-balance`),
        ({ headers }) => headers.get('meterbook-final') !== 'false',
      );
      const total = inThousandths(sent.length);
      expect(balance.body['totals']).toEqual([expect.objectContaining({ commodity: 'CNY', balance: '0' })]);
      expect(balance.body['lines']).toContainEqual(
        expect.objectContaining({ ledgerAccount: 'revenue:usage', balance: `-${total}` }),
      );
    },
    testTimeoutMs,
  );
});
