import { createLog } from '@meterbook/runtime/log';
import { financeProjections } from '../../finance-projections';
import { KnownFacts } from '../../projections/platform-facts';
import { ProjectionControl } from '../../projections/projection-control';
import { ProjectionLoop } from '../../projections/projection-loop';
import { ProjectionReader } from '../../projections/projection-reader';
import { Books } from '../../testing/books';
import { StartedLoop, until } from '../../testing/started-loop';
import type { Question } from '../grouped/question';
import { CellReport, type CellPage } from './cell-report';

describe('a cell of which an account is damaged', () => {
  const books = new Books('2026-11-20T10:00:00.000Z');
  const loop = new StartedLoop();
  afterAll(async () => {
    await loop.stop();
    await books.destroy();
  });

  it('is told all the same: the payments of the others whole, and its own as they were counted', async () => {
    const { store, clock, financeDirectory } = books;
    await books.append('rulebook-shop', {
      ...{ type: 'RulebookPublished', version: 1, effectiveFrom: '2020-01-01T00:00:00.000Z', sha256: 'x' },
      ...{ rulebook: { currency: 'CNY', labels: [] } },
    });
    await books.open('shop/a');
    await books.recharge('shop/a', 'r1', '100');
    await books.open('shop/b');
    await books.recharge('shop/b', 'r2', '50');
    const projections = loop.start(
      new ProjectionLoop(store, clock, financeDirectory, financeProjections, createLog('fatal')),
    );
    const last = await store.end();
    await until(
      () => projections.progress()?.position === last,
      () => clock.pass(1),
    );
    await loop.stop();
    books.spoil('account-shop/a', 1);
    const control = ProjectionControl.shared(financeDirectory);
    const reader = new ProjectionReader(control, clock);
    const cells = new CellReport(store, clock, reader, new KnownFacts(store));
    const open = (report: string, filters: Question['filters']): Promise<CellPage> =>
      cells.open({
        question: {
          ...{ report, platform: 'shop', basis: 'booked', zone: 'UTC', from: null, end: null },
          ...{ derivedAt: clock.now(), groupBy: [], filters, page: null },
        },
        place: null,
        limit: 10,
      });
    const { items } = await open('recharges', []);
    const lines = await Promise.all([open('liabilities', []), open('liabilities', [['account', ['a']]])]);
    reader.close();
    control.close();
    expect(items).toMatchObject([
      { event: 'WalletRecharged', account: 'a', reference: null, legs: [], explain: null },
      { event: 'WalletRecharged', account: 'b', reference: 'r2', explain: '50 [credited] = 50 CNY into the wallet' },
    ]);
    expect(lines.map((page) => page.items.map(({ account }) => account))).toEqual([['b'], []]);
    expect(items[0]?.sums.countOf(0)).toBe(1);
    expect(items[0]?.sentence).toBe('What is stored of it is damaged, and cannot be read.');
  });
});
