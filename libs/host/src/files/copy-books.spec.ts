import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { chained } from '@meterbook/event-store/event-store-contract';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import { copyBooks, extentsIn, type BooksCopied, type CopyTurn } from './copy-books';
import { dataFolder, extentsOf, type DataFolder } from './data-folder';
import { keptFiles } from './kept-files';

/** More than one commit of a copy takes, of either. */
const LARGE_EVENTS = 150;
const PUBLISHES = 40;

const folderOf = (DATA_DIR: string): DataFolder => dataFolder({ DATA_DIR, EVENTSTORE_URL: null, KAFKA_BROKERS: [] });

/** Bytes are compared by their digest: one by one takes long. */
const digested = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'data' in value && 'type' in value
    ? createHash('sha256').update(JSON.stringify(value.data)).digest('hex')
    : value;

/** Every row of every table of a file that is no copy of another one's. */
function rowsOf(file: string): unknown {
  const database = openDatabase(file, { readonly: true });
  try {
    const tables = database
      .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
      .pluck()
      .all();
    const rows = tables.map((table) => [table, database.prepare(`SELECT * FROM ${table} ORDER BY 1`).all()]);
    return JSON.parse(JSON.stringify(rows, digested)) as unknown;
  } finally {
    database.close();
  }
}

describe('a copy of the books', () => {
  const clock = new SystemClock();
  let directory: string;
  let [from, to] = [folderOf(''), folderOf('')];
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-copy-'));
    [from, to] = [folderOf(join(directory, 'from')), folderOf(join(directory, 'to'))];
    await write(from, 'account-p/a', PUBLISHES, LARGE_EVENTS);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = async ({ directory: at }: DataFolder, stream: string, publishes: number, events: number) => {
    const store = new EmbeddedEventStore(join(at, 'store'), clock);
    const texts = Array.from({ length: events }, (_, i) => String(i).padEnd(16_000, 'x'));
    await store.append([{ stream, expectedRevision: 'no-stream', events: chained(stream, 0, chainStart, ...texts) }]);
    await store.close();
    const topics = new EmbeddedTopics(join(at, 'topics'), clock, {
      prefix: '',
      partitions: 2,
      retentionMs: { usage: 60_000 },
    });
    for (let i = 0; i < publishes; i += 1) await topics.publish('usage', [{ key: `p/a${i % 5}`, value: `${i}` }]);
    await topics.close();
  };
  const copy = (turn: CopyTurn = () => Promise.resolve(), [one, other] = [from, to]): Promise<BooksCopied> =>
    copyBooks(one, other, extentsOf(one), turn);
  const expectSame = (): void => {
    for (const file of ['store/events.db', 'topics/usage.db'])
      expect(rowsOf(join(to.directory, file))).toEqual(rowsOf(join(from.directory, file)));
    expect(extentsOf(to)).toEqual(extentsIn(to.directory, from.directory, extentsOf(from)));
  };

  it('holds every event and record, and says how many', async () => {
    expect(await copy()).toEqual({ events: LARGE_EVENTS, records: PUBLISHES, faults: [] });
    expectSame();
    expect(existsSync(join(to.directory, 'topics/groups'))).toBe(false);
  });

  it('holds the keys that cannot be made again, for nobody else to read', async () => {
    for (const name of keptFiles) {
      mkdirSync(dirname(join(from.directory, name)), { recursive: true });
      writeFileSync(join(from.directory, name), name, { mode: 0o600 });
    }
    await copy();
    for (const name of keptFiles) {
      expect(readFileSync(join(to.directory, name), 'utf8')).toBe(name);
      expect(statSync(join(to.directory, name)).mode & 0o777).toBe(0o600);
    }
  });

  it('takes what is new the next time, and nothing where nothing is', async () => {
    await copy();
    await write(from, 'account-p/b', 3, 2);
    expect(await copy()).toEqual({ events: 2, records: 3, faults: [] });
    expectSame();
    expect(await copy()).toEqual({ events: 0, records: 0, faults: [] });
    expectSame();
  });

  it('goes on where it was interrupted, wherever that was', async () => {
    let commits = 0;
    await copy(async () => void (commits += 1));
    expect(commits).toBeGreaterThan(5);
    const events: number[] = [];
    for (let last = 1; last < commits; last += 1) {
      rmSync(to.directory, { recursive: true });
      let left = last;
      const killed = copy(async () => {
        left -= 1;
        if (left === 0) throw new Error('killed');
      });
      await expect(killed).rejects.toThrow('killed');
      events.push((await copy()).events);
      expectSame();
    }
    expect(new Set(events).size).toBeGreaterThan(2);
  });

  it('ends where it was told to, although its original has gone on', async () => {
    const extents = extentsOf(from);
    await write(from, 'account-p/b', 3, 2);
    await copyBooks(from, to, extents, () => Promise.resolve());
    expect(extentsOf(to)).toEqual(extentsIn(to.directory, from.directory, extents));
    await copy();
    expectSame();
  });

  it('lets go of records that its original has deleted', async () => {
    await copy();
    const database = openDatabase(join(from.directory, 'topics/usage.db'));
    database.exec('DELETE FROM frames WHERE place IN (SELECT place FROM frames ORDER BY place LIMIT 5)');
    database.close();
    await copy();
    expectSame();
    const emptied = openDatabase(join(from.directory, 'topics/usage.db'));
    emptied.exec('DELETE FROM frames');
    emptied.close();
    await copy();
    expectSame();
  });

  it('is refused, and nothing changed, over a copy of other books or of later ones', async () => {
    const other = folderOf(join(directory, 'other'));
    await write(other, 'account-p/z', PUBLISHES, 3);
    await copy(undefined, [other, to]);
    const before = rowsOf(join(to.directory, 'topics/usage.db'));
    await expect(copy()).rejects.toThrow(/topics\/usage\.db is no earlier copy of .*topics\/usage\.db\.$/);
    expect(rowsOf(join(to.directory, 'topics/usage.db'))).toEqual(before);
    rmSync(join(to.directory, 'topics'), { recursive: true });
    await expect(copy()).rejects.toThrow(/to\/store\/events\.db does not begin as .*from\/store\/events\.db does/);

    rmSync(to.directory, { recursive: true });
    await copy();
    await write(to, 'account-p/later', 1, 1);
    await expect(copy()).rejects.toThrow(/is no earlier copy of/);
    rmSync(join(to.directory, 'topics'), { recursive: true });
    await expect(copy()).rejects.toThrow(/does not begin as/);
  });

  it('names a frame that is not what was written, and copies it as it is', async () => {
    const database = openDatabase(join(from.directory, 'store/events.db'));
    database.exec("UPDATE frames SET body = replace(CAST(body AS TEXT), '7xxx', '8xxx') WHERE position = 7");
    database.close();
    const { faults } = await copy();
    expect(faults).toEqual([7]);
    expectSame();
  });
});
