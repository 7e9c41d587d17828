import { formatInstant } from '../../time/instant';
import type { Account } from '../account';
import { commandInstant, unknownAccount } from '../command';
import type { CommandTime, Decision } from '../decision';
import { accepted, alreadySo } from '../decision';
import { isActive } from './periods';
import { noSubscription } from './terms';

export interface Cancellation {
  readonly time: CommandTime;
}

/** Renews a subscription no more; what is paid stays until it ends. One that is cancelled stays so. Refused with `no_subscription` where none is running or waits. */
export function cancelSubscription(account: Account | undefined, { time }: Cancellation): Decision {
  if (account === undefined) return unknownAccount;
  const { subscription } = account;
  if (subscription?.cancelled === true && isActive(subscription, time.occurredAt ?? time.now)) return alreadySo;
  const atMs = commandInstant(account, time);
  if (typeof atMs !== 'number') return atMs;
  const last = subscription?.periods.at(-1);
  if (subscription === null || last === undefined || !isActive(subscription, atMs)) return noSubscription;
  if (subscription.cancelled) return alreadySo;
  return accepted({
    type: 'SubscriptionCancelled',
    occurredAt: formatInstant(atMs),
    plan: last.plan,
    provider: subscription.provider,
    paymentRef: subscription.paymentRef,
    endsAt: formatInstant(last.to),
  });
}
