import type { Decimal } from '../amount/decimal';
import { add, subtract, toText, zero } from '../amount/decimal';
import type { AccountEvent } from '../account/events';
import type { Posting } from './legs';
import { receivableOf, walletOf } from './legs';
import { backupOf, mainOf } from './subscription-legs';

/** What an account has and owes: the wallet's money, what is open, and the credits of its pools. */
export interface Balances {
  readonly wallet: Decimal;
  readonly receivable: Decimal;
  readonly main: Decimal;
  readonly backup: Decimal;
}

/** Of an account before its first entry. */
export const noBalances: Balances = { wallet: zero, receivable: zero, main: zero, backup: zero };

/** The balances of an account after an entry, by its legs alone. */
export function balancesAfter(before: Balances, legs: readonly Posting[], account: string): Balances {
  let { wallet, receivable, main, backup } = before;
  for (const { ledgerAccount, amount } of legs) {
    if (ledgerAccount === walletOf(account)) wallet = subtract(wallet, amount);
    else if (ledgerAccount === receivableOf(account)) receivable = add(receivable, amount);
    else if (ledgerAccount === mainOf(account)) main = subtract(main, amount);
    else if (ledgerAccount === backupOf(account)) backup = subtract(backup, amount);
  }
  return { wallet, receivable, main, backup };
}

/** What balances an event states beside those that its account's entries come to, in words; undefined where they are the same. */
export function misstatedBy(event: AccountEvent, found: Balances): string | undefined {
  if (!('wallet' in event)) return undefined;
  const { wallet, receivable = '0' } = event;
  const [main, backup] = ('pools' in event ? event.pools : undefined) ?? [undefined, undefined];
  const stated = { wallet, receivable, main, backup };
  for (const name of ['wallet', 'receivable', 'main', 'backup'] as const) {
    const is = toText(found[name]);
    if (stated[name] !== undefined && stated[name] !== is) {
      return `it states the ${name} ${stated[name]}, its entries come to ${is}`;
    }
  }
  return undefined;
}
