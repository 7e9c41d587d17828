import type { Decimal } from '../amount/decimal';
import { isZero } from '../amount/decimal';

/** One leg of an entry (SPEC §10). */
export interface Posting {
  readonly ledgerAccount: string;
  /** A currency, or `CREDIT` for the pools. */
  readonly commodity: string;
  /** Positive is a debit, negative a credit; never zero. */
  readonly amount: Decimal;
}

/** The commodity of the pools. */
export const CREDIT = 'CREDIT';

/** Legs of one commodity, without those of zero. */
export function legs(
  commodity: string,
  amounts: readonly (readonly [ledgerAccount: string, amount: Decimal])[],
): Posting[] {
  const postings: Posting[] = [];
  for (const [ledgerAccount, amount] of amounts) {
    if (!isZero(amount)) postings.push({ ledgerAccount, commodity, amount });
  }
  return postings;
}

export function walletOf(account: string): string {
  return `liabilities:wallet:${account}`;
}

export function receivableOf(account: string): string {
  return `assets:receivable:${account}`;
}
