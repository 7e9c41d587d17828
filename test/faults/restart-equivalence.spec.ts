import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, request, type Answer } from '../support/client';
import { StandaloneProcess } from '../support/standalone-process';

/** Processes that are killed, each with other histories behind it. */
const kills = 20;
/** Directories that are worked in side by side: a start keeps one processor busy, and most of the time goes into starts. */
const lanes = 2;
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

/** The projections of one directory, whose process is killed again and again. */
class Lane {
  private readonly directory = mkdtempSync(join(tmpdir(), 'meterbook-restarts-'));
  private readonly random: () => number;
  private done = 0;

  constructor(readonly seed: number) {
    this.random = seeded(seed);
  }

  /** Kills so often; after each kill the rows are compared with those of a fold of everything at once. Resolves with what happened. */
  async run(times: number): Promise<number> {
    let running = await StandaloneProcess.start(this.directory);
    try {
      for (const platform of platforms)
        await request(running.url, 'PUT', `/v1/platforms/${platform}/rulebook`, rulebookOf(platform));
      for (let kill = 0; kill < times; kill++) {
        await this.workUntilKilled(running);
        running = await StandaloneProcess.start(this.directory);
        const { body } = await rebuilt(running.url);
        expect({ seed: this.seed, kill, ...body }).toMatchObject({
          state: 'swapped',
          identical: true,
          difference: null,
        });
      }
      for (const platform of platforms) {
        const { body } = await request(running.url, 'GET', `/v1/platforms/${platform}/finance/trial-balance`);
        for (const total of body['totals'] as object[]) expect(total).toMatchObject({ balance: '0' });
      }
      expect((await request(running.url, 'POST', '/v1/verify', {})).body).toMatchObject({ ok: true, faults: [] });
      expect(await running.stop()).toBe(0);
      return this.done;
    } finally {
      await running.kill();
      rmSync(this.directory, { recursive: true, force: true });
    }
  }

  private async workUntilKilled(running: StandaloneProcess): Promise<void> {
    const life = { isOver: false };
    const work = async (): Promise<void> => {
      while (!life.isOver) await this.something(running.url);
    };
    const workers = [work(), work(), work()];
    await new Promise((resolve) => setTimeout(resolve, this.below(longestLifeMs)));
    await running.kill();
    life.isOver = true;
    await Promise.all(workers);
  }

  /** One thing that may happen to one of the accounts. Refusals are fine, and so is a process that is not there any more. */
  private async something(url: string): Promise<void> {
    const platform = platforms[this.below(platforms.length)] ?? '';
    const account = `a${this.below(12)}`;
    const path = `/v1/platforms/${platform}/accounts/${account}`;
    const id = `i${this.done++}`;
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
    const expiresAt = new Date(now + 1_000 + this.below(4_000)).toISOString();
    const reversed = `i${this.below(this.done)}`;
    const happenings: readonly (readonly [string, string, unknown])[] = [
      ['POST', `/v1/platforms/${platform}/accounts`, { account }],
      ['POST', '/v1/usage', [usage, { ...usage, id: `${id}-2` }]],
      ['POST', '/v1/usage', [usage]],
      ['POST', `${path}/recharges`, { rechargeId: id, provider: 'manual', amount: '1', currency: 'USD' }],
      ['POST', `${path}/grants`, { grantId: id, amount: '1', reason: 'goodwill', expiresAt }],
      ['PATCH', path, { payAsYouGo: this.below(2) === 0 }],
      [
        'POST',
        `${path}/charges/reversals`,
        { reversalId: id, source: 'gateway', id: reversed, reason: 'upstream failed' },
      ],
    ];
    const [method, at, body] = happenings[this.below(happenings.length)] ?? ['GET', path, undefined];
    await request(url, method, at, body).catch(() => undefined);
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }
}

async function rebuilt(url: string): Promise<Answer> {
  // A process that was killed before its loops had begun knows no projections yet.
  const { body } = await eventually(
    () => request(url, 'POST', '/v1/projections/trial-balance/rebuild'),
    (answer) => answer.status === 202,
    caughtUpWithinMs,
  );
  const path = `/v1/projections/trial-balance/rebuilds/${String(body['rebuildId'])}`;
  return eventually(
    () => request(url, 'GET', path),
    (answer) => answer.body['state'] !== 'running',
    caughtUpWithinMs,
  );
}

describe('projections of a process that is killed', () => {
  it(
    `hold the rows that a fold of everything at once holds, after each of ${kills} kills`,
    async () => {
      const seed = Date.now() % 2_147_483_647;
      const all = Array.from({ length: lanes }, (_, lane) => new Lane(seed + lane));
      const done = await Promise.all(all.map((lane) => lane.run(kills / lanes)));
      console.info(`seed ${seed}: ${done.join(' and ')} happenings, ${kills} kills`);
    },
    5 * 60_000,
  );
});
