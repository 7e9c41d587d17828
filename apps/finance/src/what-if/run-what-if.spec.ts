import { join } from 'node:path';
import * as fc from 'fast-check';
import type { Charge } from '@meterbook/domain/account/charging/events';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { add, decimal, negate, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { randomRules } from '@meterbook/domain/testing/naive-books/random-rules';
import { dayMs, type NaiveVersion } from '@meterbook/domain/testing/naive-books/rules';
import { stories } from '@meterbook/domain/testing/naive-books/stories';
import { storyStart } from '@meterbook/domain/testing/naive-books/tell';
import { Books } from '../testing/books';
import { contentOf, liveThrough, livedPlatform, publishAll } from '../testing/lived-books';
import type { Comparison, WhatIfQuestion } from './question';
import { readResult } from './result-file';
import { runWhatIf } from './run-what-if';

const runs = 25;
const timeoutMs = 300_000;
const always = storyStart - 100 * dayMs;

const someVersions = fc
  .tuple(randomRules, fc.array(fc.tuple(randomRules, fc.constantFrom(0, dayMs)), { maxLength: 1 }))
  .map(([first, later]): NaiveVersion[] => [
    { version: 1, from: always, rules: first },
    ...later.map(([rules, wait], index) => ({ version: index + 2, from: storyStart + wait, rules })),
  ]);

interface Result {
  readonly items: readonly (Comparison & Readonly<Record<string, unknown>>)[];
  readonly totals: Comparison;
  readonly refused: readonly unknown[];
  readonly damaged: { readonly count: number; readonly accounts: readonly string[] };
  readonly accounts: number;
}

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/** What a reader who knows nothing of the rest adds up of the booked events: amount and charges by group. */
function naively(accounts: ReadonlyMap<string, readonly AccountEvent[]>, from: number, to: number): unknown {
  const sums = new Map<string, { charges: number; amount: Decimal }>();
  const count = (account: string, atMs: number, charge: Charge, sign: 1 | -1): void => {
    if (atMs < from || atMs >= to) return;
    const key = `${dayOf(atMs)} ${charge.model} ${account}`;
    const sum = sums.get(key) ?? { charges: 0, amount: zero };
    const amount = decimal(charge.amount);
    sums.set(key, {
      charges: sum.charges + (sign > 0 ? 1 : 0),
      amount: add(sum.amount, sign > 0 ? amount : negate(amount)),
    });
  };
  for (const [account, events] of accounts)
    for (const event of events) {
      if (event.type === 'UsageCharged')
        for (const charge of event.charges) count(account, Date.parse(charge.occurredAt), charge, 1);
      if (event.type !== 'UsageReversed') continue;
      const charged = events[event.charge.revision];
      const charge = charged?.type === 'UsageCharged' ? charged.charges[event.charge.index] : undefined;
      if (charge) count(account, Date.parse(event.occurredAt), charge, -1);
    }
  const shown = [...sums].map(([key, { charges, amount }]) => [key, charges, toText(amount)] as const);
  return shown.filter(([, charges, amount]) => charges > 0 || amount !== '0').sort();
}

describe('a what-if', () => {
  let books: Books;

  beforeEach(() => {
    books = new Books(new Date(storyStart).toISOString(), 'USD');
  });
  afterEach(() => books.destroy());

  const question = (more: Partial<WhatIfQuestion>): WhatIfQuestion => ({
    platform: livedPlatform,
    from: always,
    to: storyStart + 1000 * dayMs,
    zone: 'UTC',
    groupBy: [],
    ...more,
  });

  const run = async (asked: WhatIfQuestion, supposed?: object): Promise<Result> => {
    const file = join(books.directory, 'result.db');
    await runWhatIf(
      books.store,
      { question: asked, rulebook: supposed ? JSON.stringify(supposed) : null, file },
      () => undefined,
    );
    const page = readResult(file, 0, 10_000);
    if (!page) throw new Error('there is no result');
    const items = page.items.map((item) => JSON.parse(item) as Result['items'][number]);
    return { items, ...page.summary };
  };

  it(
    'comes to what is in the books where nothing is supposed, group by group and to the last digit',
    async () => {
      const spans = fc.tuple(fc.integer({ min: -1, max: 4 }), fc.integer({ min: 0, max: 8 }));
      await fc.assert(
        fc.asyncProperty(
          fc.array(stories, { minLength: 1, maxLength: 3 }),
          someVersions,
          spans,
          async (lives, versions, [start, length]) => {
            await books.destroy();
            books = new Books(new Date(storyStart).toISOString(), 'USD');
            await publishAll(books, versions);
            const accounts = new Map<string, readonly AccountEvent[]>();
            for (const [n, story] of lives.entries())
              accounts.set(`a${n}`, await liveThrough(books, `a${n}`, story, versions));
            const from = storyStart + start * dayMs;
            const to = from + length * dayMs;
            const result = await run(question({ from, to, groupBy: ['day', 'model', 'account'] }));
            for (const { actual, simulated, difference } of [...result.items, result.totals])
              expect([simulated, difference]).toEqual([actual, '0']);
            expect(result.refused).toEqual([]);
            expect(result.damaged.count).toBe(0);
            const told = result.items.map(({ day, model, account, actual }) => [
              `${String(day)} ${String(model)} ${String(account)}`,
              actual.charges,
              actual.amount,
            ]);
            // Items of amounts that cancel out may be left with what paid for them.
            expect(told.filter(([, charges, amount]) => charges !== 0 || amount !== '0')).toEqual(
              naively(accounts, from, to),
            );
          },
        ),
        { numRuns: runs, seed: 20_261_127 },
      );
    },
    timeoutMs,
  );

  const anOpening = { type: 'AccountOpened', occurredAt: new Date(storyStart).toISOString(), currency: 'USD' } as const;
  const rules = {
    currency: 'USD',
    tiers: [{ id: 'default', rank: 1 }],
    groups: [{ id: 'default', models: ['*'] }],
    models: [{ id: 'model-a', group: 'default', price: { mode: 'request', unit: '2' } }],
    providers: { manual: {} },
  } as unknown as NaiveVersion['rules'];

  it('supposes other prices from an instant on and leaves what occurred before as it was', async () => {
    await publishAll(books, [{ version: 1, from: always, rules }]);
    for (const account of ['a', 'b']) {
      await books.book(`${livedPlatform}/${account}`, anOpening);
      await books.charge(`${livedPlatform}/${account}`, 'u1', '2', new Date(storyStart - dayMs).toISOString());
      await books.charge(`${livedPlatform}/${account}`, 'u2', '2', new Date(storyStart).toISOString());
    }
    const dearer = {
      ...contentOf(rules),
      models: [{ id: 'model-*', group: 'default', price: { mode: 'request', unit: '5' } }],
    };
    const asked = question({ from: storyStart, groupBy: ['account'] });
    const { items, totals, accounts } = await run(asked, dearer);
    expect(items.map(({ account, actual, simulated }) => [account, actual.amount, simulated.amount])).toEqual([
      ['a', '2', '5'],
      ['b', '2', '5'],
    ]);
    expect([totals.difference, accounts]).toEqual(['6', 2]);
  });

  it('counts by code what the supposed rulebook refuses, and leaves it out', async () => {
    await publishAll(books, [{ version: 1, from: always, rules }]);
    await books.book(`${livedPlatform}/a`, anOpening);
    await books.charge(`${livedPlatform}/a`, 'u1', '2');
    await books.recharge(`${livedPlatform}/a`, 'r1', '10');
    const other = { ...contentOf(rules), models: [], providers: { paypal: {} } };
    const { totals, refused } = await run(question({}), other);
    expect(refused).toEqual([
      { code: 'provider_unsupported', count: 1 },
      { code: 'unknown_model', count: 1 },
    ]);
    expect([totals.actual.charges, totals.simulated.charges, totals.difference]).toEqual([1, 0, '-2']);
  });

  it('names an account whose events make no sense, and does the others', async () => {
    await publishAll(books, [{ version: 1, from: always, rules }]);
    for (const account of ['a', 'b', 'c']) {
      await books.book(`${livedPlatform}/${account}`, anOpening);
      await books.charge(`${livedPlatform}/${account}`, 'u1', '2');
    }
    await books.append(`account-${livedPlatform}/b`, { type: 'CreditDreamt' });
    await books.append(`account-${livedPlatform}/c`, {
      ...anOpening,
      occurredAt: 'no instant',
    } as { readonly type: string });
    const { items, damaged } = await run(question({ groupBy: ['account'] }));
    expect(damaged).toEqual({ count: 2, accounts: ['b', 'c'] });
    expect(items.map(({ account }) => account)).toEqual(['a', 'b', 'c']);
  });
});
