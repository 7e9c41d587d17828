import type { Books } from '../naive-books/books';
import { tierAt } from '../naive-books/charging';
import { payingPeriod } from '../naive-books/pools';
import type { NaiveAccessPlan, NaiveAccessRules, NaiveLimits } from './access-rules';

export interface Limit {
  readonly most: number;
  /** Requests are counted for each source of a limit. */
  readonly source: string;
}

/** The plan whose limits and whitelist hold, as it is in the rules of now: the running one, else the default one. */
export function planOf(books: Books, rules: NaiveAccessRules, now: number): NaiveAccessPlan | undefined {
  const id = payingPeriod(books, now)?.plan ?? rules.defaultPlan;
  return rules.plans.find((plan) => plan.id === id);
}

/** What limits the requests in a minute, or on a day; null where nothing does. */
export function limitOf(
  field: keyof NaiveLimits,
  books: Books,
  own: NaiveLimits | null,
  rules: NaiveAccessRules,
  group: string | null,
  now: number,
): Limit | null {
  const period = payingPeriod(books, now);
  const plan = period?.plan ?? rules.defaultPlan;
  const tier = tierAt(books, rules, now);
  const asked: (readonly [source: string, says: number | null | undefined])[] = [
    ['account', own?.[field]],
    [`group ${group}`, rules.groups.find(({ id }) => id === group)?.limits?.[field]],
    [
      `plan ${plan}`,
      field === 'requestsPerDay' ? dayOfPlan(books, rules, now) : planOf(books, rules, now)?.limits?.[field],
    ],
    [`tier ${tier}`, rules.tiers.find(({ id }) => id === tier)?.limits?.[field]],
  ];
  const [source, most] = asked.find(([, says]) => says !== undefined) ?? ['', null];
  return most === null || most === undefined ? null : { most, source };
}

/** Of a plan's day the smaller: its limit, and its cap in requests, which is a term of the paid period. */
function dayOfPlan(books: Books, rules: NaiveAccessRules, now: number): number | null | undefined {
  const plan = planOf(books, rules, now);
  const period = payingPeriod(books, now);
  const cap = period === undefined ? (plan?.caps?.daily?.requests ?? null) : period.dailyRequests;
  const limit = plan?.limits?.requestsPerDay;
  if (cap === null) return limit;
  return typeof limit === 'number' && limit < cap ? limit : cap;
}
