import { isZero, negate, subtract } from '../amount/decimal';
import type { Account } from '../account/account';
import { walletAt } from '../account/wallet/lots';
import type { Posting } from './postings';
import { walletOf } from './postings';

/**
 * What expiry alone has changed by an instant: the rest of every lot that has expired leaves the wallet and was no promotion
 * after all. Derived whenever it is asked about and never booked.
 */
export function expiredLotPostings(account: Account, accountName: string, asOfMs: number): readonly Posting[] {
  const expired = subtract(account.wallet, walletAt(account, asOfMs));
  if (isZero(expired)) return [];
  return [
    { ledgerAccount: walletOf(accountName), commodity: account.currency, amount: expired },
    { ledgerAccount: 'expenses:promotions', commodity: account.currency, amount: negate(expired) },
  ];
}
