import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BooksAtWork } from '../../faults/books-at-work';
import { meterbook, type Ended } from '../../support/command-line';
import { StandaloneProcess } from '../../support/standalone-process';
import { WireStoreProcess } from './wire-store-process';

const WITHIN_MS = 180_000;

interface Rebuilt {
  readonly projection: string;
  readonly state: string;
  readonly identical: boolean | null;
  readonly rows: number;
  readonly checksum: string;
}

/** The books on a server of EventStoreDB's protocol, the topics on files of the service. */
describe('the command line over books on a server', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-commands-'));
  const DATA_DIR = join(directory, 'data');
  const store = new WireStoreProcess();
  const books = new BooksAtWork();
  let running: StandaloneProcess;
  let before: readonly Rebuilt[];

  beforeAll(async () => {
    await store.start();
    running = await StandaloneProcess.start(DATA_DIR, { EVENTSTORE_URL: store.url });
    await books.begin(running);
    await books.work(running);
    await books.prove(running);
  }, WITHIN_MS);
  afterAll(async () => {
    await running.kill();
    await store.destroy();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Nobody listens where the topics are: these commands are about the store alone. */
  const command = (words: readonly string[], folder = DATA_DIR): Promise<Ended> =>
    meterbook(words, { DATA_DIR: folder, EVENTSTORE_URL: store.url, KAFKA_BROKERS: '127.0.0.1:1' });
  const rebuild = async (folder?: string): Promise<readonly Rebuilt[]> => {
    const { code, out, err } = await command(['rebuild', '--json'], folder);
    if (code !== 0) throw new Error(`${code}: ${out}${err}`);
    return (JSON.parse(out) as { rebuilds: Rebuilt[] }).rebuilds;
  };
  const found = (rebuilt: readonly Rebuilt[]): unknown => rebuilt.map(({ checksum, rows }) => ({ checksum, rows }));

  it(
    'proves and rebuilds them while a service runs, which goes on',
    async () => {
      const { code, out } = await command(['verify']);
      expect(out).toMatch(/^The books are proved: \d{2,} events in \d{2,} streams\./);
      expect(code).toBe(0);
      before = await rebuild();
      expect(before.length).toBeGreaterThan(0);
      for (const { state, identical, rows } of before)
        expect([state, identical, rows > 0]).toEqual(['swapped', true, true]);
      await books.work(running);
      await books.prove(running);
      before = await rebuild();
      expect(await running.stop()).toBe(0);
    },
    WITHIN_MS,
  );

  it('rebuilds them itself where no service runs, also in a folder that has never seen them', async () => {
    expect(found(await rebuild())).toEqual(found(before));
    expect(found(await rebuild(join(directory, 'new')))).toEqual(found(before));
  });

  it('says what is wrong with them', async () => {
    await store.tell({ do: 'tombstone', stream: 'account-matrix/a' });
    const verified = await command(['verify', '--json']);
    expect(verified.code).toBe(3);
    expect(JSON.parse(verified.out)).toMatchObject({ ok: false });
    expect((await command(['verify'])).out).toMatch(/^The books are NOT as they were written: [^]*account-matrix\/a/);
    const rebuilt = await command(['rebuild'], join(directory, 'damaged'));
    expect(rebuilt.out).toMatch(/swapped, and not compared: .*account-matrix\/a/);
    expect(rebuilt.code).toBe(3);
  });

  it.each(['verify', 'rebuild'])('%s does not wait for a server that is gone', async (word) => {
    if (store.runs) await store.kill();
    const { code, err } = await command([word]);
    expect(err).toMatch(/^The event store cannot be reached .*\nSee that its server runs/);
    expect(code).toBe(1);
  });
});
