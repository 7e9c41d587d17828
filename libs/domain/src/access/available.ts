import type { Account } from '../account/account';
import { frozenOf } from '../account/payments/payments';
import { mayDrawWallet } from '../account/standing/effective-tier';
import { poolMoney } from '../account/subscription/view';
import { walletAt } from '../account/wallet/lots';
import type { Decimal } from '../amount/decimal';
import { add, max, subtract, zero } from '../amount/decimal';
import type { Rulebook } from '../rulebook/rulebook';

/** What of the wallet can pay at an instant (milliseconds since 1970), frozen money aside: nothing where it may not be drawn. */
export function drawableWallet(account: Account, rulebook: Rulebook, atMs: number): Decimal {
  return mayDrawWallet(account.standing, rulebook) ? unfrozenWallet(account, atMs) : zero;
}

/** What an account can spend at an instant: of its pools and its wallet, less what is held, in the wallet's currency and not below zero. */
export function availableAt(account: Account, rulebook: Rulebook, held: Decimal, atMs: number): Decimal {
  return lessHeld(add(poolMoney(account, atMs), drawableWallet(account, rulebook, atMs)), held);
}

/** What live holds leave for a refund: as if the wallet might be drawn, since the money goes back to whoever paid it. */
export function refundableAt(account: Account, held: Decimal, atMs: number): Decimal {
  return lessHeld(add(poolMoney(account, atMs), unfrozenWallet(account, atMs)), held);
}

function unfrozenWallet(account: Account, atMs: number): Decimal {
  return subtract(walletAt(account, atMs), frozenOf(account));
}

function lessHeld(money: Decimal, held: Decimal): Decimal {
  return max(subtract(money, held), zero);
}
