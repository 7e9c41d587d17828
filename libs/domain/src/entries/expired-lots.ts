import type { Decimal } from '../amount/decimal';
import { subtract } from '../amount/decimal';
import type { Account } from '../account/account';
import { walletAt } from '../account/wallet/lots';
import type { Wallet } from '../account/wallet/wallet';
import type { Posting } from './postings';
import { expiryLegs } from './postings';

/** What of a booked wallet has expired by an instant (milliseconds since 1970). */
export function expiredAt(wallet: Wallet, atMs: number): Decimal {
  return subtract(wallet.wallet, walletAt(wallet, atMs));
}

/** The entry of what expiry alone has changed by an instant; derived whenever it is asked about and never booked. */
export function expiredLotPostings(account: Account, accountName: string, asOfMs: number): readonly Posting[] {
  return expiryLegs(expiredAt(account, asOfMs), account.currency, accountName);
}
