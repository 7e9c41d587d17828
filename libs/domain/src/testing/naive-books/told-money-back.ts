import type { Account } from '../../account/account';
import {
  disputeAnswer,
  disputeLostAnswer,
  disputeWonAnswer,
  refundAnswer,
  writeOffAnswer,
} from '../../account/answers';
import type { Decision } from '../../account/decision';
import type { AccountEvent } from '../../account/events';
import { closeDispute } from '../../account/payments/close-dispute';
import { disputeRecharge } from '../../account/payments/dispute';
import { refundRecharge } from '../../account/payments/refund';
import { writeOff } from '../../account/payments/write-off';
import type { Decimal } from '../../amount/decimal';
import { decimal } from '../../amount/decimal';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import type { MoneyBackCommand, Sent } from './asks';
import { contentOf } from './asks';

type Decide = (account: Account | undefined) => Decision;

/** A command that gives money back, or gives it up, as the domain is asked it. */
export function toldOfMoneyBack(
  asked: MoneyBackCommand & Sent,
  events: readonly AccountEvent[],
  rulebooks: readonly PublishedRulebook[],
  spare: Decimal | null = null,
): Decide {
  const common = { digest: contentOf(asked), time: { now: asked.now, occurredAt: asked.occurredAt } };
  if (asked.ask === 'write-off') {
    const off = { ...common, writeOffId: asked.id, amount: decimal(asked.amount), reason: 'never' };
    return (account) => writeOff(account, off, rulebooks);
  }
  const { recharge: rechargeId } = asked;
  const recharge = events.find((event) => event.type === 'WalletRecharged' && event.rechargeId === rechargeId);
  const found = recharge?.type === 'WalletRecharged' ? recharge : undefined;
  switch (asked.ask) {
    case 'refund': {
      const refund = { ...common, rechargeId, refundId: asked.id, ...(spare !== null && { atMost: spare }) };
      return (account) => refundRecharge(account, refund, found, rulebooks);
    }
    case 'dispute': {
      const amount = asked.amount === null ? null : decimal(asked.amount);
      return (account) =>
        disputeRecharge(account, { ...common, rechargeId, disputeId: asked.id, amount }, found, rulebooks);
    }
    case 'won':
    case 'lost': {
      const fee = asked.ask === 'won' || asked.fee === null ? null : decimal(asked.fee);
      const closing = { ...common, rechargeId, disputeId: asked.dispute, outcome: asked.ask, fee };
      return (account) => closeDispute(account, closing, found, rulebooks);
    }
  }
}

/** What the caller of such a command is told by its event; null where it is of another kind. */
export function moneyBackAnswer(event: AccountEvent | undefined): unknown {
  if (event?.type === 'RechargeRefunded') return refundAnswer(event);
  if (event?.type === 'RechargeDisputed') return disputeAnswer(event);
  if (event?.type === 'ReceivableWrittenOff') return writeOffAnswer(event);
  if (event?.type !== 'DisputeClosed') return null;
  return event.outcome === 'won' ? disputeWonAnswer(event) : disputeLostAnswer(event);
}
