/** A kind of line that exists once per account (SPEC §10). */
interface PerAccount {
  /** The ledger account without the account's name. */
  readonly prefix: string;
  /** Where what time alone takes from it goes to; null where time alone takes nothing. */
  readonly takenTo: string | null;
}

const perAccount: readonly PerAccount[] = [
  { prefix: 'assets:receivable:', takenTo: null },
  { prefix: 'liabilities:wallet:', takenTo: 'expenses:promotions' },
  { prefix: 'liabilities:deferred:', takenTo: 'revenue:subscriptions' },
  { prefix: 'pools:main:', takenTo: 'pools:expired' },
  { prefix: 'pools:backup:', takenTo: 'pools:expired' },
];

/** Which of the two views a line is part of. A part of a wallet is no line of the books, and in neither. */
export const rollup = { part: -1, lineOnly: 0, controlOnly: 1, both: 2 } as const;
export type Rollup = (typeof rollup)[keyof typeof rollup];

/** What of an account's wallet was granted and not paid for, and what of it disputes have frozen; kept as lines are. */
export function grantedPartOf(account: string): string {
  return `${partPrefixes.granted}${account}`;
}

export function frozenPartOf(account: string): string {
  return `${partPrefixes.frozen}${account}`;
}

/** No ledger account begins like that. */
const PART = 'part:';
export const partPrefixes = { granted: `${PART}granted:`, frozen: `${PART}frozen:` } as const;

/** The control line that a per-account line adds up to; undefined for a line that is its own. No account is named `*`. */
export function controlOf(ledgerAccount: string): string | undefined {
  const kind = kindOf(ledgerAccount);
  return kind && `${kind.prefix}*`;
}

/** The account whose line it is; undefined for a line that is the platform's. */
export function accountOf(ledgerAccount: string): string | undefined {
  const kind = kindOf(ledgerAccount);
  return kind && ledgerAccount.slice(kind.prefix.length);
}

/** Which views a line that adds up to some control line, or to none, is part of. */
export function viewsOf(ledgerAccount: string, control: string | undefined): Rollup {
  if (control !== undefined) return rollup.lineOnly;
  return ledgerAccount.startsWith(PART) ? rollup.part : rollup.both;
}

/** Where what time alone takes from a line goes to; undefined where it takes nothing. */
export function takenTo(ledgerAccount: string): string | undefined {
  return kindOf(ledgerAccount)?.takenTo ?? undefined;
}

function kindOf(ledgerAccount: string): PerAccount | undefined {
  return perAccount.find(({ prefix }) => ledgerAccount.startsWith(prefix));
}
