import type { Account } from '../account/account';
import type { Decimal } from '../amount/decimal';
import { isPositive, min, toText } from '../amount/decimal';
import { formatInstant } from '../time/instant';
import { hasTagOf } from './authorization-id';
import { refundableAt } from './available';
import type { HoldPlaced } from './events';
import type { HoldBook, LiveHold } from './hold-book';

/** How long money is set aside for a refund that is about to be booked, milliseconds: long enough to book it, short enough to be forgotten. */
const REFUND_HOLD_MS = 60_000;

export interface RefundToReserve {
  readonly refundId: string;
  /** Content hash of the command, account included. */
  readonly digest: string;
  /** What would be refunded if nothing were held, in the wallet's currency. */
  readonly amount: Decimal;
}

/** What is set aside for a refund: a hold that is live already, one that is to be placed, or nothing. */
export type RefundReserve =
  | { readonly kind: 'live'; readonly hold: LiveHold }
  | { readonly kind: 'placed'; readonly event: HoldPlaced; readonly amount: Decimal }
  | { readonly kind: 'nothing' };

/** Sets aside for a refund what live holds leave of it, once for each refund. What has expired or is settled has been taken out of the book before. */
export function reserveRefund(
  account: Account,
  book: HoldBook,
  { refundId, digest, amount: wanted }: RefundToReserve,
  nowMs: number,
): RefundReserve {
  for (const hold of book.live.values()) if (hasTagOf(hold.id, digest)) return { kind: 'live', hold };
  const amount = min(wanted, refundableAt(account, book.held, nowMs));
  if (!isPositive(amount)) return { kind: 'nothing' };
  const atMs = Math.max(nowMs, book.lastAt);
  const event: HoldPlaced = {
    type: 'HoldPlaced',
    occurredAt: formatInstant(atMs),
    refundId,
    digest,
    currency: account.currency,
    amount: toText(amount),
    expiresAt: formatInstant(atMs + REFUND_HOLD_MS),
    accountRevision: account.revision,
  };
  return { kind: 'placed', event, amount };
}
