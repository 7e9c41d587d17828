import { toText } from '../../amount/decimal';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import { LATEST_MS } from '../../time/instant';
import type { Account } from '../account';
import { circumstances, repeatOf, unknownAccount } from '../command';
import type { CommandTime, Decision } from '../decision';
import { accepted, refused } from '../decision';
import { poolsWith } from './pools-after';
import { endOf, noSubscription, paidPeriod, unknownPlan, unsupportedProvider } from './terms';

export interface Renewal {
  readonly paymentRef: string;
  readonly provider: string;
  readonly digest: string;
  readonly time: CommandTime;
}

/**
 * Takes in the payment of the next period. It begins at the end of the last that is paid, or now where that is over; each pool is
 * filled anew or carried on, as the rulebook says. Refused with `no_subscription`, `not_renewable` for one-time and cancelled ones,
 * `provider_unsupported`, or `unknown_plan` where the plan has gone, in this order.
 */
export function renewSubscription(
  account: Account | undefined,
  { paymentRef, provider, digest, time }: Renewal,
  rulebooks: readonly PublishedRulebook[],
): Decision {
  if (account === undefined) return unknownAccount;
  const repeat = repeatOf(account, 'payment', paymentRef, digest);
  if (repeat !== undefined) return repeat;
  const when = circumstances(account, time, rulebooks);
  if (when.kind === 'refused') return when;
  const { atMs, occurredAt, version } = when;
  const last = account.subscription?.periods.at(-1);
  if (last === undefined) return noSubscription;
  if (last.kind === 'one-time') return refused('not_renewable', 'A one-time subscription is not renewed.');
  if (account.subscription?.cancelled === true) return refused('not_renewable', 'The subscription was cancelled.');
  const unsupported = unsupportedProvider(version.rulebook, provider, last.kind);
  if (unsupported !== undefined) return unsupported;
  const plan = version.rulebook.plans.get(last.plan);
  if (plan === undefined) return unknownPlan(last.plan);
  const fromMs = Math.max(last.to, atMs);
  if (endOf(plan, fromMs) > LATEST_MS) return refused('not_renewable', 'It is paid until the end of the calendar.');

  const { renewal } = version.rulebook;
  const period = paidPeriod(last.number + 1, plan, version.rulebook, last.kind, fromMs, {
    main: renewal.main === 'carry' ? last.main.left : null,
    backup: renewal.backup === 'carry' ? last.backup.left : null,
  });
  return accepted({
    type: 'SubscriptionRenewed',
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
