import type { Decimal } from '../../amount/decimal';
import { add, isPositive, min, subtract, toText, zero } from '../../amount/decimal';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import type { Account } from '../account';
import { doneKey } from '../account';
import type { Circumstances } from '../command';
import { circumstances, unknownAccount } from '../command';
import type { CommandTime, Decision } from '../decision';
import { accepted, refused } from '../decision';
import { mayDrawWallet } from '../standing/effective-tier';
import type { WalletRecharged } from '../wallet/events';
import { planDraw } from '../wallet/lots';
import { poolsAfter } from '../subscription/pools-after';
import { unknownRecharge } from './dispute';
import type { DisputeClosed } from './events';
import { inWalletCurrency } from './paid-currency';
import type { Dispute } from './payments';
import { frozenOf } from './payments';

export interface DisputeClosing {
  readonly disputeId: string;
  readonly rechargeId: string;
  readonly outcome: 'won' | 'lost';
  /** What the provider takes for a lost one, in the currency paid and more than zero; null for nothing. */
  readonly fee: Decimal | null;
  readonly digest: string;
  readonly time: CommandTime;
}

/**
 * Closes a dispute. Won, its money thaws and settles what is owed first. Lost, the amount is taken back: from the frozen money,
 * then from other money that may be drawn, and the rest is owed; the fee is the platform's. The same closing again is a repeat,
 * any other is refused with `dispute_closed`; else `unknown_recharge` or `unknown_dispute`.
 */
export function closeDispute(
  account: Account | undefined,
  closing: DisputeClosing,
  recharge: WalletRecharged | undefined,
  rulebooks: readonly PublishedRulebook[],
): Decision {
  if (account === undefined) return unknownAccount;
  const dispute = account.payments?.disputes.get(closing.disputeId);
  const isOfRecharge = dispute?.rechargeId === closing.rechargeId;
  const closed = isOfRecharge ? account.done?.get(doneKey('dispute-closing', closing.disputeId)) : undefined;
  if (closed?.digest === closing.digest) return { kind: 'repeated', revision: closed.revision };
  if (closed !== undefined) return refused('dispute_closed', `The dispute ${closing.disputeId} was closed before.`);
  const when = circumstances(account, closing.time, rulebooks);
  if (when.kind === 'refused') return when;
  if (recharge === undefined) return unknownRecharge(closing.rechargeId);
  if (dispute === undefined || !isOfRecharge) {
    return refused('unknown_dispute', `The recharge ${recharge.rechargeId} has no dispute ${closing.disputeId}.`);
  }
  const money =
    closing.outcome === 'won' ? won(account, dispute) : lost(account, dispute, closing, recharge, rulebooks, when);
  return accepted({
    type: 'DisputeClosed',
    occurredAt: when.occurredAt,
    rulebook: when.version.version,
    disputeId: closing.disputeId,
    rechargeId: recharge.rechargeId,
    provider: recharge.provider,
    currency: account.currency,
    outcome: closing.outcome,
    disputed: { amount: toText(dispute.disputed), currency: recharge.paid.currency },
    amount: toText(dispute.amount),
    lot: recharge.lot,
    thawed: toText(dispute.frozen),
    ...money,
    walletFrozen: toText(subtract(frozenOf(account), dispute.frozen)),
    digest: closing.digest,
  });
}

type Moved = Pick<DisputeClosed, 'settled' | 'lots' | 'owed' | 'fee' | 'wallet' | 'receivable'>;

function won(account: Account, { frozen }: Dispute): Moved {
  const settled = min(frozen, account.receivable);
  return {
    settled: toText(settled),
    wallet: toText(subtract(account.wallet, settled)),
    receivable: toText(subtract(account.receivable, settled)),
    ...poolsAfter(account),
  };
}

function lost(
  account: Account,
  { amount, frozen }: Dispute,
  { fee }: DisputeClosing,
  recharge: WalletRecharged,
  rulebooks: readonly PublishedRulebook[],
  { atMs, version }: Circumstances,
): Moved {
  const rest = subtract(amount, frozen);
  const mayDraw = mayDrawWallet(account.standing, version.rulebook);
  const { lots, drawn } = planDraw(account.burnOrder, mayDraw ? rest : zero, atMs);
  const owed = subtract(rest, drawn);
  return {
    lots,
    owed: toText(owed),
    ...(fee !== null &&
      isPositive(fee) && {
        fee: { paid: toText(fee), amount: toText(inWalletCurrency(fee, recharge, rulebooks, version)) },
      }),
    wallet: toText(subtract(account.wallet, add(frozen, drawn))),
    receivable: toText(add(account.receivable, owed)),
    ...poolsAfter(account),
  };
}
