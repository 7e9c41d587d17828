import { toText } from '../../amount/decimal';
import type { PublishedRulebook, SubscriptionKind } from '../../rulebook/rulebook';
import type { Account } from '../account';
import { circumstances, repeatOf, unknownAccount } from '../command';
import type { CommandTime, Decision } from '../decision';
import { accepted, refused } from '../decision';
import { isActive } from './periods';
import { poolsWith } from './pools-after';
import { nothingCarried, paidPeriod, unknownPlan, unsupportedProvider } from './terms';

export interface Start {
  readonly paymentRef: string;
  readonly plan: string;
  readonly kind: SubscriptionKind;
  readonly provider: string;
  readonly digest: string;
  readonly time: CommandTime;
}

/**
 * Starts a plan that was paid, with full pools. Refused with `subscription_active` while one runs or a renewal of it waits,
 * `provider_unsupported` or `unknown_plan`, in this order.
 */
export function startSubscription(
  account: Account | undefined,
  { paymentRef, plan: planId, kind, provider, digest, time }: Start,
  rulebooks: readonly PublishedRulebook[],
): Decision {
  if (account === undefined) return unknownAccount;
  const repeat = repeatOf(account, 'payment', paymentRef, digest);
  if (repeat !== undefined) return repeat;
  const when = circumstances(account, time, rulebooks);
  if (when.kind === 'refused') return when;
  const { atMs, occurredAt, version } = when;
  if (isActive(account.subscription, atMs)) {
    return refused('subscription_active', 'The account has a subscription that is not over.');
  }
  const unsupported = unsupportedProvider(version.rulebook, provider, kind);
  if (unsupported !== undefined) return unsupported;
  const plan = version.rulebook.plans.get(planId);
  if (plan === undefined) return unknownPlan(planId);

  const number = account.subscription?.periods.length ?? 0;
  const period = paidPeriod(number, plan, version.rulebook, kind, atMs, nothingCarried);
  return accepted({
    type: 'SubscriptionStarted',
    occurredAt,
    rulebook: version.version,
    paymentRef,
    provider,
    currency: account.currency,
    period,
    pools: poolsWith(account, period),
    wallet: toText(account.wallet),
    receivable: toText(account.receivable),
    digest,
  });
}
