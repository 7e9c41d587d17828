import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import { encodeTexts } from '@meterbook/books/event-codec';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { createLog } from '@meterbook/runtime/log';
import { TierBooks } from '../testing/tier-books';
import { FoldRecharges } from './fold-recharges';
import { RechargeTotals } from './recharge-totals';

const deadlineMs = 30_000;

describe('the recharges for the view', () => {
  let books: TierBooks;
  let directory: string;
  let lines: string[];

  beforeEach(async () => {
    books = new TierBooks();
    directory = join(books.directory, 'tier');
    lines = [];
    for (let i = 0; i < 200; i++) await books.recharge(`apibox/a${i}`, 'r1', String(i + 1));
  });
  afterEach(() => books.destroy());

  /** Folds until everything is, and stops. */
  const fold = async (): Promise<FoldRecharges> => {
    const sink = new Writable({
      write: (line: Buffer, _encoding, done) => {
        lines.push(String(line));
        done();
      },
    });
    const folding = new FoldRecharges(books.store, books.clock, directory, createLog('warn', sink));
    const stop = new AbortController();
    const failed = new AbortController();
    const running = folding.run(stop.signal).finally(() => failed.abort());
    running.catch(() => undefined);
    const end = await books.store.end();
    for (const deadline = Date.now() + deadlineMs; folding.progress() !== end && !failed.signal.aborted;) {
      if (Date.now() > deadline) throw new Error('the recharges are not folded');
      await books.clock.sleep(5);
    }
    stop.abort();
    await running;
    return folding;
  };
  const path = (): string => join(directory, 'tiers.db');
  const inFile = (work: (database: Database) => void): void => {
    const database = openDatabase(path());
    work(database);
    database.close();
  };

  it.each<readonly [what: string, spoil: () => void, lines: number]>([
    ['is missing', () => rmSync(directory, { recursive: true }), 0],
    ['is empty', () => truncateSync(path(), 0), 0],
    ['is garbage', () => writeFileSync(path(), 'garbage'.repeat(5_000)), 1],
    ['is cut in half', () => truncateSync(path(), Math.floor(statSync(path()).size / 2)), 1],
    ['lacks a table', () => inFile((database) => database.exec('DROP TABLE progress')), 1],
    ['has lost its position', () => inFile((database) => database.exec('DELETE FROM progress')), 1],
    ['is of another layout', () => inFile((database) => database.pragma('user_version = 99')), 0],
  ])('are filled again where their file %s, also for a reader that has it open', async (_what, spoil, told) => {
    const reader = new RechargeTotals(directory);
    expect(reader.of('apibox/a7')).toBeUndefined();
    await fold();
    expect(reader.of('apibox/a7')).toMatchObject({ totals: { count: 1 } });
    spoil();
    await fold();
    for (const account of ['apibox/a0', 'apibox/a7', 'apibox/a199'])
      expect(reader.of(account)).toMatchObject({ account, revision: 0, totals: { count: 1 } });
    reader.close();
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(
      Array(told).fill('The file cannot be read: it is thrown away and filled again from the event store.'),
    );
  });

  it('are counted but for those that make no sense and those of other applications', async () => {
    const recharges = { count: 'one', largest: '1', cumulative: '1' };
    const uncounted = { rechargeId: 'r1', occurredAt: '2026-01-01T00:00:00.000Z', credited: '1', recharges };
    for (const [stream, data] of [
      ['account-apibox/x', '{"rechargeId":"r1"}'],
      ['account-apibox/y', JSON.stringify(uncounted)],
      ['account-123', '{"rechargeId":"r1"}'],
    ] as const) {
      const events = [encodeTexts(stream, 0, chainStart, 'WalletRecharged', data, '{}')];
      await books.store.append([{ stream, expectedRevision: 'no-stream', events }]);
    }
    await books.recharge('apibox/late', 'r1', '5');
    const { damaged } = await fold();
    expect([damaged.count, damaged.has('account-apibox/x'), damaged.has('account-apibox/y')]).toEqual([2, true, true]);
    const reader = new RechargeTotals(directory);
    expect(reader.of('apibox/late')?.totals.count).toBe(1);
    expect(reader.of('apibox/x')).toBeUndefined();
    reader.close();
  });

  it('are not taken for those of a store that is shorter than what was read', async () => {
    await fold();
    inFile((database) => database.exec(`UPDATE progress SET position = '100000'`));
    await expect(fold()).rejects.toThrow(/the event store ends at 199, but tiers.db has read it up to 100000/);
  });
});
