import type { AccountDto } from '@meterbook/ledger/accounts/account-view.dto';
import type { Api } from './api';
import type { Checks } from './checks';
import type { Till } from './money';
import { spaced, type Page } from './page';

/** What every story plays with. */
export interface Stage {
  readonly api: Api;
  readonly page: Page;
  readonly checks: Checks;
  readonly till: Till;
}

export type Story = (stage: Stage) => Promise<void>;

/** Says a number that was checked, with its mark. */
export function fact({ page, checks }: Stage, what: string, actual: unknown, expected: unknown): void {
  const said = typeof actual === 'string' ? actual : spaced(actual);
  const mark = checks.mark(what, actual, expected);
  page.fact(`${what}: ${said} ${mark}${mark === '✓' ? '' : ` expected ${spaced(expected)}`}`);
}

/** Says how many repeats were dropped: as many as were sent, and more where a batch was also delivered again inside. */
export function factOfRepeats({ page, checks }: Stage, dropped: number, sent: number): void {
  page.fact(`dropped as repeats: ${dropped} ${checks.mark('dropped as repeats', dropped >= sent, true)}`);
}

/** Looks at an account and checks what is in its wallet. */
export async function checkWallet(stage: Stage, path: string, wallet: string, receivable = '0'): Promise<AccountDto> {
  const view = await stage.api.get<AccountDto>(path);
  fact(stage, `wallet of ${view.account}, ${view.currency}`, view.wallet, wallet);
  if (receivable !== '0' || view.receivable !== '0') {
    fact(stage, `receivable of ${view.account}, ${view.currency}`, view.receivable, receivable);
  }
  return view;
}
