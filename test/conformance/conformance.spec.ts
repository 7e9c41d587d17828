import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StandaloneProcess } from '../support/standalone-process';
import { countQuotes, ratingFiles, runVectors, scenarioNames, scenariosOf } from './vectors';

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

  it('of rating hold to the last digit', async () => {
    const files = ratingFiles();
    expect(countQuotes(files)).toBeGreaterThan(400);
    expect(await runVectors(standalone.url, files)).toBe(`${countQuotes(files)} passed, 0 failed`);
  });

  it.each(scenarioNames)('of %s hold', async (name) => {
    const { file, count } = scenariosOf(name);
    expect(count).toBeGreaterThan(0);
    expect(await runVectors(standalone.url, [file])).toBe(`${count} passed, 0 failed`);
  });
});
