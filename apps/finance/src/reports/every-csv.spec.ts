import { parse } from 'csv-parse/sync';
import { isCanonical } from '@meterbook/domain/amount/decimal';
import { Books } from '../testing/books';
import { FinanceApp } from '../testing/finance-app';

/** Texts that a spreadsheet would run, or take for a number or a date, or that have to be quoted; an id may be any of them. */
const hostile = [
  ...['=1+1', '+1', '-1', '-2+3', "-2+3+cmd|' /C calc'!A0", '@SUM(A1)', '\tx', '\rx'],
  ...['007', '1e5', '12345678901234567890', '2026-11-01', '1/2', 'TRUE', 'a,b', 'a"b', 'a\nb', ' x', '\u{1f600}'],
];
/** Where texts of whoever reports usage stand in a route's CSV: each hostile one has to be found there. */
const requests: Readonly<Record<string, { readonly query: string; readonly texts: readonly string[] }>> = {
  usage: {
    query: 'groupBy=model,channel,label:team,apiKey,account',
    texts: ['model', 'channel', 'label:team', 'apiKey'],
  },
  revenue: { query: 'groupBy=model,label:team', texts: ['model', 'label:team'] },
  margin: { query: 'groupBy=model,label:team', texts: ['model', 'label:team'] },
  recharges: { query: 'groupBy=provider,account', texts: [] },
  deferred: { query: 'groupBy=plan,account', texts: [] },
  liabilities: { query: 'groupBy=account', texts: [] },
  receivables: { query: 'groupBy=account', texts: [] },
  'trial-balance': { query: '', texts: [] },
  statement: { query: '', texts: ['source', 'reference', 'model'] },
  journal: { query: 'format=csv', texts: ['reference'] },
  charges: { query: 'format=focus', texts: ['x_Source', 'x_Channel', 'ResourceId', 'ServiceName'] },
};
/** What a spreadsheet runs, whatever follows. */
const runs = /^[=+\-@\t\r]/;

describe('every CSV', () => {
  const books = new Books('2026-11-20T10:00:00.000Z');
  let finance: FinanceApp;

  beforeAll(async () => {
    const rulebook = { currency: 'CNY', labels: ['team'] };
    const version = { version: 1, effectiveFrom: '2020-01-01T00:00:00.000Z', sha256: 'x', rulebook };
    await books.append('rulebook-shop', { type: 'RulebookPublished', ...version });
    await books.open('shop/a');
    await books.recharge('shop/a', '=r', '1000');
    await books.grant('shop/a', '-g', '10', null);
    for (const [at, text] of hostile.entries())
      await books.book('shop/a', {
        type: 'UsageCharged',
        charges: [
          {
            ...{ source: text, id: text, model: text, apiKeyId: text, channel: text, labels: { team: text } },
            ...{ occurredAt: '2026-11-20T10:00:00.000Z', tier: 'default', group: 'default', rulebook: 1 },
            ...{ units: { requests: 1 }, price: { mode: 'request', unit: '1' }, factors: [], amount: '1' },
            ...{ lots: [[0, '1']], digest: String(at).padEnd(11, '0') },
          },
        ],
        currency: 'CNY',
        wallet: String(1009 - at),
        receivable: '0',
      });
    books.clock.set('2026-11-21T10:00:00.000Z');
    finance = await FinanceApp.start(books);
  });
  afterAll(async () => {
    await finance.close();
    await books.destroy();
  });

  /** The rows of a route's CSV by the names of its columns, once all that is booked is in it. */
  async function rowsOf(path: string, query: string): Promise<readonly Readonly<Record<string, string>>[]> {
    const url = `${path.replace('{platform}', 'shop').replace('{account}', 'a')}?${query}`;
    for (;;) {
      const passing = setInterval(() => books.clock.pass(1), 1);
      const answer = await finance.get(url, { accept: 'text/csv' }).finally(() => clearInterval(passing));
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
      const rows = parse<Readonly<Record<string, string>>>(answer.text, { columns: true, record_delimiter: '\r\n' });
      if (rows.length > 0 || /receivables|deferred/.test(path)) return rows;
    }
  }

  it('says ids and amounts as they are, and holds nothing that a spreadsheet runs', async () => {
    const { json } = await finance.get('/openapi.json');
    const paths = json['paths'] as Readonly<Record<string, { readonly get?: { readonly responses: Responses } }>>;
    const csvs = Object.keys(paths).filter((path) => paths[path]?.get?.responses['200']?.content?.['text/csv']);
    const named = (path: string): string => path.split('/').at(-1) ?? '';
    expect(csvs.map(named).sort()).toEqual(Object.keys(requests).sort());
    for (const path of csvs) {
      const { query, texts } = requests[named(path)] ?? { query: '', texts: [] };
      const rows = await rowsOf(path, query);
      for (const row of rows)
        for (const [column, cell] of Object.entries(row))
          expect([path, column, cell, runs.test(cell) && (texts.includes(column) || !isCanonical(cell))]).toEqual([
            path,
            column,
            cell,
            false,
          ]);
      for (const column of texts) {
        const found = new Set(rows.map((row) => unguarded(row[column] ?? '')));
        expect([path, column, hostile.filter((text) => !found.has(text))]).toEqual([path, column, []]);
      }
    }
  });
});

type Responses = Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;

/** Without what keeps a spreadsheet from running it. */
function unguarded(cell: string): string {
  return cell.startsWith("'") && runs.test(cell.slice(1)) ? cell.slice(1) : cell;
}
