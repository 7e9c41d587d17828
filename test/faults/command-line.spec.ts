import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { BooksAtWork } from './books-at-work';
import { StandaloneProcess } from '../support/standalone-process';

const entry = join(__dirname, '../../dist/apps/cli/src/main.js');

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe('the command line over books', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-commands-'));
  const dataDir = join(directory, 'data');
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const meterbook = (DATA_DIR: string, ...words: readonly string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const environment = { PATH: process.env['PATH'], DATA_DIR };
      execFile(process.execPath, [entry, ...words], { env: environment }, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
    });
  const rebuilds = (text: string): unknown => (JSON.parse(text) as { rebuilds: unknown }).rebuilds;
  const identical = [expect.objectContaining({ projection: 'trial-balance', state: 'swapped', identical: true })];

  it('proves and rebuilds them while a service runs, and after it', async () => {
    const running = await StandaloneProcess.start(dataDir);
    const books = new BooksAtWork();
    await books.begin(running);
    await books.work(running);
    await books.prove(running);
    const verified = await meterbook(dataDir, 'verify');
    expect(verified).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^The books are proved: \d+ events/) as string,
    });
    const beside = await meterbook(dataDir, 'rebuild', '--json');
    expect([beside.code, rebuilds(beside.out)]).toEqual([0, identical]);
    // The service has done it, and goes on.
    await books.work(running);
    await books.prove(running);
    expect(await running.stop()).toBe(0);
    const alone = await meterbook(dataDir, 'rebuild', 'trial-balance', '--json');
    expect([alone.code, rebuilds(alone.out)]).toEqual([0, identical]);
    const again = await StandaloneProcess.start(dataDir);
    await books.prove(again);
    expect(await again.stop()).toBe(0);
  });

  it('tells by its exit code, in words and to a program that books are not as they were written', async () => {
    const damaged = join(directory, 'damaged');
    cpSync(dataDir, damaged, { recursive: true });
    const store = openDatabase(join(damaged, 'store/events.db'));
    const { position } = store
      .prepare<[], { position: number }>('SELECT max(position) AS position FROM frames')
      .get() ?? { position: 0 };
    store.prepare("UPDATE frames SET hash = 'x' WHERE position = ?").run(position);
    store.close();
    const told = await meterbook(damaged, 'verify');
    expect(told.code).toBe(3);
    expect(told.out).toMatch(/^The books are NOT as they were written: .*\n {2}/);
    const { code, out } = await meterbook(damaged, 'verify', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      faults: [expect.objectContaining({ position: expect.any(String) as string })],
    });
  });
});
