import { closeSync, cpSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { createLog } from '@meterbook/runtime/log';
import { Books } from '../testing/books';
import { StartedLoop, until as untilTrue } from '../testing/started-loop';
import type { Projection } from './projection';
import { ProjectionControl, type RebuildStatus } from './projection-control';
import { ProjectionLoop } from './projection-loop';
import { trialBalance } from './trial-balance/trial-balance';

const second: Projection = { ...trialBalance, name: 'second' };

describe('several projections', () => {
  let books: Books;
  let control: ProjectionControl;
  const started = new StartedLoop();
  let lines: Record<string, unknown>[];

  beforeEach(async () => {
    lines = [];
    books = new Books('2026-11-20T10:00:00.000Z');
    control = ProjectionControl.shared(books.financeDirectory);
    await books.open('shop/a');
    await books.recharge('shop/a', 'r1', '100');
  });
  afterEach(async () => {
    await stop();
    control.close();
    await books.destroy();
  });

  const start = (projections: readonly Projection[]): ProjectionLoop => {
    const destination = new Writable({
      write: (line: Buffer, _encoding, done) => {
        lines.push(JSON.parse(String(line)) as Record<string, unknown>);
        done();
      },
    });
    const log = createLog('info', destination);
    return started.start(new ProjectionLoop(books.store, books.clock, books.financeDirectory, projections, log));
  };
  const stop = (): Promise<void> => started.stop();
  // The idle subscription speaks up as the store's time passes.
  const until = (holds: () => boolean): Promise<void> => untilTrue(holds, () => books.clock.pass(100));
  const inFile = <T>(name: string, work: (database: Database) => T): T => {
    const database = openDatabase(control.livePath(name) ?? '', { fileMustExist: true });
    try {
      return work(database);
    } finally {
      database.close();
    }
  };
  const walletCredit = (name: string): unknown =>
    inFile(name, (database) =>
      database.prepare(`SELECT credit FROM lines WHERE ledger_account = 'liabilities:wallet:a'`).pluck().get(),
    );
  const hasCredit = (name: string, credit: string) => (): boolean => {
    try {
      return walletCredit(name) === credit;
    } catch {
      return false;
    }
  };
  const rebuilt = async (name: string): Promise<RebuildStatus | undefined> => {
    const id = control.request(name, `rebuild-${name}`) ?? '';
    await until(() => control.rebuild(name, id)?.state !== 'running');
    return control.rebuild(name, id);
  };
  /** Makes the next booking of a later day impossible to write. */
  const spoil = (name: string): void => {
    inFile(name, (database) =>
      database.prepare(`INSERT INTO line_days SELECT day + 1, line, NULL, '0', '0', NULL FROM lines`).run(),
    );
    books.clock.set('2026-11-21T10:00:00.000Z');
  };

  it('follow the store with one subscription; one that is new catches up alone and joins', async () => {
    start([trialBalance]);
    await until(hasCredit('trial-balance', '100'));
    await stop();
    await books.recharge('shop/a', 'r2', '20');
    const subscribe = jest.spyOn(books.store, 'subscribe');
    const loop = start([second, trialBalance]);
    await until(hasCredit('second', '120'));
    await until(hasCredit('trial-balance', '120'));
    await books.recharge('shop/a', 'r3', '5');
    await until(hasCredit('second', '125'));
    await until(hasCredit('trial-balance', '125'));
    expect(subscribe).toHaveBeenCalledTimes(2);
    expect(loop.progress()?.position).toBe(await books.store.end());
  });

  it('go on while one of them fails, which names the event, can be rebuilt meanwhile, and joins again', async () => {
    start([trialBalance, second]);
    await until(hasCredit('second', '100'));
    await stop();
    spoil('second');
    start([trialBalance, second]);
    await books.recharge('shop/a', 'r2', '20');
    await until(hasCredit('trial-balance', '120'));
    await until(() => control.failureOf('second') !== undefined);
    const position = await books.store.end();
    const failure = control.failureOf('second') ?? '';
    expect(failure).toContain(
      `second cannot be folded at position ${position}, revision 2 of account-shop/a (WalletRecharged)`,
    );
    expect(failure).toContain('UNIQUE constraint failed: line_days.day, line_days.line');
    const failed = lines.find(({ msg }) => msg === 'A projection does not move on.');
    expect(failed).toMatchObject({
      projection: 'second',
      stream: 'account-shop/a',
      revision: 2,
      type: 'WalletRecharged',
    });
    await books.recharge('shop/a', 'r3', '5');
    await until(hasCredit('trial-balance', '125'));
    expect(walletCredit('second')).toBe('100');
    expect(await rebuilt('second')).toMatchObject({ state: 'swapped', identical: false });
    await until(hasCredit('second', '125'));
    await until(() => control.failureOf('second') === undefined);
    expect(await rebuilt('trial-balance')).toMatchObject({ state: 'swapped', identical: true });
  });

  it('name a damaged account, go on with every other one, and know it after a restart', async () => {
    await books.append('account-shop/a', { type: 'AccountDreamt' });
    let loop = start([trialBalance]);
    await books.open('shop/b');
    await books.recharge('shop/b', 'r1', '7');
    await books.append('account-shop/a', { type: 'AccountOpened' });
    const end = await books.store.end();
    await until(() => loop.progress()?.position === end);
    expect(loop.damaged.count).toBe(1);
    await stop();
    loop = start([trialBalance]);
    await until(() => loop.progress()?.position === end);
    expect(loop.damaged.has('account-shop/a')).toBe(true);
    expect(walletCredit('trial-balance')).toBe('100');
    expect(await rebuilt('trial-balance')).toMatchObject({
      state: 'swapped',
      identical: null,
      difference: null,
      detail: 'trial-balance stands without 1 damaged streams: account-shop/a',
    });
    expect(control.failureOf('trial-balance')).toBeUndefined();
  });

  it('do not go on with a store that is not theirs, and leave their files as they are', async () => {
    start([trialBalance]);
    await until(hasCredit('trial-balance', '100'));
    await stop();
    const other = new Books('2026-11-20T10:00:00.000Z');
    try {
      for (const account of ['shop/x', 'shop/y', 'shop/z']) await other.open(account);
      const log = createLog('fatal');
      const loop = new ProjectionLoop(other.store, books.clock, books.financeDirectory, [trialBalance], log);
      const ending = new AbortController();
      const run = loop.run(ending.signal);
      await until(() => control.failureOf('trial-balance') !== undefined);
      expect(control.failureOf('trial-balance')).toMatch(/does not belong to the event store.*delete .*filled anew/);
      ending.abort();
      await run;
      expect(walletCredit('trial-balance')).toBe('100');
    } finally {
      await other.destroy();
    }
  });

  it('do not go on with a store that ends before what they hold, and do once it is whole again', async () => {
    const shorter = join(books.directory, 'shorter');
    cpSync(join(books.directory, 'events'), shorter, { recursive: true });
    await books.recharge('shop/a', 'r2', '20');
    start([trialBalance]);
    await until(hasCredit('trial-balance', '120'));
    await stop();
    const restored = new EmbeddedEventStore(shorter, books.clock);
    const loop = new ProjectionLoop(restored, books.clock, books.financeDirectory, [trialBalance], createLog('fatal'));
    const ending = new AbortController();
    const run = loop.run(ending.signal);
    await until(() => control.failureOf('trial-balance') !== undefined);
    expect(control.failureOf('trial-balance')).toMatch(/it has folded more than the 1 where the store ends/);
    ending.abort();
    await run;
    await restored.close();
    expect(walletCredit('trial-balance')).toBe('120');
    start([trialBalance]);
    await until(() => control.failureOf('trial-balance') === undefined);
    await books.recharge('shop/a', 'r3', '5');
    await until(hasCredit('trial-balance', '125'));
  });

  it.each(['garbage', 'missing', 'cut short'])('are filled anew where the control file is %s', async (how) => {
    start([trialBalance]);
    await until(hasCredit('trial-balance', '100'));
    await stop();
    const file = join(books.financeDirectory, 'control.db');
    for (const part of ['', '-wal', '-shm']) rmSync(file + part, { force: true });
    if (how === 'garbage') writeFileSync(file, 'no database at all, and longer than the header of one. '.repeat(200));
    if (how === 'cut short') writeFileSync(file, 'SQLite format 3\0');
    control = ProjectionControl.shared(books.financeDirectory);
    const bytes = (): string | null => (existsSync(file) ? readFileSync(file, 'base64') : null);
    const before = bytes();
    expect(control.livePath('trial-balance')).toBeUndefined();
    expect(control.request('trial-balance', 'r')).toBeUndefined();
    // Whoever only reads leaves it to the loop.
    expect(bytes()).toBe(before);
    start([trialBalance]);
    await until(hasCredit('trial-balance', '100'));
    expect(lines.filter((line) => line['file'] === file)).toHaveLength(how === 'missing' ? 0 : 1);
  });

  it('are filled anew where a page of the file is damaged, found out only while folding', async () => {
    start([trialBalance]);
    await until(hasCredit('trial-balance', '100'));
    await stop();
    const path = control.livePath('trial-balance') ?? '';
    const root = inFile('trial-balance', (database) => {
      database.pragma('wal_checkpoint(TRUNCATE)');
      return database.prepare<[], number>(`SELECT rootpage FROM sqlite_schema WHERE name = 'lines'`).pluck().get() ?? 0;
    });
    inFile('trial-balance', (database) => database.pragma('journal_mode = DELETE'));
    overwritePage(path, root);
    start([trialBalance]);
    await books.recharge('shop/a', 'r2', '20');
    await until(hasCredit('trial-balance', '120'));
    expect(lines.some(({ file }) => file === path)).toBe(true);
  });
});

function overwritePage(path: string, page: number): void {
  const pageBytes = 4096;
  const database = openSync(path, 'r+');
  writeSync(database, Buffer.alloc(pageBytes, 0x5a), 0, pageBytes, (page - 1) * pageBytes);
  closeSync(database);
}
