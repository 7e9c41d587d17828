import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(__dirname, '../..');
/** How long a build, a start and a stop may take together on a busy machine, milliseconds. */
const WITHIN_MS = 240_000;

interface Ended {
  readonly code: number | null;
  readonly said: readonly string[];
  readonly address: string;
}

describe('a start by npm', () => {
  let DATA_DIR: string;
  beforeEach(() => {
    DATA_DIR = mkdtempSync(join(tmpdir(), 'meterbook-npm-'));
  });
  afterEach(() => rmSync(DATA_DIR, { recursive: true, force: true }));

  /** Starts it, sends npm a signal once it listens, and waits until nobody holds its output any more: an orphan would. */
  async function stopped(words: readonly string[], signal: NodeJS.Signals): Promise<Ended> {
    const child = spawn('npm', words, {
      cwd: root,
      env: { ...process.env, DATA_DIR, PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'info' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: string[] = [];
    let address = '';
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push((/"msg":"([^"]*)"/.exec(line) ?? [])[1] ?? line);
      const found = /"address":"([^"]+)"/.exec(line)?.[1];
      if (found === undefined || address !== '') return;
      address = found;
      child.kill(signal);
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, said, address };
  }

  it.each([
    [['start', '--silent'], 'SIGTERM'],
    [['start', '--silent'], 'SIGINT'],
    [['exec', '--', 'meterbook', 'start', '--port', '0'], 'SIGTERM'],
  ] as const)(
    'hands on the signal, and leaves nobody behind: npm %j, %s',
    async (words, signal) => {
      const { said, address } = await stopped(words, signal);
      expect(said.at(-1)).toBe('Stopping.');
      expect(said.filter((line) => line === 'Stopping.')).toHaveLength(1);
      await expect(fetch(address)).rejects.toThrow();
    },
    WITHIN_MS,
  );
});
