import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, request, type Answer } from '../support/client';
import { plainRulebook, usageEvent } from '../support/plain-platform';
import { StandaloneProcess } from '../support/standalone-process';

const jumpMs = 40 * 86_400_000;
/** How long the process may take to see that its clock was set. */
const seenMs = 50;
const platform = 'clock';
const rulebook = plainRulebook(platform);
/** Enough to have some in every partition. */
const accounts = Array.from({ length: 24 }, (_, i) => `a${i}`);
const recharged = 100;

describe('a clock that is set forty days ahead and back', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-clock-'));
  const offsetFile = join(directory, 'offset');
  let running: StandaloneProcess;
  let aheadMs = 0;
  let sent = 0;
  /** Usages that were answered with 202. */
  let accepted = 0;

  const set = async (ms: number): Promise<void> => {
    writeFileSync(offsetFile, String(ms));
    aheadMs = ms;
    await new Promise((resolve) => setTimeout(resolve, seenMs));
  };
  const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
    request(running.url, method, path, body);
  /** One usage for each account, as of a clock that is so far ahead; 202 is a promise. */
  const use = async (model = 'm', timeMs = Date.now() + aheadMs): Promise<Answer> => {
    const round = ++sent;
    const time = new Date(timeMs).toISOString();
    const events = accounts.map((subject) => usageEvent({ platform, id: `${round}-${subject}`, subject, time, model }));
    const answer = await call('POST', '/v1/usage', events);
    if (answer.status === 202 && model === 'm') accepted += 1;
    return answer;
  };
  const recharge = async (round: number): Promise<void> => {
    const body = { rechargeId: `r${round}`, provider: 'manual', amount: String(recharged), currency: 'USD' };
    for (const account of accounts) {
      const { status } = await call('POST', `/v1/platforms/${platform}/accounts/${account}/recharges`, body);
      expect([account, status]).toEqual([account, 201]);
    }
  };
  const expectCharged = async (recharges: number): Promise<void> => {
    const wallet = String(recharges * recharged - accepted);
    for (const account of accounts)
      await eventually(
        () => call('GET', `/v1/platforms/${platform}/accounts/${account}`),
        ({ body }) => body['wallet'] === wallet,
      );
  };

  beforeAll(async () => {
    const environment = {
      NODE_OPTIONS: `--require ${join(__dirname, 'set-clock.cjs')}`,
      CLOCK_OFFSET_FILE: offsetFile,
    };
    running = await StandaloneProcess.start(join(directory, 'data'), environment, { quiet: true });
    expect((await call('PUT', `/v1/platforms/${platform}/rulebook`, rulebook)).status).toBe(201);
    await recharge(1);
  });
  afterAll(async () => {
    await running.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  it('charges whatever was accepted, before the jump, in it, and after it', async () => {
    expect((await use()).status).toBe(202);
    await expectCharged(1);
    await set(jumpMs);
    expect((await use()).status).toBe(202);
    await expectCharged(1);
    await recharge(2);
    await set(0);
    expect((await use()).status).toBe(202);
    expect((await use()).status).toBe(202);
    await expectCharged(2);
    const letters = await call('GET', `/v1/dead-letters?platform=${platform}`);
    expect(letters.body['items']).toEqual([]);
  });

  it('takes a dead letter that is redriven after it for what it was when it was accepted', async () => {
    await set(jumpMs);
    expect((await use()).status).toBe(202);
    await set(0);
    expect((await use('unheard-of')).status).toBe(202);
    const path = `/v1/dead-letters?platform=${platform}`;
    const { body } = await eventually(
      () => call('GET', path),
      (answer) => (answer.body['items'] as unknown[]).length === accounts.length,
    );
    const models = [...rulebook.models, { ...rulebook.models[0], id: 'unheard-of' }];
    const { status } = await call('PUT', `/v1/platforms/${platform}/rulebook`, { ...rulebook, models });
    expect(status).toBe(201);
    for (const { id } of body['items'] as { id: string }[])
      expect([id, (await call('POST', `/v1/dead-letters/${id}/redrive`)).status]).toEqual([id, 202]);
    accepted += 1;
    await expectCharged(2);
  });

  it('has everything that is booked in a report without an instant', async () => {
    const cash = String(2 * recharged * accounts.length);
    const { body } = await eventually(
      () => call('GET', `/v1/platforms/${platform}/finance/trial-balance`),
      (answer) => JSON.stringify(answer.body).includes(`"${cash}"`),
    );
    expect(JSON.stringify(body)).toContain(`"-${accepted * accounts.length}"`);
    expect((await call('POST', '/v1/verify', {})).body).toMatchObject({ ok: true });
  });

  it('says in its readiness that booked time is ahead of the clock', async () => {
    const ready = await call('GET', '/health/ready');
    expect(JSON.stringify(ready.body)).toMatch(/ahead/);
  });

  it('stops in order', async () => {
    expect(await running.stop()).toBe(0);
  });
});
