import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, request, type Answer } from '../support/client';
import { StandaloneProcess } from '../support/standalone-process';
import { largestRequests, smallRulebook, type Known } from './largest-requests';
import { isWithin, limitsOf, measureRoute, Probe, type Limits, type Measured } from './measure';

const accounts = 200_000;
const charges = 1_000_000;
/** Dead letters that stand beside them. */
const deadBatches = 20;
const batch = 1000;
const caughtUpWithinMs = 240_000;

const isIdle = ({ status, body }: Answer): boolean =>
  status === 200 && (body['indicators'] as { behind?: number }[]).every(({ behind }) => (behind ?? 0) === 0);

describe('whoever asks for much', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-budget-'));
  const probe = new Probe(join(__dirname, 'probe.mjs'));
  let running: StandaloneProcess;
  let routes: string[];
  let known: Known;
  let limits: Limits;

  const caughtUp = (): Promise<Answer> =>
    eventually(() => request(running.url, 'GET', '/health/ready'), isIdle, caughtUpWithinMs);

  beforeAll(async () => {
    const writer = join(__dirname, '../../dist/test/budget/main.js');
    execFileSync(process.execPath, [writer, directory, String(accounts), String(charges)]);
    running = await StandaloneProcess.start(directory);
    const published = await request(running.url, 'PUT', '/v1/platforms/budget/rulebook', smallRulebook('budget'));
    expect(published.status).toBe(201);
    for (let round = 0; round < deadBatches; round++) {
      const dead = Array.from({ length: batch }, (_, i) => ({
        specversion: '1.0',
        type: 'usage.recorded',
        source: 'dead',
        id: `${round}-${i}`,
        time: new Date().toISOString(),
        platform: 'budget',
        subject: `a${i}`,
        data: { model: 'nobody-knows', units: {} },
      }));
      await eventually(
        () => request(running.url, 'POST', '/v1/usage', dead),
        ({ status }) => status === 202,
      );
    }
    await caughtUp();
    const letters = await request(running.url, 'GET', '/v1/dead-letters');
    const rebuild = await request(running.url, 'POST', '/v1/projections/trial-balance/rebuild', {});
    const [letter] = letters.body['items'] as { id: string }[];
    known = { deadLetter: letter?.id ?? '', rebuildId: String(rebuild.body['rebuildId']) };
    const openapi = await request(running.url, 'GET', '/openapi.json');
    routes = Object.entries(openapi.body['paths'] as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const rebuilt = `/v1/projections/trial-balance/rebuilds/${known.rebuildId}`;
    await eventually(
      () => request(running.url, 'GET', rebuilt),
      ({ body }) => body['state'] !== 'running',
      240_000,
    );
    limits = await limitsOf(running.url, directory, probe);
  }, 600_000);
  afterAll(async () => {
    probe.end();
    await running.kill();
    rmSync(directory, { recursive: true });
  });

  it('of every route there is, is declared with what asks most of it', () => {
    expect(routes.sort()).toEqual(Object.keys(largestRequests).sort());
  });

  it('delays nobody else', async () => {
    const measured: Measured[] = [];
    // In the order of the table, since some requests are about what earlier ones made.
    for (const route of Object.keys(largestRequests))
      measured.push(...(await measureRoute(route, running.url, probe, known, limits)));
    console.info(JSON.stringify(limits));
    console.info(measured.map((one) => JSON.stringify(one)).join('\n'));
    expect(measured.filter((one) => !isWithin(one, limits))).toEqual([]);
  }, 900_000);
});
