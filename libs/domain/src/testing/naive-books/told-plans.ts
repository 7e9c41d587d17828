import type { Account } from '../../account/account';
import type { Decision } from '../../account/decision';
import type { AccountEvent } from '../../account/events';
import { cancelSubscription } from '../../account/subscription/cancel';
import type { PaidPeriod } from '../../account/subscription/events';
import { renewSubscription } from '../../account/subscription/renew';
import { startSubscription } from '../../account/subscription/start';
import { switchPlan } from '../../account/subscription/switch';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import type { PlanCommand, Sent } from './asks';
import { contentOf } from './asks';

type Decide = (account: Account | undefined) => Decision;

/** A command of subscriptions, as the domain is asked it. */
export function toldOfPlans(asked: PlanCommand & Sent, rulebooks: readonly PublishedRulebook[]): Decide {
  const time = { now: asked.now, occurredAt: asked.occurredAt };
  if (asked.ask === 'cancel') return (account) => cancelSubscription(account, { time });
  const { id: paymentRef, provider } = asked;
  const payment = { paymentRef, provider, digest: contentOf(asked), time };
  switch (asked.ask) {
    case 'start': {
      const { plan, kind } = asked;
      return (account) => startSubscription(account, { ...payment, plan, kind }, rulebooks);
    }
    case 'renew':
      return (account) => renewSubscription(account, payment, rulebooks);
    case 'switch':
      return (account) => switchPlan(account, { ...payment, plan: asked.plan }, rulebooks);
  }
}

/** What the caller of such a command is told by its event; null where it is of another kind. */
export function planAnswer(event: AccountEvent | undefined): unknown {
  if (event?.type === 'SubscriptionStarted' || event?.type === 'SubscriptionRenewed') return periodAnswer(event.period);
  if (event?.type === 'SubscriptionCancelled') return { status: 'cancelled', endsAt: event.endsAt };
  if (event?.type !== 'PlanSwitched') return null;
  const { from, period, credit, currency, proration } = event;
  return { from, to: period.plan, credit, currency, proration };
}

function periodAnswer({ plan, kind, from, to }: PaidPeriod): unknown {
  return { plan, kind, periodStart: from, periodEnd: to };
}
