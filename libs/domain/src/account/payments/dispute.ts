import type { Decimal } from '../../amount/decimal';
import { add, compare, isPositive, min, toText } from '../../amount/decimal';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import type { Account } from '../account';
import { circumstances, repeatOf, unknownAccount } from '../command';
import type { CommandTime, Decision, Refused } from '../decision';
import { accepted, refused } from '../decision';
import type { WalletRecharged } from '../wallet/events';
import { lotOf } from '../wallet/lots';
import { poolsAfter } from '../subscription/pools-after';
import { inWalletCurrency, unclaimed } from './paid-currency';
import { frozenOf } from './payments';

export interface NewDispute {
  readonly disputeId: string;
  readonly rechargeId: string;
  /** In the currency paid, more than zero; null for all that is not claimed yet. */
  readonly amount: Decimal | null;
  readonly digest: string;
  readonly time: CommandTime;
}

/**
 * A provider disputes a recharge: what is left of its lot is frozen, up to the amount. Refused with `unknown_recharge`, or with
 * `exceeds_recharge` where refunds and disputes not won would be more than was paid.
 */
export function disputeRecharge(
  account: Account | undefined,
  dispute: NewDispute,
  recharge: WalletRecharged | undefined,
  rulebooks: readonly PublishedRulebook[],
): Decision {
  if (account === undefined) return unknownAccount;
  const repeat = repeatOf(account, 'dispute', dispute.disputeId, dispute.digest);
  if (repeat !== undefined) return repeat;
  const when = circumstances(account, dispute.time, rulebooks);
  if (when.kind === 'refused') return when;
  if (recharge === undefined) return unknownRecharge(dispute.rechargeId);
  const most = unclaimed(account, recharge);
  const disputed = dispute.amount ?? most;
  if (!isPositive(disputed) || compare(disputed, most) > 0) {
    const { rechargeId, paid } = recharge;
    const detail = `Of the recharge ${rechargeId} ${toText(most)} ${paid.currency} are neither refunded nor disputed.`;
    return refused('exceeds_recharge', detail);
  }
  const amount = inWalletCurrency(disputed, recharge, rulebooks, when.version);
  const frozen = min(lotOf(account, recharge.lot).left, amount);
  return accepted({
    type: 'RechargeDisputed',
    occurredAt: when.occurredAt,
    rulebook: when.version.version,
    disputeId: dispute.disputeId,
    rechargeId: recharge.rechargeId,
    currency: account.currency,
    disputed: { amount: toText(disputed), currency: recharge.paid.currency },
    amount: toText(amount),
    ...(recharge.fxRate !== null && { fxRate: recharge.fxRate }),
    lot: recharge.lot,
    frozen: toText(frozen),
    wallet: toText(account.wallet),
    receivable: toText(account.receivable),
    ...poolsAfter(account),
    walletFrozen: toText(add(frozenOf(account), frozen)),
    digest: dispute.digest,
  });
}

export function unknownRecharge(rechargeId: string): Refused {
  return refused('unknown_recharge', `The account has no recharge ${rechargeId}.`);
}
