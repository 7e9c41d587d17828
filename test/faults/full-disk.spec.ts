import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { request } from '../support/client';

const entry = join(__dirname, '../../dist/apps/standalone/src/main.js');
/** The largest file that the process may write, KiB: a disk that is full for every file that grows beyond it. */
const LARGEST_FILE_KIB = 2_048;
/** Requests that are sent once nothing can be written any more. */
const REFUSED = 60;
const MOST_BATCHES = 2_000;
const WITHIN_MS = 120_000;
const eventsOfABatch = 200;

describe('a disk that is full', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-full-'));
  const lines: { level: string; msg: string; status?: number; disk?: string }[] = [];
  let child: ChildProcess;
  let url: string;

  beforeAll(async () => {
    child = spawn('bash', ['-c', `ulimit -f ${LARGEST_FILE_KIB}; exec "$0" "$1"`, process.execPath, entry], {
      env: { ...process.env, DATA_DIR: directory, PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'info', PARTITIONS: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    url = await new Promise<string>((resolve, reject) => {
      child.once('exit', () => reject(new Error('it ended')));
      if (child.stdout === null) throw new Error('its log is read');
      createInterface({ input: child.stdout }).on('line', (text) => {
        const line = JSON.parse(text) as (typeof lines)[number] & { address?: string };
        lines.push(line);
        if (line.address !== undefined) resolve(line.address);
      });
    });
  }, WITHIN_MS);
  afterAll(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  });

  const batch = (n: number): object[] =>
    Array.from({ length: eventsOfABatch }, (_, i) => ({
      specversion: '1.0',
      type: 'usage.recorded',
      source: 'gateway',
      id: `${n}-${i}`,
      platform: 'full',
      subject: 'a',
      time: new Date().toISOString(),
      data: { model: 'm', units: {} },
    }));

  it(
    'answers 503, stays alive, and is told of once a minute',
    async () => {
      let refused = 0;
      for (let n = 0; refused < REFUSED && n < MOST_BATCHES; n++) {
        const { status } = await request(url, 'POST', '/v1/usage', batch(n));
        if (status !== 202) {
          expect(status).toBe(503);
          refused += 1;
        }
      }
      expect(refused).toBe(REFUSED);
      expect((await request(url, 'GET', '/health/live')).status).toBe(200);
      const started = lines.findIndex(({ msg }) => msg === 'Listening.');
      const bad = lines.slice(started).filter(({ level }) => level !== 'info');
      expect(bad.filter(({ disk }) => disk !== undefined)).toEqual([
        expect.objectContaining({ disk: expect.stringContaining('make room') as string }),
      ]);
      expect(bad.filter(({ status }) => status === 503)).toHaveLength(1);
      expect(bad).toHaveLength(2);
    },
    WITHIN_MS,
  );
});
