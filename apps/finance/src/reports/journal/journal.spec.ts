import * as fc from 'fast-check';
import { add, decimal, isZero, subtract, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { at } from '@meterbook/domain/testing/commands';
import { accountLives } from '../../testing/random-histories';
import { FoldedBooks } from '../../testing/folded-books';
import type { Basis } from '../axes';
import type { JournalQuestion } from './journal-question';
import { journalCsv, journalHledger } from './write-journal';

/** Platforms that are lived through. */
const RUNS = 8;
/** Nothing happens off the hour. */
const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;

type Lines = Record<string, string>;

const lives = fc.array(
  accountLives.filter((happened) => happened.length > 0),
  { minLength: 1, maxLength: 4 },
);
const hours = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 400 })), {
  minLength: 6,
  maxLength: 6,
});

const questionOf = (basis: Basis, from: number | null, to: number | null, derivedTo: number): JournalQuestion => ({
  ...{ platform: 'shop', basis, from, to, derivedTo },
  ...{ zone: 'UTC', format: 'csv', received: 0 },
});

function nonZero(sums: ReadonlyMap<string, Decimal>): Lines {
  const left = [...sums].filter(([, sum]) => !isZero(sum)).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(left.map(([line, sum]) => [line, toText(sum)]));
}

async function textOf(texts: AsyncIterable<string>): Promise<string> {
  let whole = '';
  for await (const text of texts) whole += text;
  return whole;
}

describe('the journal', () => {
  let lived: FoldedBooks | undefined;
  afterEach(async () => {
    await lived?.destroy();
    lived = undefined;
  });

  const linesOf = async (here: FoldedBooks, question: JournalQuestion): Promise<Lines> => {
    const journal = await here.journals.open(question);
    const sums = new Map<string, Decimal>();
    let isDerived = false;
    for await (const { event, legs } of journal.entries) {
      // What is derived comes last.
      expect(isDerived && event !== 'Derived').toBe(false);
      isDerived = event === 'Derived';
      const perCommodity = new Map<string, Decimal>();
      for (const { ledgerAccount, commodity, amount } of legs) {
        const line = `${ledgerAccount} ${commodity}`;
        sums.set(line, add(sums.get(line) ?? zero, amount));
        perCommodity.set(commodity, add(perCommodity.get(commodity) ?? zero, amount));
      }
      expect([...perCommodity.values()].map(toText).filter((sum) => sum !== '0')).toEqual([]);
    }
    journal.close();
    return nonZero(sums);
  };
  const balancesBefore = async (here: FoldedBooks, basis: Basis, atMs: number): Promise<Map<string, Decimal>> => {
    const asOf = basis === 'booked' ? atMs - 1 : atMs;
    const report = await here.trialBalances.open('shop', asOf, 'lines', { basis, derivedAt: atMs });
    const balances = new Map<string, Decimal>();
    for (const { ledgerAccount, commodity, debit, credit } of report.lines)
      balances.set(`${ledgerAccount} ${commodity}`, subtract(debit, credit));
    report.close();
    return balances;
  };

  it.each(['booked', 'occurred'] as const)(
    `is the difference of two trial balances, by %s at (${RUNS} platforms)`,
    async (basis) => {
      const property = fc.asyncProperty(lives, hours, async (accounts, periods) => {
        const here = await FoldedBooks.of(new Map(accounts.map((happened, index) => [`a${index}`, happened])));
        lived = here;
        for (const period of periods) {
          // Within what has passed: reports of an instant to come wait for it.
          const passed = (here.end - at(0)) / HOUR_MS - 1;
          const [first = 0, last = 0] = period.map((hour) => hour % passed).sort((a, b) => a - b);
          // What is booked on the hour belongs to the period that begins then; of occurred at the trial balance counts it before.
          const off = basis === 'booked' && (first + last) % 2 === 0 ? 0 : QUARTER_MS;
          const [from, to] = [at(first) + off, at(last) + off];
          const expected = await balancesBefore(here, basis, to);
          for (const [line, balance] of await balancesBefore(here, basis, from))
            expected.set(line, subtract(expected.get(line) ?? zero, balance));
          const found = await linesOf(here, questionOf(basis, from, to, to));
          expect([first, last, found]).toEqual([first, last, nonZero(expected)]);
        }
        const whole = await linesOf(here, questionOf(basis, null, null, here.end));
        expect(whole).toEqual(nonZero(await balancesBefore(here, basis, here.end)));
        await here.destroy();
        lived = undefined;
      });
      await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
    },
  );

  it('goes on after any of its entries, so that both parts are one text', async () => {
    const accounts = fc.sample(accountLives, { numRuns: 3, seed: 7 });
    const here = await FoldedBooks.of(new Map(accounts.map((happened, index) => [`a${index}`, happened])));
    lived = here;
    const all = questionOf('booked', null, null, here.end);
    const open = async (write: typeof journalCsv, question: JournalQuestion): Promise<string> => {
      const journal = await here.journals.open(question);
      const text = await textOf(write(question, journal.entries));
      journal.close();
      return text;
    };
    const csv = await open(journalCsv, all);
    const rows = csv.split('\r\n').slice(1, -1);
    const entries = Number(rows.at(-1)?.split(',')[0]);
    expect(entries).toBeGreaterThan(10);
    const hledger = await open(journalHledger, all);
    for (const received of [1, Math.floor(entries / 2), entries - 1, entries]) {
      const upTo = rows.filter((row) => Number(row.split(',')[0]) <= received);
      const rest = await open(journalCsv, { ...all, received });
      expect([`${csv.split('\r\n')[0]}\r\n`, ...upTo.map((row) => `${row}\r\n`), rest].join('')).toBe(csv);
      expect(hledger.endsWith(await open(journalHledger, { ...all, received }))).toBe(true);
    }
  });

  it('bears references that a spreadsheet would run, or that would begin a comment, as the texts they are', async () => {
    const entries = async function* () {
      await Promise.resolve();
      for (const reference of ['=1+1', '-1+1', '@x', '+1', 'a;b', 'a,"b'])
        yield {
          ...{ number: 1, event: 'CreditGranted' as const, account: 'a', reference },
          ...{ occurredAt: '2026-11-01T00:00:00.000Z', bookedAt: '2026-11-02T00:00:00.000Z' },
          legs: [{ ledgerAccount: 'expenses:promotions', commodity: 'U2D', amount: decimal('-1.5') }],
        };
    };
    const question = questionOf('occurred', null, null, 0);
    const csv = await textOf(journalCsv({ ...question, received: 1 }, entries()));
    expect(csv.split('\r\n').map((line) => /^1,CreditGranted,a,(.*),2026-11-01T/.exec(line)?.[1])).toEqual([
      ...["'=1+1", "'-1+1", "'@x", "'+1", 'a;b', '"a,""b"', undefined],
    ]);
    expect(csv).toContain(',-1.5\r\n');
    const hledger = await textOf(journalHledger({ ...question, zone: 'America/New_York' }, entries()));
    expect(hledger).toContain('\n2026-10-31 (1) CreditGranted a a,b\n    expenses:promotions  -1.5 "U2D"\n');
  });
});
