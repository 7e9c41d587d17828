import type { Account } from '../account/account';
import { changeSettings } from '../account/standing/settings';
import type { Limits } from '../account/standing/events';
import { openAccount } from '../account/standing/open';
import { startSubscription } from '../account/subscription/start';
import type { PublishedRulebook } from '../rulebook/rulebook';
import { aChange, at, nowAt } from '../testing/commands';
import { accountAfter, given } from '../testing/given';
import { aStart, withPlans } from '../testing/plans';
import { published } from '../testing/rulebooks';
import { limitsOf, planInForce } from './limits';

const limits = (requestsPerMinute?: number | null, requestsPerDay?: number | null): Limits => ({
  ...(requestsPerMinute !== undefined && { requestsPerMinute }),
  ...(requestsPerDay !== undefined && { requestsPerDay }),
});
const plan = (id: string, more: object) => ({ id, price: '0', models: ['*'], periodDays: 30, ...more });
const rulesOf = (sections: object): PublishedRulebook => published({ ...sections });

/** An account with limits of its own and a plan, where they are given. */
function account(rules: PublishedRulebook, own: Limits | null, planId: string | null): Account {
  let history = given().when((known) => openAccount(known, nowAt(0), [rules])).events;
  if (own !== null)
    history = given(...history).when((known) => changeSettings(known, aChange({ limits: own }, 0), [rules])).soFar;
  if (planId !== null)
    history = given(...history).when((known) => startSubscription(known, aStart('p', planId, 0), [rules])).soFar;
  const opened = accountAfter(history);
  if (opened === undefined) throw new Error('no account');
  return opened;
}

type Limit = readonly [limit: number, source: string] | null;
const shown = (each: Limit) => each && { limit: each[0], source: each[1] };
const both = (minute: Limit, day: Limit) => ({ minute: shown(minute), day: shown(day) });
const effective = (known: Account, { rulebook }: PublishedRulebook, group: string | null, hour = 1) =>
  limitsOf(known, rulebook, group, planInForce(known, rulebook, at(hour)), at(hour));

describe('the limits of an account', () => {
  const rules = rulesOf({
    tiers: [{ id: 'default', rank: 1, limits: limits(10, 100) }],
    groups: [
      { id: 'default', models: ['*'], limits: limits(20, 200) },
      { id: 'bare', models: ['*'] },
      { id: 'open', models: ['*'], limits: limits(null) },
    ],
    creditsPerUnit: '100',
    plans: [plan('starter', { limits: limits(30, 300) }), plan('plain', {})],
  });

  it.each<[string, Limits | null, string | null, string | null, object]>([
    ['the account’s own', limits(1, 2), 'default', 'starter', both([1, 'account'], [2, 'account'])],
    ['else the group’s', null, 'default', 'starter', both([20, 'group:default'], [200, 'group:default'])],
    ['else the plan’s', null, 'bare', 'starter', both([30, 'plan:starter'], [300, 'plan:starter'])],
    ['else the tier’s', null, 'bare', 'plain', both([10, 'tier:default'], [100, 'tier:default'])],
    ['without a group and a plan', null, null, null, both([10, 'tier:default'], [100, 'tier:default'])],
    ['each on its own', limits(undefined, 7), 'open', null, both(null, [7, 'account'])],
    ['unlimited, which ends the search', limits(null, null), 'default', 'starter', both(null, null)],
    ['of a group that is gone', null, 'gone', null, both([10, 'tier:default'], [100, 'tier:default'])],
  ])('are %s', (_what, own, group, planId, expected) => {
    expect(effective(account(rules, own, planId), rules, group)).toEqual(expected);
  });

  it('are nobody’s where nobody says anything', () => {
    const silent = rulesOf({});
    expect(effective(account(silent, null, null), silent, null)).toEqual(both(null, null));
  });

  it('are the default plan’s while none runs, and the tier’s once it is over where there is no default', () => {
    const plans = [plan('free', { limits: limits(3) }), plan('paid', { limits: limits(5), periodDays: 1 })];
    const withDefault = rulesOf({ creditsPerUnit: '100', plans, defaultPlan: 'free' });
    const paid = account(withDefault, null, 'paid');
    const minuteAt = (hour: number): unknown => effective(paid, withDefault, null, hour).minute;
    expect(minuteAt(23)).toEqual({ limit: 5, source: 'plan:paid' });
    expect(minuteAt(24)).toEqual({ limit: 3, source: 'plan:free' });
  });

  it.each<[string, object, number | null]>([
    ['the cap in requests', { caps: { daily: { requests: 50 } } }, 50],
    [
      'the smaller of a day’s limit and the cap',
      { caps: { daily: { requests: 50 } }, limits: limits(undefined, 40) },
      40,
    ],
    ['the cap where it is the smaller', { caps: { daily: { requests: 50 } }, limits: limits(undefined, 60) }, 50],
    ['the cap where the day is unlimited', { caps: { daily: { requests: 50 } }, limits: limits(undefined, null) }, 50],
    ['no cap in credits', { caps: { daily: { credits: '50' } }, limits: limits(undefined, 60) }, 60],
  ])('of a plan’s day are %s', (_what, terms, expected) => {
    const running = rulesOf({ creditsPerUnit: '100', plans: [plan('starter', terms)] });
    const ofDefault = rulesOf({ creditsPerUnit: '100', plans: [plan('starter', terms)], defaultPlan: 'starter' });
    const day = { limit: expected, source: 'plan:starter' };
    expect(effective(account(running, null, 'starter'), running, null).day).toEqual(day);
    expect(effective(account(ofDefault, null, null), ofDefault, null).day).toEqual(day);
  });

  it('are those of the rulebook of now, but for the cap, which is a term of what was paid', () => {
    const before = withPlans({ plans: [plan('starter', { caps: { daily: { requests: 50 } }, limits: limits(5) })] });
    const after = withPlans({ plans: [plan('starter', { caps: { daily: { requests: 9 } }, limits: limits(6) })] }, 2);
    const paid = account(before, null, 'starter');
    expect(effective(paid, after, null)).toEqual(both([6, 'plan:starter'], [50, 'plan:starter']));
  });
});
