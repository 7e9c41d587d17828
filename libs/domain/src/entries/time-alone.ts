import type { Decimal } from '../amount/decimal';
import { isNegative, isZero, subtract, zero } from '../amount/decimal';
import type { Account } from '../account/account';
import { lapsed } from '../account/subscription/pools';
import { firstServing, walletAt } from '../account/wallet/lots';
import type { Lot } from '../account/wallet/wallet';
import type { Posting } from './legs';
import { expiryLegs } from './postings';
import { lapseLegs } from './subscription-legs';

/**
 * What time alone has taken from an account's booked balances by an instant: grants that have expired, in the wallet's currency, and
 * pools that have lapsed, in credits. Derived whenever it is asked about and never booked; as a difference it may be negative.
 */
export interface Lapsed {
  readonly wallet: Decimal;
  readonly main: Decimal;
  readonly backup: Decimal;
}

/** Before anything has lapsed. */
export const nothingLapsed: Lapsed = { wallet: zero, main: zero, backup: zero };

/** What of an account has lapsed by an instant (milliseconds since 1970). */
export function lapsedAt(account: Account, atMs: number): Lapsed {
  const wallet = subtract(account.wallet, walletAt(account, atMs));
  return account.subscription === null
    ? { ...nothingLapsed, wallet }
    : { wallet, ...lapsed(account.subscription, atMs) };
}

/** The instants after one and up to another at which something of an account may lapse, in their order. */
export function lapsesBetween(account: Account, afterMs: number, upToMs: number): readonly number[] {
  const instants = expiriesBetween(account.burnOrder, afterMs, upToMs);
  if (account.subscription === null) return instants;
  const ends = account.subscription.periods.flatMap(({ main, backup }) => [main.endsAt, backup.endsAt]);
  const due = ends.filter((endsAt) => endsAt > afterMs && endsAt <= upToMs);
  return due.length === 0 ? instants : [...new Set([...instants, ...due])].sort((a, b) => a - b);
}

function expiriesBetween(burnOrder: readonly Lot[], afterMs: number, upToMs: number): number[] {
  const instants: number[] = [];
  for (let index = firstServing(burnOrder, afterMs, 0); index < burnOrder.length; index++) {
    const expiresAt = burnOrder[index]?.expiresAt ?? null;
    if (expiresAt === null || expiresAt > upToMs) break;
    if (expiresAt !== instants.at(-1)) instants.push(expiresAt);
  }
  return instants;
}

/** What has lapsed more than before; negative where some of it came back. */
export function lapsedSince(before: Lapsed, after: Lapsed): Lapsed {
  return {
    wallet: subtract(after.wallet, before.wallet),
    main: subtract(after.main, before.main),
    backup: subtract(after.backup, before.backup),
  };
}

/** The part of a difference that lapsed, and the part that came back. */
export function lapsedAndBack({ wallet, main, backup }: Lapsed): { readonly lapsed: Lapsed; readonly back: Lapsed } {
  const [w, m, b] = [isNegative(wallet), isNegative(main), isNegative(backup)];
  return {
    lapsed: { wallet: w ? zero : wallet, main: m ? zero : main, backup: b ? zero : backup },
    back: { wallet: w ? wallet : zero, main: m ? main : zero, backup: b ? backup : zero },
  };
}

/** Whether there is nothing in it. */
export function isNothing({ wallet, main, backup }: Lapsed): boolean {
  return isZero(wallet) && isZero(main) && isZero(backup);
}

/** The entry of what has lapsed: the rest of a grant was no promotion after all, and credits of a pool have expired. */
export function lapsedPostings(
  { wallet, main, backup }: Lapsed,
  currency: string,
  account: string,
): readonly Posting[] {
  return [...expiryLegs(wallet, currency, account), ...lapseLegs(main, backup, account)];
}
