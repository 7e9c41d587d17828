import type { Decimal } from '../../amount/decimal';
import { max, min, subtract, toText, zero } from '../../amount/decimal';
import type { SubscriptionKind } from '../../rulebook/rulebook';
import { formatInstant } from '../../time/instant';
import type { Account } from '../account';
import { dayOf, drawnInWeek, drawnOnDay } from './caps';
import { runningPeriod } from './periods';
import { givable, moneyOf } from './pool-purse';
import { granted } from './pools';
import type { Period, PoolName, Subscription } from './subscription';

export interface PoolView {
  readonly granted: string;
  readonly used: string;
  readonly remaining: string;
}

export interface PoolsView {
  readonly main: PoolView;
  readonly backup: PoolView;
}

export interface LimitView {
  readonly limit: string;
  readonly used: string;
}

/** A cap in requests, which are counted where access is asked for. */
export interface RequestLimitView {
  readonly limit: number;
  readonly used: null;
}

export interface SubscriptionView {
  readonly plan: string;
  readonly kind: SubscriptionKind;
  readonly status: 'active';
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly cancelAtPeriodEnd: boolean;
  readonly budget: LimitView | null;
  readonly caps: { readonly daily: LimitView | RequestLimitView | null; readonly weekly: LimitView | null };
}

const noPool: PoolView = { granted: '0', used: '0', remaining: '0' };

/** The pools of the period that runs at an instant, in credits; empty where none does. */
export function viewPools(subscription: Subscription | null, atMs: number): PoolsView {
  const period = runningPeriod(subscription, atMs);
  if (subscription === null || period === undefined) return { main: noPool, backup: noPool };
  return { main: viewPool(subscription, period, 'main'), backup: viewPool(subscription, period, 'backup') };
}

/** A part of an account's events may draw more than there was: no pool shows that. */
function viewPool(subscription: Subscription, period: Period, name: PoolName): PoolView {
  const before = max(granted(subscription, period, name), zero);
  const used = min(period.used[name], before);
  return { granted: toText(before), used: toText(used), remaining: toText(subtract(before, used)) };
}

/** The subscription that runs at an instant; null where none does. */
export function viewSubscription(subscription: Subscription | null, atMs: number): SubscriptionView | null {
  const period = runningPeriod(subscription, atMs);
  if (subscription === null || period === undefined) return null;
  const day = dayOf(atMs);
  return {
    plan: period.plan,
    kind: period.kind,
    status: 'active',
    periodStart: formatInstant(period.from),
    periodEnd: formatInstant(period.to),
    cancelAtPeriodEnd: subscription.cancelled,
    budget: limitView(period.budget, period.budgetUsed),
    caps: {
      daily:
        period.dailyRequests === null
          ? limitView(period.dailyCap, drawnOnDay(period, day))
          : { limit: period.dailyRequests, used: null },
      weekly: limitView(period.weeklyCap, drawnInWeek(period, day)),
    },
  };
}

function limitView(limit: Decimal | null, used: Decimal): LimitView | null {
  return limit === null ? null : { limit: toText(limit), used: toText(used) };
}

/** What the pools give at an instant, in the wallet's currency: caps and budget applied. */
export function poolMoney({ subscription }: Account, atMs: number): Decimal {
  const period = runningPeriod(subscription, atMs);
  return subscription === null || period === undefined ? zero : moneyOf(givable(subscription, period, atMs), period);
}
