import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { eventually, request, type Answer } from '../support/client';
import { StandaloneProcess } from '../support/standalone-process';
import { whatEntriesSay } from './statement-of-then';

interface Recorded {
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

interface Answers {
  readonly openedAt: string;
  readonly booked: readonly Recorded[];
  readonly afterCharging: readonly Recorded[];
}

/** What says when and where something was asked, not what is booked. */
const ofTheAsking = new Set(['position', 'watermark', 'at']);
const clockFile = join(__dirname, 'shifted-clock.cjs');
const releases = readdirSync(__dirname).filter((name) => name.startsWith('release-'));

/** Puts a release's books, a file each, where a service will look for them. */
function unpack(release: string, dataDir: string): void {
  const folder = join(__dirname, release);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.gz')) continue;
    const path = join(entry.parentPath, entry.name);
    const target = join(dataDir, path.slice(folder.length, -'.gz'.length));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, gunzipSync(readFileSync(path)));
  }
}

function withoutAsking(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAsking);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !ofTheAsking.has(key));
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutAsking(member)]));
}

/** Entries of a statement in one page. */
const STATEMENT_LIMIT = 1000;
const isNoStatement = ({ path }: Recorded): boolean => !path.includes('/statement?');
const entriesOf = (body: unknown) => (body as { entries: Parameters<typeof whatEntriesSay>[0] }).entries;

const isIdle = ({ status, body }: Answer): boolean =>
  status === 200 && (body['indicators'] as { behind?: number }[]).every(({ behind }) => (behind ?? 0) === 0);

describe.each(releases)('the books that %s wrote', (release) => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-compatibility-'));
  const answers = JSON.parse(readFileSync(join(__dirname, release, 'answers.json'), 'utf8')) as Answers;
  let running: StandaloneProcess;
  const ask = (path: string): Promise<Answer> => request(running.url, 'GET', path);
  const start = async (): Promise<void> => {
    running = await StandaloneProcess.start(directory, {
      PARTITIONS: '2',
      CHECKPOINT_EVERY: '100',
      NODE_OPTIONS: `--require=${clockFile}`,
      CLOCK_AHEAD_MS: String(Date.parse(answers.openedAt) - Date.now()),
    });
    await eventually(() => ask('/health/ready'), isIdle, 60_000);
  };

  beforeAll(async () => {
    unpack(release, directory);
    await start();
  });
  afterAll(async () => {
    await running.kill();
    rmSync(directory, { recursive: true });
  });

  const expectAnswer = async ({ path, status, body }: Recorded, ...leftOut: readonly string[]): Promise<void> => {
    const answer = await ask(path);
    expect({ path, status: answer.status }).toEqual({ path, status });
    const kept = Object.entries(withoutAsking(body) as object).filter(([name]) => !leftOut.includes(name));
    // A later release may say more.
    expect({ path, ...(withoutAsking(answer.body) as object) }).toMatchObject({ path, ...Object.fromEntries(kept) });
  };

  it.each(answers.booked.filter(isNoStatement))('answer as they did: $path', (recorded) => expectAnswer(recorded));

  it.each(answers.booked.filter((recorded) => !isNoStatement(recorded)))('say the same in $path', async (recorded) => {
    await expectAnswer(recorded, 'entries');
    const now = await ask(`${recorded.path}&limit=${STATEMENT_LIMIT}`);
    expect(now.body['next']).toBeNull();
    expect(whatEntriesSay(entriesOf(now.body))).toEqual(whatEntriesSay(entriesOf(recorded.body)));
  });

  it.each(answers.afterCharging)('charge what had only been accepted as that release would: $path', (recorded) =>
    expectAnswer(recorded, 'asOf'),
  );

  it('verify', async () => {
    const { status, body } = await request(running.url, 'POST', '/v1/verify', {});
    expect([status, body]).toEqual([200, expect.objectContaining({ ok: true, faults: [] })]);
  });

  it('are rebuilt to identical rows', async () => {
    const projections = (await ask('/v1/projections')).body['items'] as { name: string }[];
    expect(projections.length).toBeGreaterThan(0);
    for (const { name } of projections) {
      const begun = await request(running.url, 'POST', `/v1/projections/${name}/rebuild`, {});
      expect(begun.status).toBe(202);
      const path = `/v1/projections/${name}/rebuilds/${String(begun.body['rebuildId'])}`;
      const ended = await eventually(
        () => ask(path),
        ({ body }) => body['state'] !== 'running',
        60_000,
      );
      expect(ended.body).toMatchObject({ state: 'swapped', identical: true });
    }
  });

  it('go on: what is charged, recharged and reversed now adds up, after a restart too', async () => {
    const account = '/v1/platforms/usdcny/accounts/busy';
    const events = Array.from({ length: 150 }, (_, i) => ({
      specversion: '1.0',
      type: 'usage.recorded',
      source: 'gateway',
      id: `today-${i}`,
      time: answers.openedAt,
      platform: 'usdcny',
      subject: 'busy',
      data: { model: 'dall-e-3', units: { images: 1 } },
    }));
    const oldCharge = await ask(`${account}/charges?source=gateway&id=busy-0`);
    const [{ amount: old } = { amount: '' }] = oldCharge.body['charges'] as { amount: string }[];
    const before = Number((await ask(account)).body['wallet']);
    expect((await request(running.url, 'POST', '/v1/usage', events)).status).toBe(202);
    const charged = (before - 150 * 0.038).toFixed(4);
    await eventually(
      () => ask(account),
      ({ body }) => Number(body['wallet']) === Number(charged),
    );
    const reversal = { reversalId: 'today', source: 'gateway', id: 'busy-0', reason: 'complaint' };
    expect((await request(running.url, 'POST', `${account}/charges/reversals`, reversal)).status).toBe(201);
    await running.kill();
    await start();
    // The old release's charge, sent again, is still known.
    const again = {
      ...events[0],
      id: 'busy-1',
      time: '2026-11-02T09:00:00.000Z',
      data: { model: 'dall-e-3', units: { images: 2 } },
    };
    expect((await request(running.url, 'POST', '/v1/usage', [again])).status).toBe(202);
    const recharge = { rechargeId: 'today', provider: 'manual', amount: '10', currency: 'USD' };
    expect((await request(running.url, 'POST', `${account}/recharges`, recharge)).status).toBe(201);
    await eventually(() => ask('/health/ready'), isIdle, 60_000);
    expect(Number((await ask(account)).body['wallet'])).toBeCloseTo(Number(charged) + Number(old) + 10, 9);
    expect((await request(running.url, 'POST', '/v1/verify', {})).body).toMatchObject({ ok: true, faults: [] });
    const { body } = await ask('/v1/platforms/usdcny/finance/trial-balance');
    for (const total of body['totals'] as unknown[]) expect(total).toMatchObject({ balance: '0' });
  });
});
