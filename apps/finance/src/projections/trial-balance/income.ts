import type { Database } from '@meterbook/runtime/sqlite';
import { decimal, subtract, toText } from '@meterbook/domain/amount/decimal';

/** The control lines that say what comes in: revenue of usage, and the fees of subscriptions whether earned yet or not. */
const incomeLines = { usage: 'revenue:usage', fees: 'liabilities:deferred:*' } as const;

/** What a platform has taken in since its books began. */
export interface Income {
  readonly platform: string;
  readonly currency: string;
  /** What was credited to the line less what was debited to it; a canonical decimal. */
  readonly amount: string;
}

/** What has come in on a line of every platform, as the trial balance has it now; it reads the lines of platforms and of no account. */
export function incomeOf(kind: keyof typeof incomeLines): (database: Database) => Income[] {
  return (database) =>
    database
      .prepare<[string], { platform: string; currency: string; debit: string; credit: string }>(
        `SELECT platform, commodity AS currency, debit, credit FROM lines INDEXED BY control_lines
         WHERE rollup > 0 AND ledger_account = ?`,
      )
      .all(incomeLines[kind])
      .map(({ platform, currency, debit, credit }) => ({
        platform,
        currency,
        amount: toText(subtract(decimal(credit), decimal(debit))),
      }));
}
