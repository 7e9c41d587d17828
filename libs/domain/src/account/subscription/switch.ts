import type { Decimal } from '../../amount/decimal';
import { add, decimal, isPositive, min, subtract, toText, zero } from '../../amount/decimal';
import type { Plan, PublishedRulebook, Rulebook } from '../../rulebook/rulebook';
import type { Account } from '../account';
import type { Circumstances } from '../command';
import { circumstances, repeatOf, unknownAccount } from '../command';
import type { CommandTime, Decision, Refused } from '../decision';
import { accepted, refused } from '../decision';
import type { PlanSwitched, PoolBalances } from './events';
import { runningPeriod } from './periods';
import type { Credited } from './proration';
import { prorate } from './proration';
import type { Period, Pool, PoolName, Subscription } from './subscription';
import { noSubscription, nothingCarried, paidPeriod, unknownPlan, unsupportedProvider } from './terms';

export interface Switch {
  readonly paymentRef: string;
  readonly plan: string;
  readonly provider: string;
  readonly digest: string;
  readonly time: CommandTime;
}

/**
 * Ends the running plan and starts another one, which was paid, at once: what the old one credits comes into the wallet as paid
 * money, and settles what is owed first. Refused with `no_subscription`, `same_plan`, `provider_unsupported` or `unknown_plan`, in this order.
 */
export function switchPlan(
  account: Account | undefined,
  change: Switch,
  rulebooks: readonly PublishedRulebook[],
): Decision {
  if (account === undefined) return unknownAccount;
  const repeat = repeatOf(account, 'payment', change.paymentRef, change.digest);
  if (repeat !== undefined) return repeat;
  const when = circumstances(account, change.time, rulebooks);
  if (when.kind === 'refused') return when;
  const { rulebook } = when.version;
  const old = oldPeriod(account, change.plan, when.atMs);
  if (old.kind === 'refused') return old;
  const unsupported = unsupportedProvider(rulebook, change.provider, old.period.kind);
  if (unsupported !== undefined) return unsupported;
  const plan = rulebook.plans.get(change.plan);
  if (plan === undefined) return unknownPlan(change.plan);
  return accepted(switched(account, change, old, plan, when));
}

/** What a switch would credit at an instant, without making it. Refused like the switch, but for the provider. */
export function quoteSwitch(
  account: Account | undefined,
  planId: string,
  atMs: number,
  rulebook: Rulebook,
): SwitchQuote | Refused {
  if (account === undefined) return unknownAccount;
  const old = oldPeriod(account, planId, atMs);
  if (old.kind === 'refused') return old;
  const plan = rulebook.plans.get(planId);
  if (plan === undefined) return unknownPlan(planId);
  const credited = prorate(old.subscription, old.period, old.waiting, plan.price, rulebook.switching, atMs);
  return { kind: 'quoted', from: old.period.plan, to: plan.id, currency: account.currency, ...credited };
}

export interface SwitchQuote extends Credited {
  readonly kind: 'quoted';
  readonly from: string;
  readonly to: string;
  readonly currency: string;
}

/** What a switch ends: the period that runs, and the renewals that wait. */
interface Old {
  readonly kind: 'old';
  readonly subscription: Subscription;
  readonly period: Period;
  readonly waiting: readonly Period[];
}

function oldPeriod({ subscription }: Account, planId: string, atMs: number): Old | Refused {
  const period = runningPeriod(subscription, atMs);
  if (subscription === null || period === undefined) return noSubscription;
  if (period.plan === planId) return refused('same_plan', `The account has the plan ${planId} already.`);
  return {
    kind: 'old',
    subscription,
    period,
    waiting: subscription.periods.filter(({ from, switchedAt }) => switchedAt === null && from > atMs),
  };
}

function switched(
  account: Account,
  { paymentRef, provider, digest }: Switch,
  { subscription, period: old, waiting }: Old,
  plan: Plan,
  { atMs, occurredAt, version: { version, rulebook } }: Circumstances,
): PlanSwitched {
  const { credit, proration } = prorate(subscription, old, waiting, plan.price, rulebook.switching, atMs);
  const settled = min(credit, account.receivable);
  const period = paidPeriod(subscription.periods.length, plan, rulebook, old.kind, atMs, nothingCarried);
  const lapsed = { main: leftOf([old, ...waiting], 'main'), backup: leftOf([old, ...waiting], 'backup') };
  const after = (name: PoolName): string =>
    toText(add(subtract(subscription.booked[name], lapsed[name]), decimal(period[name] ?? '0')));
  const pools: PoolBalances = [after('main'), after('backup')];
  return {
    type: 'PlanSwitched',
    occurredAt,
    rulebook: version,
    paymentRef,
    provider,
    currency: account.currency,
    period,
    from: old.plan,
    oldProvider: subscription.provider,
    oldPaymentRef: subscription.paymentRef,
    proration,
    credit: toText(credit),
    ...(isPositive(credit) && { lot: account.lots.length }),
    settled: toText(settled),
    lapsed: [toText(lapsed.main), toText(lapsed.backup)],
    pools,
    wallet: toText(subtract(add(account.wallet, credit), settled)),
    receivable: toText(subtract(account.receivable, settled)),
    digest,
  };
}

/** What is left of a pool of some periods; one that is carried on counts once. */
function leftOf(periods: readonly Period[], name: PoolName): Decimal {
  const pools = new Set<Pool>(periods.map((period) => period[name]));
  return [...pools].reduce((sum, { left }) => add(sum, left), zero);
}
