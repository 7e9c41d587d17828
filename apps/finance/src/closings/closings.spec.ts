import { createHash } from 'node:crypto';
import { canonicalJson } from '@meterbook/domain/rulebook/canonical-json';
import { booksPrefix } from '@meterbook/books/stream-kinds';
import { Books } from '../testing/books';
import { FinanceApp, type FinanceAnswer } from '../testing/finance-app';

const closings = '/v1/platforms/shop/finance/closings';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('closings', () => {
  let books: Books;
  let finance: FinanceApp;

  beforeEach(async () => {
    books = new Books('2026-10-20T10:00:00.000Z');
    finance = await FinanceApp.start(books);
    await books.publish('shop');
    await books.open('shop/a');
    await books.recharge('shop/a', 'r1', '100');
    await books.open('shop/idle');
    await books.open('shop/b');
    await books.grant('shop/b', 'g1', '5', '2026-11-01T00:00:00.000Z');
    books.clock.set('2026-11-02T10:00:00.000Z');
  });
  afterEach(async () => {
    await finance.close();
    await books.destroy();
  });

  const close = (closingId: string, more: object = {}): Promise<FinanceAnswer> =>
    finance.postUntilDone(closings, { closingId, period: '2026-10', ...more });
  const streamsOfBooks = async (): Promise<string[]> => {
    const done = new AbortController();
    const names = new Set<string>();
    for await (const batch of books.store.subscribe([booksPrefix], 'start', done.signal)) {
      for (const { stream } of batch.events) names.add(stream);
      if (batch.caughtUp) break;
    }
    done.abort();
    return [...names];
  };

  it('write down the trial balance at the end of the month, and how far every stream went', async () => {
    const { status, json } = await close('c1');
    expect(status).toBe(201);
    const { trialBalance, ...one } = (await finance.get(`${closings}/c1`)).json;
    expect(one).toEqual(json);
    expect(json).toMatchObject({
      ...{ closingId: 'c1', period: '2026-10', zone: 'UTC', streams: 3 },
      ...{ from: '2026-10-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' },
    });
    // What expires at the very end of the month has expired.
    expect(trialBalance).toMatchObject({
      lines: [
        { ledgerAccount: 'assets:cash:manual', commodity: 'CNY', debit: '100', credit: '0', balance: '100' },
        { ledgerAccount: 'expenses:promotions', commodity: 'CNY', debit: '5', credit: '5', balance: '0' },
        { ledgerAccount: 'liabilities:wallet:a', commodity: 'CNY', debit: '0', credit: '100', balance: '-100' },
        { ledgerAccount: 'liabilities:wallet:b', commodity: 'CNY', debit: '5', credit: '5', balance: '0' },
      ],
      totals: [{ commodity: 'CNY', debit: '110', credit: '110', balance: '0' }],
    });
    expect(json['sha256']).toBe(sha256(canonicalJson(trialBalance)));
    const heads = await Promise.all(
      ['a', 'b', 'idle'].map(async (account) => {
        for await (const { revision, hash } of books.store.read(`account-shop/${account}`, 'end', 'backward'))
          return `${account} ${revision} ${hash}\n`;
        return '';
      }),
    );
    expect(json['headsSha256']).toBe(sha256(heads.join('')));
  });

  it('are made once: again it answers the same, and with other content it is refused', async () => {
    const first = await close('c1');
    const again = await close('c1', { zone: 'UTC' });
    expect([again.status, again.json, again.headers.get('idempotency-hit')]).toEqual([200, first.json, 'true']);
    expect(await close('c1', { period: '2020-01' })).toMatchObject({
      status: 409,
      json: { code: 'idempotency_conflict' },
    });
    expect((await streamsOfBooks()).length).toBe(2);
  });

  it('are made once where many ask for it at the same moment', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => close('c1')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it('are of a month that is over, as the clocks of its zone count it', async () => {
    books.clock.set('2026-10-31T23:59:00.000Z');
    expect(await close('utc')).toMatchObject({ status: 422, json: { code: 'period_open' } });
    expect(await close('shanghai', { zone: 'Asia/Shanghai' })).toMatchObject({
      status: 201,
      json: { from: '2026-09-30T16:00:00.000Z', to: '2026-10-31T16:00:00.000Z' },
    });
  });

  it.each([
    ['no month', { period: '2026-13' }],
    ['no zone', { zone: 'Mars/Olympus' }],
    ['no id', { closingId: '' }],
    ['what nobody knows', { year: 2026 }],
  ])('are refused with %s', async (_, more) => {
    const answer = await finance.post(closings, { closingId: 'c1', period: '2026-10', ...more });
    expect(answer).toMatchObject({ status: 422, json: { code: 'invalid_request' } });
  });

  it('are listed in the order in which they were made, page by page', async () => {
    for (const closingId of ['z', 'y', 'x']) await close(closingId);
    const first = (await finance.get(`${closings}?limit=2`)).json;
    expect(first).toMatchObject({ items: [{ closingId: 'z' }, { closingId: 'y' }] });
    const rest = (await finance.get(`${closings}?limit=2&cursor=${String(first['next'])}`)).json;
    expect(rest).toMatchObject({ items: [{ closingId: 'x' }], next: null });
  });

  it('stay as they were, whatever is booked later', async () => {
    await close('c1');
    const before = (await finance.get(`${closings}/c1`)).text;
    await books.charge('shop/a', 'u1', '30', '2026-10-25T00:00:00.000Z');
    expect((await finance.get(`${closings}/c1`)).text).toBe(before);
  });

  it('that nobody made are unknown', async () => {
    for (const path of ['nobody', 'nobody/late'])
      expect(await finance.get(`${closings}/${path}`)).toMatchObject({
        status: 404,
        json: { code: 'unknown_closing' },
      });
  });

  it('say no word of what is wrong on another platform, and are refused while an account of their own is damaged', async () => {
    await books.publish('harbour');
    await books.append('account-harbour/x', { type: 'AccountDreamt' });
    expect(await close('c1')).toMatchObject({ status: 201 });
    await books.append('account-shop/z', { type: 'AccountDreamt' });
    expect(await close('c2')).toMatchObject({
      status: 503,
      json: { code: 'stream_damaged', detail: expect.stringContaining(' z.') as unknown },
    });
  });

  it('say where what they hold is not all there', async () => {
    await books.publish('harbour');
    const content = { stream: 'books-harbour/closing-gone', parts: 1 };
    const closed = { type: 'PeriodClosed', ...(await close('c1')).json, content, digest: 'd' };
    await books.append('books-harbour', closed);
    const answer = await finance.get('/v1/platforms/harbour/finance/closings/c1');
    expect([answer.status, answer.json['code']]).toEqual([503, 'stream_damaged']);
  });
});
