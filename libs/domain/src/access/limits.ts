import type { Account } from '../account/account';
import { tierAt } from '../account/standing/tier-at';
import { runningPeriod } from '../account/subscription/periods';
import type { Plan, RequestLimits, Rulebook } from '../rulebook/rulebook';
import { tierOf } from '../rulebook/tiers';

/** What limits count under: where the limit came from, `account`, `group:vip`, `plan:starter` or `tier:default`. */
export type LimitSource = string;

export interface RequestLimit {
  /** Requests. */
  readonly limit: number;
  readonly source: LimitSource;
}

/** What limits the requests of an account; null is unlimited. */
export interface EffectiveLimits {
  readonly minute: RequestLimit | null;
  readonly day: RequestLimit | null;
}

/** The plan whose limits and whitelist hold: the one that runs, else the default one. */
export interface PlanInForce {
  readonly id: string;
  /** As the rulebook in force has it; undefined where it has let go of it. */
  readonly terms: Plan | undefined;
  /** What the period allows in requests a day, by the terms it was paid under; null where it says nothing of them. */
  readonly dailyRequests: number | null;
}

/** The plan that counts at an instant (milliseconds since 1970); undefined where there is none. */
export function planInForce(account: Account, rulebook: Rulebook, atMs: number): PlanInForce | undefined {
  const period = runningPeriod(account.subscription, atMs);
  if (period !== undefined) {
    return { id: period.plan, terms: rulebook.plans.get(period.plan), dailyRequests: period.dailyRequests };
  }
  if (rulebook.defaultPlan === null) return undefined;
  const terms = rulebook.plans.get(rulebook.defaultPlan);
  const daily = terms?.caps.daily ?? null;
  return {
    id: rulebook.defaultPlan,
    terms,
    dailyRequests: daily !== null && 'requests' in daily ? daily.requests : null,
  };
}

/**
 * What limits an account's requests at an instant, each field on its own: what the account itself has, else the group of the request
 * or its key, else the plan, else the tier. Null is unlimited and ends the search; so does having asked them all.
 */
export function limitsOf(
  account: Account,
  rulebook: Rulebook,
  group: string | null,
  plan: PlanInForce | undefined,
  atMs: number,
): EffectiveLimits {
  const sources: (readonly [LimitSource, RequestLimits])[] = [['account', account.standing.limits ?? {}]];
  if (group !== null) sources.push([`group:${group}`, rulebook.groups.get(group)?.limits ?? {}]);
  if (plan !== undefined) sources.push([`plan:${plan.id}`, planLimits(plan)]);
  const tier = tierOf(rulebook, tierAt(account, rulebook, atMs));
  sources.push([`tier:${tier.id}`, tier.limits]);
  return { minute: firstOf(sources, 'requestsPerMinute'), day: firstOf(sources, 'requestsPerDay') };
}

function firstOf(
  sources: readonly (readonly [LimitSource, RequestLimits])[],
  field: keyof RequestLimits,
): RequestLimit | null {
  for (const [source, { [field]: limit }] of sources) {
    if (limit === undefined) continue;
    return limit === null ? null : { limit, source };
  }
  return null;
}

/** Of the limit of a day and the cap in requests the smaller. */
function planLimits({ terms, dailyRequests }: PlanInForce): RequestLimits {
  const limits = terms?.limits ?? {};
  if (dailyRequests === null) return limits;
  return { ...limits, requestsPerDay: Math.min(limits.requestsPerDay ?? Infinity, dailyRequests) };
}
