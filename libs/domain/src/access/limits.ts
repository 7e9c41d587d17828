import type { Account } from '../account/account';
import { runningPeriod } from '../account/subscription/periods';
import { tierAt } from '../account/standing/tier-at';
import type { RequestLimits, Rulebook } from '../rulebook/rulebook';
import { tierOf } from '../rulebook/tiers';

/** A limit that holds, and what it comes from: requests are counted for each account and source. */
export interface EffectiveLimit {
  /** Requests; null is unlimited. */
  readonly limit: number | null;
  /** `account`, `group/{id}`, `plan/{id}` or `tier/{id}`: the first that says anything; `none` where none does. */
  readonly source: string;
}

export interface EffectiveLimits {
  readonly requestsPerMinute: EffectiveLimit;
  readonly requestsPerDay: EffectiveLimit;
}

interface LimitSource {
  readonly source: string;
  readonly limits: RequestLimits;
}

/**
 * The request limits of an account at an instant (milliseconds since 1970), each on its own: what the account says, else the group
 * (of the request or its key; null without one), else the plan that runs, else the tier. Null ends the search: unlimited.
 */
export function effectiveLimits(
  account: Account,
  rulebook: Rulebook,
  groupId: string | null,
  atMs: number,
): EffectiveLimits {
  const group = groupId === null ? undefined : rulebook.groups.get(groupId);
  const tier = tierOf(rulebook, tierAt(account, rulebook, atMs));
  const plan = planLimits(account, rulebook, atMs);
  const sources: readonly LimitSource[] = [
    { source: 'account', limits: account.standing.limits ?? {} },
    ...(group === undefined ? [] : [{ source: `group/${group.id}`, limits: group.limits }]),
    ...(plan === null ? [] : [plan]),
    { source: `tier/${tier.id}`, limits: tier.limits },
  ];
  return {
    requestsPerMinute: firstOf(sources, 'requestsPerMinute'),
    requestsPerDay: firstOf(sources, 'requestsPerDay'),
  };
}

function firstOf(sources: readonly LimitSource[], field: keyof RequestLimits): EffectiveLimit {
  for (const { source, limits } of sources) {
    const limit = limits[field];
    if (limit !== undefined) return { limit, source };
  }
  return { limit: null, source: 'none' };
}

/** What the running plan says, as the rulebook has it now; the cap in requests is a term of the paid period. Without a plan the default one counts. */
function planLimits({ subscription }: Account, { plans, defaultPlan }: Rulebook, atMs: number): LimitSource | null {
  const period = runningPeriod(subscription, atMs);
  const id = period?.plan ?? defaultPlan;
  if (id === null) return null;
  const plan = plans.get(id);
  const daily = plan?.caps.daily ?? null;
  const ofDefault = daily !== null && 'requests' in daily ? daily.requests : null;
  const cap = period === undefined ? ofDefault : period.dailyRequests;
  return { source: `plan/${id}`, limits: withCap(plan?.limits ?? {}, cap) };
}

/** Of a day's limit and a day's cap in requests the smaller. */
function withCap(limits: RequestLimits, cap: number | null): RequestLimits {
  if (cap === null) return limits;
  return { ...limits, requestsPerDay: Math.min(limits.requestsPerDay ?? Infinity, cap) };
}
