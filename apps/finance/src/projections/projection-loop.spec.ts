import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createLog } from '@meterbook/runtime/log';
import { Books } from '../testing/books';
import { StartedLoop, until } from '../testing/started-loop';
import type { Projection } from './projection';
import { ProjectionControl, type RebuildStatus } from './projection-control';
import { ProjectionLoop } from './projection-loop';
import { trialBalance } from './trial-balance/trial-balance';

describe('the projection loop', () => {
  let books: Books;
  let control: ProjectionControl;
  const started = new StartedLoop();

  beforeEach(async () => {
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

  const start = (projections: readonly Projection[] = [trialBalance]): ProjectionLoop => {
    const loop = new ProjectionLoop(books.store, books.clock, books.financeDirectory, projections, createLog('fatal'));
    return started.start(loop);
  };
  const stop = (): Promise<void> => started.stop();
  const caughtUp = async (loop: ProjectionLoop): Promise<void> => {
    const end = await books.store.end();
    await until(() => loop.progress()?.position === end);
  };
  const rebuilt = async (id: string | undefined): Promise<RebuildStatus | undefined> => {
    if (id === undefined) throw new Error('there is no control file');
    // The idle subscription speaks up as the store's time passes.
    await until(() => {
      books.clock.pass(100);
      return control.rebuild('trial-balance', id)?.state !== 'running';
    });
    return control.rebuild('trial-balance', id);
  };
  const withLive = <T>(work: (database: Database) => T): T => {
    const database = openDatabase(control.livePath('trial-balance') ?? '');
    const result = work(database);
    database.close();
    return result;
  };
  const walletCredit = (): unknown =>
    withLive((database) =>
      database.prepare(`SELECT credit FROM lines WHERE ledger_account = 'liabilities:wallet:a'`).pluck().get(),
    );

  it('goes on where it stopped', async () => {
    await caughtUp(start());
    await stop();
    await books.recharge('shop/a', 'r2', '20');
    await caughtUp(start());
    expect(walletCredit()).toBe('120');
  });

  it('throws a file of another layout away and fills a new one', async () => {
    await caughtUp(start());
    await stop();
    withLive((database) => database.prepare(`UPDATE lines SET credit = '7'`).run());
    await caughtUp(start([{ ...trialBalance, layout: trialBalance.layout + 1 }]));
    expect(walletCredit()).toBe('100');
    expect(readdirSync(books.financeDirectory).filter((name) => /^trial-balance-.*\.db$/.test(name))).toHaveLength(1);
  });

  it('throws a broken file away and fills a new one', async () => {
    await caughtUp(start());
    await stop();
    writeFileSync(
      control.livePath('trial-balance') ?? '',
      'this is no database, and it is long enough to be read as the header of one',
    );
    await caughtUp(start());
    expect(walletCredit()).toBe('100');
  });

  it('proves that a rebuilt set is the same, and swaps it in', async () => {
    const loop = start();
    for (let day = 21; day < 26; day++) {
      books.clock.set(`2026-11-${day}T10:00:00.000Z`);
      await books.charge('shop/a', `u${day}`, '3');
    }
    await caughtUp(loop);
    const before = control.livePath('trial-balance') ?? '';
    const id = control.request('trial-balance', 'rebuild-1');
    const status = await rebuilt(id);
    expect(status).toMatchObject({ state: 'swapped', identical: true, progress: 1, difference: null, remainingMs: 0 });
    expect(status?.events).toBe(loop.progress()?.events);
    expect(control.livePath('trial-balance')).not.toBe(before);
    expect(existsSync(before)).toBe(false);
    await books.recharge('shop/a', 'r2', '20');
    await caughtUp(loop);
    expect(walletCredit()).toBe('120');
  });

  it('has the same rows and checksum however the events were cut into batches', async () => {
    const loop = start();
    for (let i = 0; i < 20; i++) {
      books.clock.pass(7_200_000);
      await books.open(`shop/c${19 - i}`);
      await books.recharge(`shop/c${19 - i}`, 'r1', '1');
      await caughtUp(loop);
    }
    const first = await rebuilt(control.request('trial-balance', 'rebuild-1'));
    const second = await rebuilt(control.request('trial-balance', 'rebuild-2'));
    expect(first).toMatchObject({ identical: true });
    expect(second).toMatchObject({ identical: true, rows: first?.rows, checksum: first?.checksum });
  });

  it('finds a changed row of the live set, and heals it', async () => {
    await caughtUp(start());
    await stop();
    withLive((database) =>
      database.prepare(`UPDATE lines SET credit = '99' WHERE ledger_account = 'liabilities:wallet:a'`).run(),
    );
    start();
    const status = await rebuilt(control.request('trial-balance', 'rebuild-1'));
    expect(status).toMatchObject({ state: 'swapped', identical: false, difference: { table: 'lines' } });
    expect(status?.difference?.live).toContain('"99"');
    expect(status?.difference?.rebuilt).toContain('"100"');
    expect(walletCredit()).toBe('100');
  });

  it.each([
    [
      'a row too many',
      `INSERT INTO lines SELECT 'zoo', ledger_account, commodity, 99, rollup, day, debit, credit, timed FROM lines LIMIT 1`,
    ],
    ['a row too few', `DELETE FROM lines WHERE ledger_account = 'liabilities:wallet:a'`],
    ['an empty table', 'DELETE FROM days'],
  ])('finds %s', async (_what, sql) => {
    await caughtUp(start());
    await stop();
    withLive((database) => database.prepare(sql).run());
    start();
    expect(await rebuilt(control.request('trial-balance', 'rebuild-1'))).toMatchObject({
      state: 'swapped',
      identical: false,
    });
  });

  it('starts a rebuild over that a stop interrupted', async () => {
    await caughtUp(start());
    await stop();
    const id = control.request('trial-balance', 'rebuild-1');
    const stray = control.nextPath('trial-balance');
    writeFileSync(stray, 'what a crash left');
    start();
    expect(await rebuilt(id)).toMatchObject({ state: 'swapped', identical: true });
  });

  it('answers a second request with the rebuild that is under way', async () => {
    await caughtUp(start());
    await stop();
    expect(control.request('trial-balance', 'rebuild-1')).toBe('rebuild-1');
    expect(control.request('trial-balance', 'rebuild-2')).toBe('rebuild-1');
  });

  it('says why a rebuild failed and keeps the live set', async () => {
    const loop = start();
    await caughtUp(loop);
    await stop();
    let opened = 0;
    const failing: Projection = {
      ...trialBalance,
      open: (database) => {
        opened += 1;
        if (opened > 1) throw new Error('the disk is full');
        return trialBalance.open(database);
      },
    };
    const again = start([failing]);
    const status = await rebuilt(control.request('trial-balance', 'rebuild-1'));
    expect(status).toMatchObject({ state: 'failed', detail: 'the disk is full' });
    await books.recharge('shop/a', 'r2', '20');
    await caughtUp(again);
    expect(walletCredit()).toBe('120');
  });
});
