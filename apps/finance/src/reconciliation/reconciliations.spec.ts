import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NaiveVersion } from '@meterbook/domain/testing/naive-books/rules';
import { Books } from '../testing/books';
import { FinanceApp } from '../testing/finance-app';
import { livedPlatform, publishAll } from '../testing/lived-books';

const rules = {
  currency: 'USD',
  fx: [{ pair: 'USD/CNY', rate: '7' }],
  tiers: [{ id: 'default', rank: 1 }],
  groups: [{ id: 'default', models: ['*'] }],
  models: [{ id: 'model-a', group: 'default', price: { mode: 'request', unit: '2' } }],
} as unknown as NaiveVersion['rules'];

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Record<string, unknown>;
}

describe("an upstream's bill", () => {
  let books: Books;
  let app: FinanceApp;
  const account = `${livedPlatform}/a`;
  const path = `/v1/platforms/${livedPlatform}/finance/reconciliations`;
  const span = 'from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z';
  const byRequest = `${span}&granularity=request&request=id&amount=total`;
  const byDay = `${span}&granularity=day&time=date&model=sku&amount=total`;

  beforeEach(async () => {
    books = new Books('2026-11-01T00:00:00.000Z', 'USD');
    await publishAll(books, [{ version: 1, from: 0, rules }]);
    await books.open(account);
    for (const [day, id] of ['u1', 'u2', 'u3', 'u4'].entries()) {
      books.clock.set(`2026-11-0${day + 2}T10:00:00.000Z`);
      await books.charge(account, id, '2');
    }
    books.clock.set('2026-12-02T00:00:00.000Z');
    app = await FinanceApp.start(books);
  });
  afterEach(async () => {
    await app.close();
    await books.destroy();
  });

  const send = async (id: string, query: string, body: string, more: RequestInit = {}): Promise<Answer> => {
    const headers = { 'content-type': 'text/csv' };
    const response = await fetch(`${app.url}${path}/${id}?${query}`, { method: 'PUT', headers, body, ...more });
    return { status: response.status, headers: response.headers, json: (await response.json()) as Answer['json'] };
  };
  const see = async (rest: string): Promise<Answer> => {
    const response = await fetch(`${app.url}${path}/${rest}`);
    return { status: response.status, headers: response.headers, json: (await response.json()) as Answer['json'] };
  };

  it('is compared request by request: what is missing, doubled, re-priced and invented is found, named and summed', async () => {
    const bill = 'id,total\nu1,2.00\nu2,2\nu2,2\nu3,2.5\nx9,1e0\n';
    const { status, json } = await send('m1', byRequest, bill);
    expect([status, json['code']]).toEqual([201, undefined]);
    expect(json).toMatchObject({
      rows: 5,
      skipped: 0,
      rate: '1',
      matched: { keys: 1, theirs: '2', ours: '2' },
      different: { keys: 2, theirs: '6.5', ours: '4' },
      onlyTheirs: { keys: 1, theirs: '1', ours: '0' },
      onlyOurs: { keys: 1, theirs: '0', ours: '2' },
      total: { keys: 5, theirs: '9.5', ours: '8' },
    });
    expect((await see('m1')).json).toEqual(json);
    expect((await see('m1/items')).json).toEqual({
      items: [
        { request: 'u1', kind: 'matched', theirs: '2', ours: '2' },
        { request: 'u2', kind: 'different', theirs: '4', ours: '2' },
        { request: 'u3', kind: 'different', theirs: '2.5', ours: '2' },
        { request: 'u4', kind: 'onlyOurs', theirs: '0', ours: '2' },
        { request: 'x9', kind: 'onlyTheirs', theirs: '1', ours: '0' },
      ],
      next: null,
    });
  });

  it('is compared by day and model: a row that was shifted to another day is missed on the one and too much on the other', async () => {
    const bill =
      'date,sku,total\n2026-11-02,gpt,2\n2026-11-03,gpt,2\n2026-11-06,gpt,2\n2026-11-05,gpt,2\n2026-12-01,gpt,2\n';
    const { json } = await send('m1', `${byDay}&map=gpt%3Dmodel-a`, bill);
    expect(json).toMatchObject({
      rows: 5,
      skipped: 1,
      matched: { keys: 3 },
      onlyTheirs: { keys: 1 },
      onlyOurs: { keys: 1 },
    });
    const page = await see('m1/items?kind=onlyOurs&limit=1');
    expect(page.json['items']).toEqual([
      { time: '2026-11-04', model: 'model-a', kind: 'onlyOurs', theirs: '0', ours: '2' },
    ]);
    const first = await see('m1/items?limit=4');
    const second = await see(`m1/items?limit=4&cursor=${String(first.json['next'])}`);
    expect(
      [first, second].flatMap(({ json: { items } }) => items as { time: string }[]).map(({ time }) => time),
    ).toEqual([...['2026-11-02', '2026-11-03', '2026-11-04', '2026-11-05', '2026-11-06']]);
  });

  it('may differ by an amount, or by a part of ours', async () => {
    const bill = 'id,total\nu1,2.2\nu2,2.19\nu3,2.21\nu4,1.8\n';
    expect((await send('m1', `${byRequest}&ratio=0.1`, bill)).json).toMatchObject({ matched: { keys: 3 } });
    expect((await send('m2', `${byRequest}&absolute=0.21`, bill)).json).toMatchObject({ matched: { keys: 4 } });
    expect((await send('m3', `${byRequest}&absolute=0.19&ratio=0.01`, bill)).json).toMatchObject({
      matched: { keys: 1 },
    });
  });

  it('is converted by the rate in force, each key rounded once', async () => {
    const { json } = await send('m1', `${byRequest}&currency=CNY`, 'id,total\nu1,7\nu1,7\nu2,1\n');
    expect(json).toMatchObject({ currency: 'USD', rate: '0.142857142857', matched: { keys: 1, theirs: '2' } });
    expect(json['different']).toEqual({ keys: 1, theirs: '0.142857142857', ours: '2' });
    expect((await send('m2', `${byRequest}&currency=EUR`, 'id,total\n')).json['code']).toBe('currency_unsupported');
  });

  it('is compared once: the same again answers the same, and another bill or another query is a conflict', async () => {
    const bill = 'id,total\nu1,2\n';
    const { json } = await send('m1', byRequest, bill);
    const again = await send('m1', byRequest, bill);
    expect([again.status, again.headers.get('idempotency-hit'), again.json]).toEqual([200, 'true', json]);
    for (const [query, body] of [
      [byRequest, 'id,total\nu1,3\n'],
      [`${byRequest}&absolute=1`, bill],
    ] as const)
      expect((await send('m1', query, body)).json['code']).toBe('idempotency_conflict');
    await books.charge(account, 'u5', '2', '2026-11-20T00:00:00.000Z');
    expect((await send('m1', byRequest, bill)).json).toEqual(json);
  });

  it('has its items made again, as of the same moment, where they are gone and the same bill is sent again', async () => {
    const bill = 'id,total\nu1,2\n';
    await send('m1', byRequest, bill);
    const before = (await see('m1/items')).json;
    books.clock.set('2026-12-02T00:00:01.000Z');
    await books.charge(account, 'u5', '2', '2026-11-20T00:00:00.000Z');
    rmSync(join(books.financeDirectory, 'reconciliations'), { recursive: true });
    expect([(await see('m1')).status, (await see('m1/items')).json['code']]).toEqual([200, 'items_gone']);
    expect((await send('m1', byRequest, bill)).status).toBe(200);
    expect((await see('m1/items')).json).toEqual(before);
  });

  it('leaves nothing behind where it cannot be read', async () => {
    const { status, json } = await send('m1', byRequest, 'id,total\nu1,2\nu2,two\n');
    expect([status, json['code'], json['errors']]).toEqual([
      422,
      'invalid_csv',
      [expect.objectContaining({ line: 3 })],
    ]);
    expect((await see('m1')).json['code']).toBe('unknown_reconciliation');
    expect((await see('m1/items')).json['code']).toBe('unknown_reconciliation');
    expect(readdirSync(join(books.financeDirectory, 'reconciliations'))).toEqual([]);
  });

  it.each([
    ['no span', 'granularity=request&request=id&amount=total', 'invalid_request'],
    ['no column of the time', `${span}&granularity=day&amount=total`, 'invalid_request'],
    ['no column of the request', `${span}&granularity=request&amount=total`, 'invalid_request'],
    ['a parameter that is none', `${byRequest}&nothing=1`, 'invalid_request'],
    ['a zone that is none', `${byRequest}&zone=Mars/Olympus`, 'invalid_request'],
    ['a name that is not renamed', `${byRequest}&map=gpt`, 'invalid_request'],
    ['a tolerance that is none', `${byRequest}&absolute=1e3`, 'invalid_amount'],
  ])('is refused with %s', async (_what, query, code) => {
    expect((await send('m1', query, 'id,total\n')).json['code']).toBe(code);
  });

  it('is CSV and nothing else', async () => {
    const { status, json } = await send('m1', byRequest, '{}', { headers: { 'content-type': 'application/json' } });
    expect([status, json['code']]).toEqual([415, 'unsupported_media_type']);
  });
});
