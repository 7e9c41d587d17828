/** Ledger accounts that exist once per account, without the account's name (SPEC §10). */
const perAccount = [
  'liabilities:wallet:',
  'assets:receivable:',
  'liabilities:deferred:',
  'pools:main:',
  'pools:backup:',
];

export const walletPrefix = 'liabilities:wallet:';
export const walletControl = 'liabilities:wallet:*';
export const promotions = 'expenses:promotions';

/** Which of the two views a line is part of. */
export const rollup = { lineOnly: 0, controlOnly: 1, both: 2 } as const;
export type Rollup = (typeof rollup)[keyof typeof rollup];

/** The control line that a per-account line adds up to; undefined for a line that is its own. No account is named `*`. */
export function controlOf(ledgerAccount: string): string | undefined {
  const prefix = perAccount.find((start) => ledgerAccount.startsWith(start));
  return prefix === undefined ? undefined : `${prefix}*`;
}
