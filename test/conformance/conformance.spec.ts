import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { StandaloneProcess } from '../support/standalone-process';

interface Step {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly save?: Readonly<Record<string, string>>;
}

interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

const vectors = join(__dirname, 'vectors');
/** What is not there yet: a step that asks for it waits, and so does one that needs what such a step would have saved. */
const notThereYet = /\/(authorizations|subscription|refund)\b|^\/api\/auth\/me$/;
/** What a step sees differently once a step that moves money had to wait. */
const seesMoney = /"(held|wallet|draws)"|\/charges\?/;

/** A scenario without the steps that have to wait; nothing of one whose plans cannot start. */
function holdsToday(scenario: Scenario): Scenario[] {
  if (scenario.steps.some(({ path }) => /\/subscription\b/.test(path))) return [];
  const missing = new Set<string>();
  let moneyDiffers = false;
  const steps = scenario.steps.filter((step) => {
    const text = JSON.stringify(step);
    const needs = [...text.matchAll(/\$\{(\w+)\}/g)].some(([, name]) => missing.has(name ?? ''));
    if (!notThereYet.test(step.path) && !needs && !(moneyDiffers && seesMoney.test(text))) return true;
    for (const name of Object.keys(step.save ?? {})) missing.add(name);
    moneyDiffers ||= step.method === 'POST' && !text.includes('"hold":false');
    return false;
  });
  return steps.length > 1 ? [{ ...scenario, steps }] : [];
}

describe('the conformance vectors', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-conformance-'));
  let standalone: StandaloneProcess;

  beforeAll(async () => {
    standalone = await StandaloneProcess.start(join(folder, 'data'));
  });
  afterAll(async () => {
    expect(await standalone.stop()).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (files: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(__dirname, 'run.mjs'),
      standalone.url,
      ...files,
    ]).catch((failure: { stdout: string }) => failure);
    return stdout.trim();
  };

  it('of rating hold to the last digit', async () => {
    const files = readdirSync(join(vectors, 'rating')).map((file) => join(vectors, 'rating', file));
    const count = files
      .map((file) => JSON.parse(readFileSync(file, 'utf8')) as { rating: { vectors: unknown[] } })
      .reduce((sum, { rating }) => sum + rating.vectors.length, 0);
    expect(count).toBeGreaterThan(400);
    expect(await run(files)).toBe(`${count} passed, 0 failed`);
  });

  it.each(readdirSync(join(vectors, 'scenarios')))('of %s hold as far as they can today', async (file) => {
    const { scenarios } = JSON.parse(readFileSync(join(vectors, 'scenarios', file), 'utf8')) as {
      scenarios: Scenario[];
    };
    const today = scenarios.flatMap(holdsToday);
    const filtered = join(folder, basename(file));
    writeFileSync(filtered, JSON.stringify({ scenarios: today }));
    expect(today.length).toBeGreaterThan(0);
    expect(await run([filtered])).toBe(`${today.length} passed, 0 failed`);
  });
});
