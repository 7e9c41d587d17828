import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, request } from '../support/client';
import { meterbook, type Ended } from '../support/command-line';
import { plainRulebook } from '../support/plain-platform';
import { StandaloneProcess } from '../support/standalone-process';
import { WireStoreProcess } from '../engines/processes/wire-store-process';
import { BooksAtWork } from './books-at-work';

/** A platform whose books began in an earlier month, which is closed. */
const platform = 'past';
const account = `/v1/platforms/${platform}/accounts/a`;
const finance = `/v1/platforms/${platform}/finance`;
const dayMs = 86_400_000;
const WITHIN_MS = 240_000;

describe('a deployment that moves from files to a server and back', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-move-'));
  const path = (name: string): string => join(directory, name);
  const clockFile = path('clock');
  const server = new WireStoreProcess();
  const books = new BooksAtWork();
  /** Reports cut time by quarters of an hour. */
  const startedAt = Date.now() - (Date.now() % 900_000);
  let running: StandaloneProcess | undefined;
  let before: unknown;

  afterAll(async () => {
    await running?.kill();
    await server.destroy();
    rmSync(directory, { recursive: true, force: true });
  });

  const stop = async (): Promise<void> => {
    expect(await running?.stop()).toBe(0);
    running = undefined;
  };
  const send = async (url: string, path: string, body: object, method = 'POST'): Promise<void> => {
    const { status, body: answer } = await request(url, method, path, body);
    expect([status, answer]).toEqual([201, expect.anything()]);
  };
  const recharge = (url: string, rechargeId: string): Promise<void> =>
    send(url, `${account}/recharges`, { rechargeId, provider: 'manual', amount: '7', currency: 'USD' });
  /** What must not change by where the books are: balances of the past, a closed month, a statement. */
  const told = async (url: string): Promise<unknown> => {
    const instants = [-36, -20, -1].map((days) => new Date(startedAt + days * dayMs).toISOString());
    const paths = [
      ...instants.map((asOf) => `${finance}/trial-balance?asOf=${asOf}`),
      ...instants.map((asOf) => `/v1/platforms/matrix/finance/trial-balance?asOf=${asOf}`),
      `${finance}/closings/month`,
      `${finance}/closings/month/late`,
      `${account}/statement?to=${instants[2]}`,
      `/v1/platforms/matrix/finance/usage?from=${instants[0]}&to=${instants[2]}`,
      `${finance}/revenue?from=${instants[0]}&to=${instants[2]}`,
    ];
    const answers: unknown[] = [];
    for (const asked of paths) {
      const answer = await eventually(
        () => request(url, 'GET', asked),
        ({ status, body }) => status === 200 && body['final'] !== false,
      );
      answers.push([asked, { ...answer.body, position: null, watermark: null, completeTo: null }]);
    }
    return answers;
  };
  const copy = (from: string, to: string, limit?: string): Promise<Ended> =>
    meterbook(['copy', '--from', path(from), '--to', path(to), '--json'], {}, limit);
  /** Copies, ended as by a power cut after each of some times, and then once to its end. */
  const copyThroughKills = async (from: string, to: string): Promise<void> => {
    for (const seconds of [0.4, 0.7, 1]) await copy(from, to, `{ sleep ${seconds}; kill -9 $$; } > /dev/null 2>&1 &`);
    const { code, out, err } = await copy(from, to);
    if (code !== 0) throw new Error(`${code}: ${out}${err}`);
    expect(JSON.parse(out)).toMatchObject({ ok: true, differences: [], proved: { ok: true, faults: [] } });
  };

  it(
    'has books of an earlier month, and others',
    async () => {
      writeFileSync(clockFile, String(-40 * dayMs));
      const environment = {
        NODE_OPTIONS: `--require ${join(__dirname, 'set-clock.cjs')}`,
        CLOCK_OFFSET_FILE: clockFile,
      };
      running = await StandaloneProcess.start(path('files'), environment, { quiet: true });
      await send(running.url, `/v1/platforms/${platform}/rulebook`, plainRulebook(platform), 'PUT');
      await recharge(running.url, 'r1');
      writeFileSync(clockFile, String(-10 * dayMs));
      await recharge(running.url, 'r2');
      writeFileSync(clockFile, '0');
      const period = new Date(startedAt - 40 * dayMs).toISOString().slice(0, 7);
      await eventually(
        () => request(running?.url ?? '', 'POST', `${finance}/closings`, { closingId: 'month', period }),
        ({ status }) => status === 201,
      );
      await books.begin(running);
      for (let i = 0; i < 5; i += 1) await books.work(running);
      await books.prove(running);
      before = await told(running.url);
      expect(JSON.stringify(before)).toContain('"7"');
      await stop();
    },
    WITHIN_MS,
  );

  it(
    'says on the server what it said on files, and goes on there',
    async () => {
      await server.start();
      mkdirSync(path('beside'));
      writeFileSync(path('server.env'), `DATA_DIR=${path('beside')}\nEVENTSTORE_URL="${server.url}"\n`);
      await copyThroughKills('files', 'server.env');
      running = await StandaloneProcess.start(path('beside'), { EVENTSTORE_URL: server.url });
      await books.prove(running);
      expect(await told(running.url)).toEqual(before);
      await books.work(running);
      await books.prove(running);
      await stop();
    },
    WITHIN_MS,
  );

  it(
    'says the same once it is back on files, with what came meanwhile',
    async () => {
      mkdirSync(path('back'));
      await copyThroughKills('server.env', 'back');
      running = await StandaloneProcess.start(path('back'));
      await books.prove(running);
      expect(await told(running.url)).toEqual(before);
      await books.work(running);
      await books.prove(running);
      await stop();
    },
    WITHIN_MS,
  );
});
