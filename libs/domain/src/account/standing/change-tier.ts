import { formatInstant } from '../../time/instant';
import type { Account } from '../account';
import { unknownAccount } from '../command';
import type { Decision } from '../decision';
import { accepted, alreadySo } from '../decision';

export interface TierChange {
  readonly from: string;
  readonly to: string;
  /** Revision of the promotion in the `tier-` stream. */
  readonly tierRevision: number;
  /** Milliseconds since 1970: occurred at of the recharge that was enough. */
  readonly occurredAt: number;
}

/** Takes over a promotion. One that was heard before, or is older than what was heard, changes nothing. */
export function changeTier(account: Account | undefined, { from, to, tierRevision, occurredAt }: TierChange): Decision {
  if (account === undefined) return unknownAccount;
  if (tierRevision <= account.standing.tierRevision) return alreadySo;
  return accepted({ type: 'TierChanged', occurredAt: formatInstant(occurredAt), from, to, tierRevision });
}
