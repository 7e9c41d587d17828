import type { Decimal } from '../../amount/decimal';
import { zero } from '../../amount/decimal';
import type { SubscriptionKind } from '../../rulebook/rulebook';

/** A pool of credits. Where a renewal carries it on, both periods hold the same one. */
export interface Pool {
  readonly issued: Decimal;
  /** What no usage drew and no switch let lapse. What time alone lets lapse still counts (`lapsed.ts`). */
  left: Decimal;
  /** The end of the last period that holds it, in milliseconds since 1970: what is left then lapses. */
  endsAt: number;
}

export const poolNames = ['main', 'backup'] as const;
export type PoolName = (typeof poolNames)[number];

/** A paid period, by the terms of its plan when it was paid. Instants are milliseconds since 1970. */
export interface Period {
  /** The n-th of the account, from 0. */
  readonly number: number;
  readonly plan: string;
  readonly kind: SubscriptionKind;
  readonly from: number;
  readonly to: number;
  readonly price: Decimal;
  readonly creditsPerUnit: Decimal;
  /** Units of currency per credit: the exact inverse. */
  readonly unitsPerCredit: Decimal;
  readonly main: Pool;
  readonly backup: Pool;
  /** Credits that usage of this period drew from each pool, less what reversals gave back. */
  readonly used: Record<PoolName, Decimal>;
  /** Null is no limit. */
  readonly budget: Decimal | null;
  budgetUsed: Decimal;
  readonly dailyCap: Decimal | null;
  readonly weeklyCap: Decimal | null;
  readonly dailyRequests: number | null;
  readonly tier: string | null;
  /** Digits to which the earned part of the fee is rounded down. */
  readonly scale: number;
  /** Credits drawn by UTC day (days since 1970); the periods of one subscription share it, since caps count within one. */
  readonly drawnByDay: Map<number, Decimal>;
  /** When a switch ended it, or kept it from beginning; null where none did. */
  switchedAt: number | null;
  /** What that switch credited of the fee. */
  credited: Decimal;
}

/** All that an account has subscribed to, as its events say. It is owned by one fold, which changes it in place. */
export interface Subscription {
  /** Every paid period, by number. */
  readonly periods: Period[];
  /** Those that no switch kept from beginning, by when they begin. */
  timeline: Period[];
  /** Of the last payment. */
  provider: string;
  paymentRef: string;
  /** Whether the last subscription is not to be renewed any more. */
  cancelled: boolean;
  /** Booked balances of the pools, in credits: what time alone lets lapse still counts. */
  readonly booked: Record<PoolName, Decimal>;
}

/** One that nothing has been paid of yet. */
export function newSubscription(): Subscription {
  return {
    periods: [],
    timeline: [],
    provider: '',
    paymentRef: '',
    cancelled: false,
    booked: { main: zero, backup: zero },
  };
}

/** The same again, for a fold of its own: what the periods share stays shared between their copies. */
export function copyOf(subscription: Subscription): Subscription {
  const copies = new Map<object, object>();
  const copied = <T extends object>(value: T, copy: (value: T) => T): T => {
    const known = copies.get(value) as T | undefined;
    if (known !== undefined) return known;
    const made = copy(value);
    copies.set(value, made);
    return made;
  };
  const pool = (value: Pool): Pool => copied(value, (found) => ({ ...found }));
  const period = (value: Period): Period =>
    copied(value, (found) => ({
      ...found,
      main: pool(found.main),
      backup: pool(found.backup),
      used: { ...found.used },
      drawnByDay: copied(found.drawnByDay, (days) => new Map(days)),
    }));
  return {
    ...subscription,
    periods: subscription.periods.map(period),
    timeline: subscription.timeline.map(period),
    booked: { ...subscription.booked },
  };
}
