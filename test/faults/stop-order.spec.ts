import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const built = join(__dirname, '../../dist/apps');
/** Every app that runs until it is told to stop. */
const apps = readdirSync(join(__dirname, '../../apps')).filter((app) => app !== 'cli');
const WITHIN_MS = 60_000;
/** How often it is looked for a first file of its, milliseconds. */
const LOOK_EVERY_MS = 2;

/** Nobody listens there. */
const away = { EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false', KAFKA_BROKERS: '127.0.0.1:1' };

describe.each(apps)('%s, told to stop', (app) => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-stop-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** Starts it, tells it to stop as soon as it has said something or put down a file, and resolves with all that it said and its exit code. */
  async function linesUntil(
    when: RegExp | 'it has put down a file',
    environment: Readonly<Record<string, string>>,
  ): Promise<{ readonly code: number | null; readonly said: readonly string[] }> {
    const child = spawn(process.execPath, [join(built, app, 'src/main.js')], {
      env: { PATH: process.env['PATH'], PORT: '0', DATA_DIR: directory, LOG_LEVEL: 'info', ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: WITHIN_MS,
    });
    const said: string[] = [];
    let isTold = false;
    const tell = (): void => {
      isTold = true;
      child.kill('SIGTERM');
    };
    const looking = setInterval(() => {
      if (typeof when === 'string' && !isTold && readdirSync(directory).length > 0) tell();
    }, LOOK_EVERY_MS);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { msg } = JSON.parse(line) as { readonly msg: string };
      said.push(msg);
      if (typeof when !== 'string' && !isTold && when.test(msg)) tell();
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    clearInterval(looking);
    return { code, said };
  }

  it.each([
    ['before it listens', 'it has put down a file', {}],
    ['while it waits for its engines', /is not there yet/, away],
    ['as soon as it listens', /^Listening/, {}],
    ['while it publishes presets, if it does so then', /^Listening/, { PRESETS: 'publish' }],
    ['once all of it runs', app === 'standalone' ? /^Listening/ : /^The loops run/, {}],
  ] as const)('%s, says that it stops, and nothing of a start after it', async (_when, said, environment) => {
    const ended = await linesUntil(said, environment);
    const after = ended.said.slice(ended.said.indexOf('Stopping.') + 1);
    expect(ended.said).toContain('Stopping.');
    expect(after.filter((line) => /Listening|loops run|moves on|Published/.test(line))).toEqual([]);
    expect(ended.code).toBe(0);
  });
});
