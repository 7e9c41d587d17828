import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const entry = join(__dirname, '../../dist/apps/cli/src/main.js');

describe('the command line in a pipe', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-piped-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const [list, output] = [join(folder, 'list.json'), join(folder, 'rulebook.yaml')];
  const price = { litellm_provider: 'any', input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 };
  writeFileSync(
    list,
    JSON.stringify(Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`model-${n}`, price]))),
  );
  const importing = (...options: string[]) =>
    spawn(process.execPath, [entry, 'rulebook', 'import', '--from', 'litellm', list, ...options]);

  it('writes all of a long result, however late its reader begins', async () => {
    const toFile = importing('-o', output);
    expect(await once(toFile, 'exit')).toEqual([0, null]);
    const piped = importing();
    // The report comes when everything was written: what the pipe has no room for still waits.
    await once(piped.stderr, 'data');
    const [written] = await Promise.all([text(piped.stdout), once(piped, 'exit')]);
    expect(piped.exitCode).toBe(0);
    expect(written.length).toBeGreaterThan(256 * 1024);
    expect(written === readFileSync(output, 'utf8')).toBe(true);
  });

  it('ends without a word where its reader reads no further', async () => {
    const piped = importing();
    const told = text(piped.stderr);
    piped.stdout.destroy();
    expect(await once(piped, 'exit')).toEqual([0, null]);
    expect(await told).not.toMatch(/EPIPE|\n\s+at /);
  });
});
