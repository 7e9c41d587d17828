import type { Decimal } from '../../amount/decimal';
import { compare, isPositive, min, subtract, toText } from '../../amount/decimal';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import { storedInstant } from '../../time/instant';
import type { Account } from '../account';
import type { Circumstances } from '../command';
import { circumstances, repeatOf, unknownAccount } from '../command';
import type { CommandTime, Decision } from '../decision';
import { accepted, refused } from '../decision';
import type { WalletRecharged } from '../wallet/events';
import { lotOf } from '../wallet/lots';
import { poolsAfter } from '../subscription/pools-after';
import { unknownRecharge } from './dispute';
import { inWalletCurrency, paidBackFor, unclaimed } from './paid-currency';

export interface Refund {
  readonly refundId: string;
  readonly rechargeId: string;
  /** In the wallet's currency: no more than this is paid back, whatever is left; no bound where it is left out. */
  readonly atMost?: Decimal;
  /** The hold that had set it aside beforehand, so that no request reserves the same money; none where it is left out. */
  readonly authorizationId?: string;
  readonly digest: string;
  readonly time: CommandTime;
}

const DAY_MS = 86_400_000;

/**
 * Pays back what is left of a recharge and not frozen, in the currency paid. What settled a receivable is spent. Refused with
 * `unknown_recharge`, `refund_window_closed` or `nothing_to_refund`, in this order. What live holds leave is a bound that the caller
 * has set aside before.
 */
export function refundRecharge(
  account: Account | undefined,
  refund: Refund,
  recharge: WalletRecharged | undefined,
  rulebooks: readonly PublishedRulebook[],
): Decision {
  if (account === undefined) return unknownAccount;
  const repeat = repeatOf(account, 'refund', refund.refundId, refund.digest);
  if (repeat !== undefined) return repeat;
  const when = circumstances(account, refund.time, rulebooks);
  if (when.kind === 'refused') return when;
  if (recharge === undefined) return unknownRecharge(refund.rechargeId);
  if (!isWithinWindow(recharge, when)) {
    return refused('refund_window_closed', `The recharge ${recharge.rechargeId} occurred at ${recharge.occurredAt}.`);
  }
  const { refunded, paidBack } = amountOf(account, recharge, rulebooks, when.version, refund.atMost);
  if (!isPositive(refunded) || !isPositive(paidBack)) {
    return refused('nothing_to_refund', `Nothing of the recharge ${recharge.rechargeId} is left to pay back.`);
  }
  return accepted({
    type: 'RechargeRefunded',
    occurredAt: when.occurredAt,
    rulebook: when.version.version,
    refundId: refund.refundId,
    rechargeId: recharge.rechargeId,
    provider: recharge.provider,
    currency: account.currency,
    lot: recharge.lot,
    refunded: toText(refunded),
    paidBack: { amount: toText(paidBack), currency: recharge.paid.currency },
    ...(recharge.fxRate !== null && { recharge: { paid: recharge.paid.amount, credited: recharge.credited } }),
    wallet: toText(subtract(account.wallet, refunded)),
    receivable: toText(account.receivable),
    ...poolsAfter(account),
    digest: refund.digest,
    ...(refund.authorizationId !== undefined && { authorizationId: refund.authorizationId }),
  });
}

/** The window ends with its last millisecond, inclusive; without a rule there is none. */
function isWithinWindow({ occurredAt }: WalletRecharged, { atMs, version }: Circumstances): boolean {
  const { refund } = version.rulebook;
  return refund !== null && atMs - storedInstant(occurredAt) <= refund.windowDays * DAY_MS;
}

interface RefundAmount {
  readonly refunded: Decimal;
  readonly paidBack: Decimal;
}

/** What is left of the lot, up to a bound, and no more than what neither refunds nor disputes have claimed of the payment before. */
function amountOf(
  account: Account,
  recharge: WalletRecharged,
  rulebooks: readonly PublishedRulebook[],
  inForce: PublishedRulebook,
  atMost?: Decimal,
): RefundAmount {
  const inLot = lotOf(account, recharge.lot).left;
  const left = atMost === undefined ? inLot : min(inLot, atMost);
  const most = unclaimed(account, recharge);
  const whole = { refunded: left, paidBack: paidBackFor(left, recharge) };
  if (compare(whole.paidBack, most) <= 0) return whole;
  const refunded = min(left, inWalletCurrency(most, recharge, rulebooks, inForce));
  return { refunded, paidBack: min(paidBackFor(refunded, recharge), most) };
}
