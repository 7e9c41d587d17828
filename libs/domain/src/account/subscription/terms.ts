import type { Decimal } from '../../amount/decimal';
import { add, isZero, multiply, one, toText } from '../../amount/decimal';
import type { Plan, Rulebook, SubscriptionKind } from '../../rulebook/rulebook';
import { formatInstant } from '../../time/instant';
import type { Refused } from '../decision';
import { refused } from '../decision';
import type { PaidPeriod } from './events';

const DAY_MS = 86_400_000;

/** What of a pool a new period carries on from the one before; null where it is filled anew. */
export interface Carried {
  readonly main: Decimal | null;
  readonly backup: Decimal | null;
}

export const nothingCarried: Carried = { main: null, backup: null };

/** When a period of a plan that begins at an instant ends; both in milliseconds since 1970. */
export function endOf({ periodDays }: Plan, fromMs: number): number {
  return fromMs + periodDays * DAY_MS;
}

/** A period of a plan by the terms of a version of the rules, from an instant on. */
export function paidPeriod(
  number: number,
  plan: Plan,
  { rounding, creditsPerUnit }: Rulebook,
  kind: SubscriptionKind,
  fromMs: number,
  carried: Carried,
): PaidPeriod {
  const { daily, weekly } = plan.caps;
  return {
    number,
    plan: plan.id,
    kind,
    from: formatInstant(fromMs),
    to: formatInstant(endOf(plan, fromMs)),
    price: toText(plan.price),
    ...poolsOf(plan, carried),
    creditsPerUnit: toText(creditsPerUnit ?? one),
    ...(plan.budget !== null && { budget: toText(multiply(plan.price, plan.budget.priceMultiple)) }),
    ...(daily !== null && 'credits' in daily && { dailyCap: toText(daily.credits) }),
    ...(weekly !== null && { weeklyCap: toText(weekly.credits) }),
    ...(daily !== null && 'requests' in daily && { dailyRequests: daily.requests }),
    ...(plan.tier !== null && { tier: plan.tier }),
    scale: rounding.scale,
  };
}

/** Credits that a plan grants: to the main pool with its bonus, and to the backup pool as a multiple without. */
function poolsOf(
  { baseCredits, bonus, backup }: Plan,
  carried: Carried,
): Pick<PaidPeriod, 'main' | 'backup' | 'carriedMain' | 'carriedBackup'> {
  const main = multiply(baseCredits, add(one, bonus));
  const reserve = multiply(baseCredits, backup);
  return {
    ...(carried.main === null && !isZero(main) && { main: toText(main) }),
    ...(carried.backup === null && !isZero(reserve) && { backup: toText(reserve) }),
    ...(carried.main !== null && { carriedMain: toText(carried.main) }),
    ...(carried.backup !== null && { carriedBackup: toText(carried.backup) }),
  };
}

/** Refuses a provider that is unknown, or not there for subscriptions of a kind. */
export function unsupportedProvider(
  { providers }: Rulebook,
  provider: string,
  kind: SubscriptionKind,
): Refused | undefined {
  const terms = providers.get(provider);
  if (terms === undefined) return refused('provider_unsupported', `${provider} is no provider of this platform.`);
  if (terms.kinds?.includes(kind) !== false) return undefined;
  return refused('provider_unsupported', `${provider} takes no payments for ${kind} subscriptions.`);
}

export function unknownPlan(plan: string): Refused {
  return refused('unknown_plan', `${plan} is no plan of the rulebook in force.`);
}

export const noSubscription: Refused = refused('no_subscription', 'The account has no running subscription.');
