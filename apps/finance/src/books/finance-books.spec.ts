import type { ReconciliationMade } from '@meterbook/domain/closing/events';
import { booksStream } from '@meterbook/books/books-event';
import { Books } from '../testing/books';
import { FinanceBooks } from './finance-books';

const sum = { keys: 0, theirs: '0', ours: '0' };

const reconciliation = (reconciliationId: string, digest = 'same'): ReconciliationMade => ({
  type: 'ReconciliationMade',
  reconciliationId,
  query: { granularity: ['day'] },
  from: '2026-10-01T00:00:00.000Z',
  to: '2026-11-01T00:00:00.000Z',
  granularity: 'day',
  zone: 'UTC',
  currency: 'CNY',
  rate: '1',
  asOf: '2026-11-20T10:00:00.000Z',
  rows: 0,
  skipped: 0,
  matched: sum,
  different: sum,
  onlyTheirs: sum,
  onlyOurs: sum,
  total: sum,
  inputSha256: '0'.repeat(64),
  digest,
});

describe('what finance writes down', () => {
  let books: Books;

  beforeEach(() => {
    books = new Books('2026-11-20T10:00:00.000Z');
  });
  afterEach(() => books.destroy());

  it('is written once by its id, and another writer sees it', async () => {
    const [one, other] = [new FinanceBooks(books.store), new FinanceBooks(books.store)];
    const event = reconciliation('bill-1');
    expect(await one.record('shop', event, {})).toEqual({ event, repeated: false });
    expect(await other.record('shop', event, {})).toEqual({ event, repeated: true });
    expect(await one.record('shop', event, {})).toEqual({ event, repeated: true });
    expect(await other.earlier('shop', 'ReconciliationMade', 'bill-1', 'same')).toEqual(event);
    expect(await books.store.head(booksStream('shop'))).toBe(0);
  });

  it('is refused under the same id with other content', async () => {
    const finance = new FinanceBooks(books.store);
    await finance.record('shop', reconciliation('bill-1'), {});
    const conflict = { code: 'idempotency_conflict' };
    await expect(finance.record('shop', reconciliation('bill-1', 'other'), {})).rejects.toMatchObject(conflict);
    await expect(finance.earlier('shop', 'ReconciliationMade', 'bill-1', 'other')).rejects.toMatchObject(conflict);
  });

  it('is kept apart by platform, and by what it is', async () => {
    const finance = new FinanceBooks(books.store);
    await finance.record('shop', reconciliation('1'), {});
    expect((await finance.confirmed('harbour')).reconciliations.size).toBe(0);
    expect(await finance.earlier('shop', 'PeriodClosed', '1', 'same')).toBeUndefined();
  });

  it('stands in order, whoever of sixteen writers came first', async () => {
    const writers = Array.from({ length: 16 }, () => new FinanceBooks(books.store));
    await Promise.all(writers.map((writer, at) => writer.record('shop', reconciliation(`bill-${at}`), {})));
    const { reconciliations, revision } = await new FinanceBooks(books.store).confirmed('shop');
    expect([...reconciliations.keys()].sort()).toEqual(writers.map((_, at) => `bill-${at}`).sort());
    expect(revision).toBe(15);
  });

  it('takes out its own platform where it cannot be read, and no other', async () => {
    await books.append(booksStream('shop'), { type: 'PeriodDreamt' });
    const finance = new FinanceBooks(books.store);
    await expect(finance.confirmed('shop')).rejects.toMatchObject({ name: 'StreamDamaged', stream: 'books-shop' });
    await expect(finance.record('harbour', reconciliation('1'), {})).resolves.toMatchObject({ repeated: false });
  });
});
