import { formatInstant } from '../../time/instant';
import type { Account } from '../account';
import { unknownAccount } from '../command';
import type { Decision } from '../decision';
import { accepted, alreadySo } from '../decision';

export interface TierChange {
  readonly from: string;
  readonly to: string;
  /** The tiers that were earned; undefined where the promotion does not list them, and `to` alone was. */
  readonly earned?: readonly string[] | undefined;
  /** Revision of the promotion in the `tier-` stream. */
  readonly tierRevision: number;
  /** Milliseconds since 1970: occurred at of the recharge that was enough. */
  readonly occurredAt: number;
}

/**
 * Takes over a promotion. One that brings no tier that is not there already changes nothing, as when it is heard again. What is
 * earned stays earned, so that it does not matter which of two promotions is heard first.
 */
export function changeTier(account: Account | undefined, change: TierChange): Decision {
  if (account === undefined) return unknownAccount;
  const { from, to, earned, tierRevision, occurredAt } = change;
  const { earnedTiers } = account.standing;
  if ([to, ...(earned ?? [])].every((tier) => earnedTiers.includes(tier))) return alreadySo;
  return accepted({
    type: 'TierChanged',
    occurredAt: formatInstant(occurredAt),
    from,
    to,
    ...(earned !== undefined && { earned }),
    tierRevision,
  });
}
