import type { Decimal } from '../../amount/decimal';
import { add, decimal, toText, zero } from '../../amount/decimal';
import type { Account } from '../account';
import type { Charge, UsageReversed } from '../charging/events';
import { periodOf, runningPeriod } from './periods';
import { moneyOf } from './pool-purse';
import { poolsAfter } from './pools-after';

/** What becomes of the credits of a charge that is reversed. */
export interface CreditsBack {
  /** What the reversal says of them. */
  readonly told: Pick<UsageReversed, 'credits' | 'cost' | 'drawOrder' | 'pools'>;
  /** What they are worth, in the wallet's currency, where their pools are gone: the period is over, or switched away from. */
  readonly gone: Decimal;
}

/** Gives the credits of a charge back to its pools while their period runs at an instant (milliseconds since 1970), with caps and budget. */
export function creditsBack(account: Account, charge: Charge, atMs: number): CreditsBack {
  const { credits, cost, drawOrder } = charge;
  const { subscription } = account;
  const period = credits === undefined || subscription === null ? undefined : periodOf(subscription, credits[0]);
  if (credits === undefined || subscription === null || period === undefined) {
    return { told: poolsAfter(account), gone: zero };
  }
  const order = drawOrder === undefined ? {} : { drawOrder };
  const [, main, backup] = credits;
  if (runningPeriod(subscription, atMs) !== period) {
    return { told: { ...order, ...poolsAfter(account) }, gone: moneyOf(add(decimal(main), decimal(backup)), period) };
  }
  const { booked } = subscription;
  return {
    told: {
      credits,
      ...(cost !== undefined && { cost }),
      ...order,
      pools: [toText(add(booked.main, decimal(main))), toText(add(booked.backup, decimal(backup)))],
    },
    gone: zero,
  };
}
