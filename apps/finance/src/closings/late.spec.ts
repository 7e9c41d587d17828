import { Books } from '../testing/books';
import { FinanceApp } from '../testing/finance-app';

const closings = '/v1/platforms/shop/finance/closings';

interface Late {
  readonly lines: readonly { readonly ledgerAccount: string; readonly balance: string }[];
  readonly totals: readonly object[];
  readonly items: readonly { readonly reference: string; readonly bookedAt: string; readonly occurredAt: string }[];
  readonly next: string | null;
}

describe('what came late', () => {
  let books: Books;
  let finance: FinanceApp;

  beforeAll(async () => {
    books = new Books('2026-10-20T10:00:00.000Z');
    finance = await FinanceApp.start(books);
    await books.publish('shop');
    await books.publish('harbour');
    for (const name of ['shop/a', 'shop/b', 'harbour/a']) {
      await books.open(name);
      await books.recharge(name, 'r1', '100');
    }
    // In time in UTC: what waits for the night's last minute is booked in it.
    books.clock.set('2026-10-31T23:59:59.999Z');
    await books.charge('shop/a', 'in-time', '1', '2026-10-31T10:00:00.000Z');
    books.clock.set('2026-11-01T00:00:00.000Z');
    await books.charge('shop/a', 'late-1', '2', '2026-10-31T23:59:59.999Z');
    await books.charge('shop/a', 'of-november', '4', '2026-11-01T00:00:00.000Z');
    await books.charge('harbour/a', 'elsewhere', '8', '2026-10-31T12:00:00.000Z');
    books.clock.set('2026-11-01T06:00:00.000Z');
    await books.charge('shop/b', 'late-2', '16', '2026-10-01T00:00:00.000Z');
    await books.charge('shop/b', 'of-september', '32', '2026-09-30T23:59:59.999Z');
    books.clock.set('2026-11-02T10:00:00.000Z');
    await books.charge('shop/a', 'late-3', '64', '2026-10-25T00:00:00.000Z');
    books.clock.pass(60_000);
    for (const [closingId, zone] of [
      ['utc', 'UTC'],
      ['new-york', 'America/New_York'],
    ])
      await finance.postUntilDone(closings, { closingId, period: '2026-10', zone });
  });
  afterAll(async () => {
    await finance.close();
    await books.destroy();
  });

  const late = async (closingId: string, query = ''): Promise<Late> =>
    (await finance.get(`${closings}/${closingId}/late${query}`)).json as unknown as Late;
  const references = ({ items }: Late): string[] => items.map(({ reference }) => reference);

  it('is what occurred in the period and was booked after it, in store order and in no other', async () => {
    const told = await late('utc');
    expect(references(told)).toEqual(['late-1', 'late-2', 'late-3']);
    expect(told).toMatchObject({ closingId: 'utc', next: null });
    expect(told.items[0]).toEqual({
      event: 'UsageCharged',
      account: 'a',
      reference: 'late-1',
      occurredAt: '2026-10-31T23:59:59.999Z',
      bookedAt: '2026-11-01T00:00:00.000Z',
      legs: [
        { ledgerAccount: 'liabilities:wallet:a', commodity: 'CNY', amount: '2' },
        { ledgerAccount: 'revenue:usage', commodity: 'CNY', amount: '-2' },
      ],
    });
  });

  it('is summed up as a trial balance', async () => {
    const { lines, totals } = await late('utc');
    expect(lines).toEqual([
      { ledgerAccount: 'liabilities:wallet:a', commodity: 'CNY', debit: '66', credit: '0', balance: '66' },
      { ledgerAccount: 'liabilities:wallet:b', commodity: 'CNY', debit: '16', credit: '0', balance: '16' },
      { ledgerAccount: 'revenue:usage', commodity: 'CNY', debit: '0', credit: '82', balance: '-82' },
    ]);
    expect(totals).toEqual([{ commodity: 'CNY', debit: '82', credit: '82', balance: '0' }]);
  });

  it('goes by the clocks of the zone', async () => {
    // There October began at 04:00 UTC, and ends at 04:00 UTC of 1 November.
    expect(references(await late('new-york'))).toEqual(['late-3']);
  });

  it('comes page by page, each with the sum of all', async () => {
    const first = await late('utc', '?limit=2');
    expect(references(first)).toEqual(['late-1', 'late-2']);
    const second = await late('utc', `?limit=2&cursor=${first.next}`);
    expect(references(second)).toEqual(['late-3']);
    expect([second.next, second.lines]).toEqual([null, first.lines]);
  });
});
