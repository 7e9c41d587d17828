import type { Database } from '@meterbook/runtime/sqlite';
import { decimal, subtract, toText } from '@meterbook/domain/amount/decimal';

/** What the usage of a platform has come to, less what was reversed. */
export interface UsageRevenue {
  readonly platform: string;
  readonly currency: string;
  /** A canonical decimal. */
  readonly amount: string;
}

/** The revenue of every platform's usage as the trial balance has it now; it reads the lines of platforms and of no account. */
export function usageRevenue(database: Database): UsageRevenue[] {
  return database
    .prepare<[], { platform: string; currency: string; debit: string; credit: string }>(
      `SELECT platform, commodity AS currency, debit, credit FROM lines INDEXED BY control_lines
       WHERE rollup > 0 AND ledger_account = 'revenue:usage'`,
    )
    .all()
    .map(({ platform, currency, debit, credit }) => ({
      platform,
      currency,
      amount: toText(subtract(decimal(credit), decimal(debit))),
    }));
}
