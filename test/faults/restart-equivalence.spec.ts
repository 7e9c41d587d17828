import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, request, type Answer } from '../support/client';
import { StandaloneProcess } from '../support/standalone-process';

/** Processes that are killed, each with other histories behind it. */
const kills = 20;
/** The longest that a process is worked with before it is killed. */
const longestLifeMs = 500;
const caughtUpWithinMs = 60_000;
const platforms = ['harbour', 'quarry'];

/** Park and Miller's generator: a run can be repeated with its seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const rulebookOf = (platform: string): object => ({
  platform,
  currency: 'USD',
  effectiveFrom: '2020-01-01T00:00:00.000Z',
  tiers: [{ id: 'default', rank: 1 }],
  groups: [{ id: 'default', models: ['*'] }],
  providers: { manual: {} },
  models: [{ id: 'm', group: 'default', price: { mode: 'request', unit: '0.25' } }],
});

describe('projections of a process that is killed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-restarts-'));
  const seed = Date.now() % 2_147_483_647;
  const random = seeded(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  let done = 0;
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** One thing that may happen to one of the accounts. Refusals are fine, and so is a process that is not there any more. */
  const something = async (url: string): Promise<void> => {
    const platform = platforms[below(platforms.length)] ?? '';
    const account = `a${below(12)}`;
    const path = `/v1/platforms/${platform}/accounts/${account}`;
    const id = `i${done++}`;
    const now = Date.now();
    const usage = {
      specversion: '1.0',
      type: 'usage.recorded',
      source: 'gateway',
      id,
      platform,
      subject: account,
      time: new Date(now).toISOString(),
      data: { model: 'm', units: {} },
    };
    const happenings: readonly (readonly [string, string, unknown])[] = [
      ['POST', `/v1/platforms/${platform}/accounts`, { account }],
      ['POST', '/v1/usage', [usage, { ...usage, id: `${id}-2` }]],
      ['POST', '/v1/usage', [usage]],
      ['POST', `${path}/recharges`, { rechargeId: id, provider: 'manual', amount: '1', currency: 'USD' }],
      [
        'POST',
        `${path}/grants`,
        { grantId: id, amount: '1', reason: 'goodwill', expiresAt: new Date(now + 1_000 + below(4_000)).toISOString() },
      ],
      ['PATCH', path, { payAsYouGo: below(2) === 0 }],
      [
        'POST',
        `${path}/charges/reversals`,
        { reversalId: id, source: 'gateway', id: `i${below(done)}`, reason: 'upstream failed' },
      ],
    ];
    const [method, at, body] = happenings[below(happenings.length)] ?? ['GET', path, undefined];
    await request(url, method, at, body).catch(() => undefined);
  };

  const rebuilt = async (url: string): Promise<Answer> => {
    const { body } = await request(url, 'POST', '/v1/projections/trial-balance/rebuild');
    const path = `/v1/projections/trial-balance/rebuilds/${String(body['rebuildId'])}`;
    return eventually(
      () => request(url, 'GET', path),
      (answer) => answer.body['state'] !== 'running',
      caughtUpWithinMs,
    );
  };

  it(
    `hold the rows that a fold of everything at once holds, after each of ${kills} kills`,
    async () => {
      let running = await StandaloneProcess.start(directory);
      for (const platform of platforms)
        await request(running.url, 'PUT', `/v1/platforms/${platform}/rulebook`, rulebookOf(platform));
      for (let kill = 0; kill < kills; kill++) {
        const { url } = running;
        const life = { isOver: false };
        const work = async (): Promise<void> => {
          while (!life.isOver) await something(url);
        };
        const workers = [work(), work(), work()];
        await new Promise((resolve) => setTimeout(resolve, below(longestLifeMs)));
        await running.kill();
        life.isOver = true;
        await Promise.all(workers);
        running = await StandaloneProcess.start(directory);
        const { body } = await rebuilt(running.url);
        expect({ seed, kill, ...body }).toMatchObject({ state: 'swapped', identical: true, difference: null });
      }
      for (const platform of platforms) {
        const { body } = await request(running.url, 'GET', `/v1/platforms/${platform}/finance/trial-balance`);
        for (const total of body['totals'] as object[]) expect(total).toMatchObject({ balance: '0' });
      }
      expect((await request(running.url, 'POST', '/v1/verify', {})).body).toMatchObject({ ok: true, faults: [] });
      expect(await running.stop()).toBe(0);
      console.info(`seed ${seed}: ${done} happenings, ${kills} kills`);
    },
    5 * 60_000,
  );
});
