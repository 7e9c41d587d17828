import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StandaloneProcess } from '../support/standalone-process';

/** Where `nice` stands in what the kernel tells of a thread, counted behind its name. */
const NICE_AT = 16;

describe('the threads of the standalone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-priorities-'));
  let standalone: StandaloneProcess;
  beforeAll(async () => {
    standalone = await StandaloneProcess.start(folder);
  });
  afterAll(async () => {
    await standalone.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const priorities = (): number[] => {
    const threads = `/proc/${standalone.pid}/task`;
    return readdirSync(threads).map((thread) => {
      const text = readFileSync(join(threads, thread, 'stat'), 'utf8');
      return Number(text.slice(text.lastIndexOf(') ') + 2).split(' ')[NICE_AT]);
    });
  };

  it('have one priority, but for the one that folds, which goes behind the others where the system knows how', async () => {
    if (process.platform !== 'linux') return;
    const own = Number(readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[NICE_AT]);
    const nicer = (): number[] => priorities().filter((nice) => nice !== own);
    for (const deadline = Date.now() + 30_000; nicer().length === 0 && Date.now() < deadline;) await sleep(50);
    expect(nicer()).toEqual([Math.min(19, own + 10)]);
  });
});
