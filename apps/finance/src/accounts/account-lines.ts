import type { Database } from '@meterbook/runtime/sqlite';
import { add, negate, subtract, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { takenBy } from '@meterbook/domain/entries/timed-items';
import { frozenPartOf } from '../projections/trial-balance/line-names';
import { lineColumns, toState, type LineRow, type LineState } from '../projections/trial-balance/line-state';

/** Lines of accounts looked at for one page, where only those that owe something are wanted. */
const MAX_SCANNED = 5000;
/** Sorts behind every name that begins like a text: names of accounts are plain ASCII. */
const BEHIND = '\x7f';

/** What an account has and owes, derived as of an instant. */
export interface AccountFigures {
  readonly account: string;
  /** Of the wallet; null while nothing was booked for it. */
  readonly currency: string | null;
  readonly wallet: string;
  readonly frozen: string;
  readonly receivable: string;
  readonly deferred: string;
  readonly pools: { readonly main: string; readonly backup: string };
}

/** Names of accounts that begin with a prefix, and where the next page goes on; null where there are no more. */
export interface AccountNames {
  readonly accounts: readonly string[];
  readonly next: string | null;
}

export interface AskedAccounts {
  readonly platform: string;
  readonly prefix: string;
  readonly owing: boolean;
  /** The last account of the page before; empty for the first page. */
  readonly after: string;
  readonly limit: number;
}

/** The names of one page, in their order. */
export function accountNames(database: Database, asked: AskedAccounts): AccountNames {
  const { platform, prefix, owing, after, limit } = asked;
  const within = [platform, after, prefix, `${prefix}${BEHIND}`] as const;
  if (owing) return owingNames(database, asked);
  const accounts = database
    .prepare<[string, string, string, string, number], string>(
      'SELECT account FROM accounts WHERE platform = ? AND account > ? AND account >= ? AND account < ? ORDER BY account LIMIT ?',
    )
    .pluck()
    .all(...within, limit + 1);
  const page = accounts.slice(0, limit);
  return { accounts: page, next: accounts.length > limit ? (page.at(-1) ?? null) : null };
}

/** A page may hold fewer than are wanted: those that owe nothing are passed over, so many at a time. */
function owingNames(database: Database, { platform, prefix, after, limit }: AskedAccounts): AccountNames {
  const kind = 'assets:receivable:';
  const rows = database
    .prepare<[string, string, string, string, number], { ledgerAccount: string; debit: string; credit: string }>(
      `SELECT ledger_account AS ledgerAccount, debit, credit FROM lines
       WHERE platform = ? AND ledger_account > ? AND ledger_account >= ? AND ledger_account < ? AND rollup = 0
       ORDER BY ledger_account LIMIT ?`,
    )
    .all(platform, `${kind}${after}`, `${kind}${prefix}`, `${kind}${prefix}${BEHIND}`, MAX_SCANNED);
  const accounts: string[] = [];
  for (const { ledgerAccount, debit, credit } of rows) {
    if (debit === credit) continue;
    if (accounts.length === limit) return { accounts, next: accounts.at(-1) ?? null };
    accounts.push(ledgerAccount.slice(kind.length));
  }
  const last = rows.at(-1);
  return { accounts, next: last && rows.length === MAX_SCANNED ? last.ledgerAccount.slice(kind.length) : null };
}

/** What an account has and owes by all that is booked, derived as of an instant (milliseconds since 1970). */
export function figuresOf(database: Database, platform: string, account: string, atMs: number): AccountFigures {
  const find = database.prepare<[string, string], LineRow>(
    `SELECT ${lineColumns} FROM lines WHERE platform = ? AND ledger_account = ?`,
  );
  const line = (ledgerAccount: string): LineState | undefined => {
    const row = find.get(platform, ledgerAccount);
    return row && toState(row, row);
  };
  const owed = (ledgerAccount: string): string => toText(negate(balanceOf(line(ledgerAccount), atMs)));
  const wallet = line(`liabilities:wallet:${account}`);
  const receivable = line(`assets:receivable:${account}`);
  const deferred = line(`liabilities:deferred:${account}`);
  return {
    account,
    currency: (wallet ?? receivable ?? deferred)?.commodity ?? null,
    wallet: toText(negate(balanceOf(wallet, atMs))),
    frozen: owed(frozenPartOf(account)),
    receivable: toText(balanceOf(receivable, atMs)),
    deferred: toText(negate(balanceOf(deferred, atMs))),
    pools: { main: owed(`pools:main:${account}`), backup: owed(`pools:backup:${account}`) },
  };
}

function balanceOf(line: LineState | undefined, atMs: number): Decimal {
  return line ? add(subtract(line.debit, line.credit), takenBy(line.timed, atMs)) : zero;
}
