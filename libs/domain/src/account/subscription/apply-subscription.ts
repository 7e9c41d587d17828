import type { Decimal } from '../../amount/decimal';
import { add, decimal, isNegative, negate, subtract, zero } from '../../amount/decimal';
import { storedInstant } from '../../time/instant';
import type { Charge, UsageReversed } from '../charging/events';
import type { AccountEvent } from '../events';
import { inverseOf } from './credits';
import { countDrawn, dayOf } from './caps';
import type { PaidPeriod, PlanSwitched, PoolCredits, SubscriptionRenewed, SubscriptionStarted } from './events';
import { begins, periodOf } from './periods';
import type { Period, Pool, PoolName, Subscription } from './subscription';
import { newSubscription, poolNames } from './subscription';

/**
 * What an account has subscribed to after one more of its events, changed in place; null before the first. It takes events as
 * they stand and never throws on what a stream can hold, so that the past can be folded from a part of them; `evolve` checks what cannot be.
 */
export function applySubscription(before: Subscription | null, event: AccountEvent): Subscription | null {
  if (isPayment(event)) {
    const subscription = before ?? newSubscription();
    if (event.type === 'PlanSwitched') endOld(subscription, event);
    return pay(subscription, event);
  }
  if (before === null) return null;
  if (event.type === 'UsageCharged') for (const charge of event.charges) applyDraw(before, charge);
  else if (event.type === 'UsageReversed') regain(before, event);
  else if (event.type === 'SubscriptionCancelled') before.cancelled = true;
  return before;
}

type Payment = SubscriptionStarted | SubscriptionRenewed | PlanSwitched;

function isPayment(event: AccountEvent): event is Payment {
  return 'period' in event;
}

/** The same for one charge of a batch. */
export function applyDraw(subscription: Subscription, { credits, occurredAt, amount, cost }: Charge): void {
  if (credits !== undefined) draw(subscription, credits, storedInstant(occurredAt), decimal(cost ?? amount), 'out');
}

function regain(subscription: Subscription, { credits, chargeOccurredAt, amount, cost }: UsageReversed): void {
  if (credits !== undefined)
    draw(subscription, credits, storedInstant(chargeOccurredAt), decimal(cost ?? amount), 'back');
}

function draw(
  subscription: Subscription,
  [number, main, backup]: PoolCredits,
  atMs: number,
  cost: Decimal,
  way: 'out' | 'back',
): void {
  const period = periodOf(subscription, number);
  if (period === undefined) return;
  const signed = (amount: Decimal): Decimal => (way === 'out' ? amount : negate(amount));
  const credits = { main: signed(decimal(main)), backup: signed(decimal(backup)) };
  for (const name of poolNames) {
    const pool = period[name];
    pool.left = subtract(pool.left, credits[name]);
    period.used[name] = add(period.used[name], credits[name]);
    subscription.booked[name] = subtract(subscription.booked[name], credits[name]);
  }
  period.budgetUsed = add(period.budgetUsed, signed(cost));
  countDrawn(period, dayOf(atMs), add(credits.main, credits.backup));
}

/** A payment brings a period. A renewal goes on in the subscription of the last one. */
function pay(subscription: Subscription, { type, period: paid, provider, paymentRef }: Payment): Subscription {
  const before = type === 'SubscriptionRenewed' ? subscription.periods.at(-1) : undefined;
  const period = periodFrom(paid, before);
  subscription.periods.push(period);
  subscription.timeline.push(period);
  subscription.provider = provider;
  subscription.paymentRef = paymentRef;
  subscription.cancelled = false;
  subscription.booked.main = add(subscription.booked.main, decimal(paid.main ?? '0'));
  subscription.booked.backup = add(subscription.booked.backup, decimal(paid.backup ?? '0'));
  return subscription;
}

function periodFrom(paid: PaidPeriod, before: Period | undefined): Period {
  const to = storedInstant(paid.to);
  const creditsPerUnit = decimal(paid.creditsPerUnit);
  return {
    number: paid.number,
    plan: paid.plan,
    kind: paid.kind,
    from: storedInstant(paid.from),
    to,
    price: decimal(paid.price),
    creditsPerUnit,
    unitsPerCredit: inverseOf(creditsPerUnit),
    main: poolFrom(paid.main, paid.carriedMain === undefined ? undefined : before?.main, to),
    backup: poolFrom(paid.backup, paid.carriedBackup === undefined ? undefined : before?.backup, to),
    used: { main: zero, backup: zero },
    budget: nullOr(paid.budget),
    budgetUsed: zero,
    dailyCap: nullOr(paid.dailyCap),
    weeklyCap: nullOr(paid.weeklyCap),
    dailyRequests: paid.dailyRequests ?? null,
    tier: paid.tier ?? null,
    scale: paid.scale,
    drawnByDay: before?.drawnByDay ?? new Map<number, Decimal>(),
    switchedAt: null,
    credited: zero,
  };
}

/** A pool that is carried on is the same one, and ends later. */
function poolFrom(issued: string | undefined, carried: Pool | undefined, endsAt: number): Pool {
  if (carried === undefined) {
    const credits = decimal(issued ?? '0');
    return { issued: credits, left: credits, endsAt };
  }
  carried.endsAt = endsAt;
  return carried;
}

function nullOr(text: string | undefined): Decimal | null {
  return text === undefined ? null : decimal(text);
}

/** Ends what is paid at a switch: the period that runs then, and all renewals that wait. Their pools lapse. */
function endOld(subscription: Subscription, { occurredAt, credit, proration, lapsed }: PlanSwitched): void {
  const atMs = storedInstant(occurredAt);
  for (const period of subscription.periods) {
    if (period.to <= atMs || period.switchedAt !== null) continue;
    const waits = period.from > atMs;
    period.switchedAt = atMs;
    period.credited = waits ? period.price : subtract(decimal(credit), decimal(proration.renewals ?? '0'));
    for (const name of poolNames) period[name].left = zero;
  }
  subscription.timeline = subscription.timeline.filter(begins);
  subscription.booked.main = subtract(subscription.booked.main, decimal(lapsed[0]));
  subscription.booked.backup = subtract(subscription.booked.backup, decimal(lapsed[1]));
}

/** What cannot be in what an account has subscribed to after an event, in words; undefined where all is sound. */
export function faultAfter(subscription: Subscription | null, event: AccountEvent): string | undefined {
  if ('period' in event && event.period.number !== (subscription?.periods.length ?? 0) - 1) {
    return `it brings period ${event.period.number}`;
  }
  const draws =
    event.type === 'UsageCharged'
      ? event.charges.map(({ credits }) => credits)
      : [event.type === 'UsageReversed' ? event.credits : undefined];
  for (const credits of draws) {
    if (credits === undefined) continue;
    const period = subscription === null ? undefined : periodOf(subscription, credits[0]);
    if (period === undefined) return `it draws on period ${credits[0]}, which is not there`;
    if (poolNames.some((name) => isOverdrawn(period, name))) return `it draws more than period ${credits[0]} has`;
  }
  return undefined;
}

function isOverdrawn(period: Period, name: PoolName): boolean {
  return isNegative(period[name].left) || isNegative(period.used[name]);
}
