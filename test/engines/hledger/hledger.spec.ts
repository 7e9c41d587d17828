import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { decimal, isZero, subtract, toText } from '@meterbook/domain/amount/decimal';
import { accountLives } from '@meterbook/finance/testing/random-histories';
import { FoldedBooks } from '@meterbook/finance/testing/folded-books';
import type { JournalQuestion } from '@meterbook/finance/reports/journal/journal-question';
import { journalHledger } from '@meterbook/finance/reports/journal/write-journal';

/** Platforms that are lived through. */
const RUNS = 10;
/** Names that accounts may have, and hledger has its own mind about: a colon makes a sub-account. */
const names = ['a', 'a:b', 'a:', 'x::y', '0@-._:', 'Z-_.@'];

type Balances = Readonly<Record<string, string>>;

/** The balance of every account and commodity that hledger comes to, without those of zero. */
function balancesOf(journal: string): Balances {
  const arguments_ = ['-f', '-', 'balance', '--flat', '--no-total', '--empty', '--output-format', 'csv'];
  const csv = execFileSync('hledger', arguments_, { input: journal, encoding: 'utf8' });
  const rows = csv
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => [...row.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell = '']) => cell));
  const balances = rows.flatMap(([account = '', balance = '']) =>
    balance.split(', ').map((one) => {
      const [amount = '', commodity = ''] = one.split(' ');
      return { line: `${account} ${commodity.replaceAll('"', '')}`, amount: decimal(canonical(amount)) };
    }),
  );
  return Object.fromEntries(
    balances.filter(({ amount }) => !isZero(amount)).map(({ line, amount }) => [line, toText(amount)]),
  );
}

/** hledger shows as many digits as any amount of a commodity has. */
function canonical(amount: string): string {
  return amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount;
}

describe('hledger', () => {
  let lived: FoldedBooks | undefined;
  afterEach(async () => {
    await lived?.destroy();
    lived = undefined;
  });

  it.each(['booked', 'occurred'] as const)(
    `comes to the trial balance from the journal, by %s at, whatever accounts are called (${RUNS} platforms)`,
    async (basis) => {
      const accounts = fc.array(accountLives, { minLength: 2, maxLength: names.length });
      const property = fc.asyncProperty(accounts, async (lives) => {
        const here = await FoldedBooks.of(new Map(lives.map((happened, index) => [names[index] ?? '', happened])));
        lived = here;
        const question: JournalQuestion = {
          ...{ platform: 'shop', basis, from: null, to: null, derivedTo: here.end },
          ...{ zone: 'Asia/Kathmandu', format: 'hledger', received: 0 },
        };
        const journal = await here.journals.open(question);
        let text = '';
        for await (const part of journalHledger(question, journal.entries)) text += part;
        journal.close();
        const report = await here.trialBalances.open('shop', here.end, 'lines', { basis });
        const expected = [...report.lines]
          .map(({ ledgerAccount, commodity, debit, credit }) => ({
            line: `${ledgerAccount} ${commodity}`,
            balance: subtract(debit, credit),
          }))
          .filter(({ balance }) => !isZero(balance));
        report.close();
        expect(balancesOf(text)).toEqual(
          Object.fromEntries(expected.map(({ line, balance }) => [line, toText(balance)])),
        );
        await here.destroy();
        lived = undefined;
      });
      await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
    },
  );
});
