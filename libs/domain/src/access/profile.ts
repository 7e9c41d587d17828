import type { Account } from '../account/account';
import { tierAt } from '../account/standing/tier-at';
import { viewAccount, type AccountView } from '../account/view';
import type { Decimal } from '../amount/decimal';
import type { Rulebook } from '../rulebook/rulebook';
import { tierOf } from '../rulebook/tiers';
import { limitsOf, planInForce } from './limits';

/** What whoever holds an API key may know of its account; platform and account name are the caller's to add. */
export interface Profile extends Pick<
  AccountView,
  'tier' | 'priority' | 'currency' | 'wallet' | 'available' | 'pools' | 'subscription'
> {
  /** The limits that hold for requests with this key; null is unlimited. */
  readonly limits: { readonly requestsPerMinute: number | null; readonly requestsPerDay: number | null };
  /** The key's; null leaves it to each request. */
  readonly group: string | null;
  /** Whether the tier may register endpoints. */
  readonly webhooks: boolean;
}

/** The account of a key of a group at an instant (milliseconds since 1970), suspended or not. Amounts are in the wallet's currency. */
export function viewProfile(
  account: Account,
  rulebook: Rulebook,
  group: string | null,
  nowMs: number,
  held: Decimal,
): Profile {
  const { tier, priority, currency, wallet, available, pools, subscription } = viewAccount(
    account,
    rulebook,
    nowMs,
    held,
  );
  const { minute, day } = limitsOf(account, rulebook, group, planInForce(account, rulebook, nowMs), nowMs);
  return {
    tier,
    priority,
    limits: { requestsPerMinute: minute?.limit ?? null, requestsPerDay: day?.limit ?? null },
    group,
    webhooks: tierOf(rulebook, tierAt(account, rulebook, nowMs)).webhooks,
    currency,
    wallet,
    available,
    pools,
    subscription,
  };
}
