import type { Decimal } from '../../amount/decimal';
import { decimal, isZero, toText } from '../../amount/decimal';
import type { SubscriptionKind } from '../../rulebook/rulebook';
import { inverseOf } from './credits';
import type { Period, Pool, PoolName, Subscription } from './subscription';
import { begins } from './periods';

/**
 * WARNING: stored in checkpoints, as a part of `../snapshot.ts`, which says how it evolves. A pool that goes on in the next period is
 * told with the first that holds it.
 */
export interface SubscriptionSnapshot {
  readonly provider: string;
  readonly paymentRef: string;
  readonly cancelled?: true;
  readonly booked: readonly [main: string, backup: string];
  readonly periods: readonly PeriodSnapshot[];
}

interface PeriodSnapshot {
  readonly plan: string;
  readonly kind: SubscriptionKind;
  readonly from: number;
  readonly to: number;
  readonly price: string;
  readonly creditsPerUnit: string;
  /** Absent where it is the pool of the period before. */
  readonly main?: PoolSnapshot;
  readonly backup?: PoolSnapshot;
  readonly used?: readonly [main: string, backup: string];
  readonly budget?: readonly [limit: string, used: string];
  /** Without a limit, used as it is counted all the same. */
  readonly cost?: string;
  readonly dailyCap?: string;
  readonly weeklyCap?: string;
  readonly dailyRequests?: number;
  readonly tier?: string;
  readonly scale: number;
  /** Absent where the period goes on in the subscription of the one before. */
  readonly drawnByDay?: readonly (readonly [day: number, credits: string])[];
  readonly switched?: readonly [at: number, credited: string];
}

type PoolSnapshot = readonly [issued: string, left: string, endsAt: number];

/** What was subscribed to, as plain JSON; its key order is fixed. */
export function toSubscriptionSnapshot(subscription: Subscription): SubscriptionSnapshot {
  const { provider, paymentRef, cancelled, booked, periods } = subscription;
  return {
    provider,
    paymentRef,
    ...(cancelled && { cancelled }),
    booked: [toText(booked.main), toText(booked.backup)],
    periods: periods.map((period, index) => periodSnapshot(period, periods[index - 1])),
  };
}

function periodSnapshot(period: Period, before: Period | undefined): PeriodSnapshot {
  const { used, dailyRequests, tier, drawnByDay, switchedAt } = period;
  const isUsed = !isZero(used.main) || !isZero(used.backup);
  return {
    plan: period.plan,
    kind: period.kind,
    from: period.from,
    to: period.to,
    price: toText(period.price),
    creditsPerUnit: toText(period.creditsPerUnit),
    ...(before?.main !== period.main && { main: poolSnapshot(period.main) }),
    ...(before?.backup !== period.backup && { backup: poolSnapshot(period.backup) }),
    ...(isUsed && { used: [toText(used.main), toText(used.backup)] as const }),
    ...limitsSnapshot(period),
    ...(dailyRequests !== null && { dailyRequests }),
    ...(tier !== null && { tier }),
    scale: period.scale,
    ...(before?.drawnByDay !== drawnByDay && { drawnByDay: daysSnapshot(drawnByDay) }),
    ...(switchedAt !== null && { switched: [switchedAt, toText(period.credited)] as const }),
  };
}

type LimitsSnapshot = Pick<PeriodSnapshot, 'budget' | 'cost' | 'dailyCap' | 'weeklyCap'>;

function limitsSnapshot({ budget, budgetUsed, dailyCap, weeklyCap }: Period): LimitsSnapshot {
  return {
    ...(budget !== null && { budget: [toText(budget), toText(budgetUsed)] as const }),
    ...(budget === null && !isZero(budgetUsed) && { cost: toText(budgetUsed) }),
    ...(dailyCap !== null && { dailyCap: toText(dailyCap) }),
    ...(weeklyCap !== null && { weeklyCap: toText(weeklyCap) }),
  };
}

function poolSnapshot({ issued, left, endsAt }: Pool): PoolSnapshot {
  return [toText(issued), toText(left), endsAt];
}

/** By day, so that equal accounts have equal texts however their usage came in. */
function daysSnapshot(drawnByDay: ReadonlyMap<number, Decimal>): (readonly [number, string])[] {
  return [...drawnByDay].sort(([a], [b]) => a - b).map(([day, credits]) => [day, toText(credits)] as const);
}

/** What a snapshot was taken of. */
export function fromSubscriptionSnapshot(snapshot: SubscriptionSnapshot): Subscription {
  const periods: Period[] = [];
  for (const each of snapshot.periods) periods.push(periodOf(each, periods.length, periods.at(-1)));
  return {
    periods,
    timeline: periods.filter(begins),
    provider: snapshot.provider,
    paymentRef: snapshot.paymentRef,
    cancelled: snapshot.cancelled ?? false,
    booked: { main: decimal(snapshot.booked[0]), backup: decimal(snapshot.booked[1]) },
  };
}

function periodOf(snapshot: PeriodSnapshot, number: number, before: Period | undefined): Period {
  const { used = ['0', '0'], budget, cost = '0', dailyCap, weeklyCap, drawnByDay, switched } = snapshot;
  const creditsPerUnit = decimal(snapshot.creditsPerUnit);
  return {
    number,
    plan: snapshot.plan,
    kind: snapshot.kind,
    from: snapshot.from,
    to: snapshot.to,
    price: decimal(snapshot.price),
    creditsPerUnit,
    unitsPerCredit: inverseOf(creditsPerUnit),
    main: poolOf(snapshot, 'main', before),
    backup: poolOf(snapshot, 'backup', before),
    used: { main: decimal(used[0]), backup: decimal(used[1]) },
    budget: budget === undefined ? null : decimal(budget[0]),
    budgetUsed: decimal(budget === undefined ? cost : budget[1]),
    dailyCap: dailyCap === undefined ? null : decimal(dailyCap),
    weeklyCap: weeklyCap === undefined ? null : decimal(weeklyCap),
    dailyRequests: snapshot.dailyRequests ?? null,
    tier: snapshot.tier ?? null,
    scale: snapshot.scale,
    drawnByDay: daysOf(drawnByDay, before),
    switchedAt: switched?.[0] ?? null,
    credited: decimal(switched?.[1] ?? '0'),
  };
}

function poolOf(snapshot: PeriodSnapshot, name: PoolName, before: Period | undefined): Pool {
  const pool = snapshot[name];
  if (pool === undefined) {
    if (before === undefined) throw new Error(`the first period has no ${name} pool`);
    return before[name];
  }
  return { issued: decimal(pool[0]), left: decimal(pool[1]), endsAt: pool[2] };
}

function daysOf(days: PeriodSnapshot['drawnByDay'], before: Period | undefined): Map<number, Decimal> {
  if (days !== undefined) return new Map(days.map(([day, credits]): [number, Decimal] => [day, decimal(credits)]));
  if (before === undefined) throw new Error('the first period counts no days');
  return before.drawnByDay;
}
