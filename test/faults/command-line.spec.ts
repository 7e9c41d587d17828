import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { BooksAtWork } from './books-at-work';
import { meterbook } from '../support/command-line';
import { StandaloneProcess } from '../support/standalone-process';

describe('the command line over books', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-commands-'));
  const DATA_DIR = join(directory, 'data');
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const rebuilds = (text: string): unknown => (JSON.parse(text) as { rebuilds: unknown }).rebuilds;
  const identical = (...names: readonly string[]): unknown[] =>
    names.map((projection) => expect.objectContaining({ projection, state: 'swapped', identical: true }) as unknown);

  it('proves and rebuilds them while a service runs, and after it', async () => {
    const running = await StandaloneProcess.start(DATA_DIR);
    const books = new BooksAtWork();
    await books.begin(running);
    await books.work(running);
    await books.prove(running);
    const verified = await meterbook(['verify'], { DATA_DIR });
    expect(verified).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^The books are proved: \d+ events/) as string,
    });
    const beside = await meterbook(['rebuild', '--json'], { DATA_DIR });
    expect([beside.code, rebuilds(beside.out)]).toEqual([0, identical('trial-balance', 'charges', 'recharges')]);
    // The service has done it, and goes on.
    await books.work(running);
    await books.prove(running);
    expect(await running.stop()).toBe(0);
    const alone = await meterbook(['rebuild', 'trial-balance', '--json'], { DATA_DIR });
    expect([alone.code, rebuilds(alone.out)]).toEqual([0, identical('trial-balance')]);
    const again = await StandaloneProcess.start(DATA_DIR);
    await books.prove(again);
    expect(await again.stop()).toBe(0);
  });

  it('tells by its exit code, in words and to a program that books are not as they were written', async () => {
    const damaged = join(directory, 'damaged');
    cpSync(DATA_DIR, damaged, { recursive: true });
    const store = openDatabase(join(damaged, 'store/events.db'));
    const { position } = store
      .prepare<[], { position: number }>('SELECT max(position) AS position FROM frames')
      .get() ?? { position: 0 };
    store.prepare("UPDATE frames SET hash = 'x' WHERE position = ?").run(position);
    store.close();
    const told = await meterbook(['verify'], { DATA_DIR: damaged });
    expect(told.code).toBe(3);
    expect(told.out).toMatch(/^The books are NOT as they were written: .*\n {2}/);
    const { code, out } = await meterbook(['verify', '--json'], { DATA_DIR: damaged });
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      faults: [expect.objectContaining({ position: expect.any(String) as string })],
    });
  });
});
