import * as fc from 'fast-check';
import { planNames, randomRules } from '../naive-books/random-rules';
import type { NaiveAccessRules, NaiveLimits } from './access-rules';

const sometimes = <T>(member: fc.Arbitrary<T>) => fc.option(member, { nil: undefined, freq: 1 });
const seldom = fc.constantFrom(false, false, false, false, true);

const limits: fc.Arbitrary<NaiveLimits> = fc.record({
  requestsPerMinute: sometimes(fc.constantFrom(null, 1, 1, 1, 2, 3)),
  requestsPerDay: sometimes(fc.constantFrom(null, 1, 2, 3, 5)),
});
const groupList = fc.constantFrom(
  ['*'],
  ['*'],
  ['*'],
  ['*', '!t*'],
  ['one'],
  ['t*', 'labs-x'],
  ['*', '!labs-*', 'labs-x'],
  [],
);
const planList = fc.constantFrom(['*'], ['*'], ['*'], ['free'], ['*', '!free'], ['o*', 'free'], ['*', '!one']);

const extras = fc.record({
  ofTiers: fc.tuple(sometimes(limits), sometimes(limits), sometimes(limits)),
  priorities: fc.constantFrom(undefined, { level: 7, name: 'urgent' }),
  ofGroups: fc.tuple(sometimes(limits), sometimes(limits)),
  lists: fc.tuple(groupList, groupList),
  minTiers: fc.tuple(
    ...[0, 1, 2].map(() =>
      fc.constantFrom(undefined, undefined, undefined, undefined, undefined, undefined, 'vip', 'svip'),
    ),
  ),
  free: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
  bypassesLimits: seldom,
  unlocksAllModels: seldom,
  planLists: fc.tuple(...planNames.map(() => planList)),
  ofPlans: fc.tuple(...planNames.map(() => sometimes(limits))),
  hasDefault: fc.constantFrom(false, false, true),
  expireAfterSeconds: fc.constantFrom(undefined, 1, 30, 61, 900, 86_400),
});

/** Commercial rules that decide on access too. */
export const randomAccessRules: fc.Arbitrary<NaiveAccessRules> = fc.tuple(randomRules, extras).map(([rules, more]) => {
  const [one, two] = rules.models;
  const models = [...rules.models, { ...(two ?? one), id: 'labs-x' }];
  const plans = (rules.plans ?? []).map((plan, index) => ({
    ...plan,
    models: more.planLists[index] ?? ['*'],
    limits: more.ofPlans[index],
  }));
  const content = {
    ...rules,
    tiers: rules.tiers.map((tier, index) => ({
      ...tier,
      limits: more.ofTiers[index],
      priority: index === 1 ? more.priorities : undefined,
    })),
    groups: rules.groups.map((group, index) => ({
      ...group,
      models: more.lists[index] ?? ['*'],
      limits: more.ofGroups[index],
    })),
    models: models.map((model, index) => ({ ...model, minTier: more.minTiers[index], free: more.free[index] })),
    wallet: { ...rules.wallet, bypassesLimits: more.bypassesLimits, unlocksAllModels: more.unlocksAllModels },
    plans,
    defaultPlan: more.hasDefault ? plans[0]?.id : undefined,
    holds: more.expireAfterSeconds === undefined ? undefined : { expireAfterSeconds: more.expireAfterSeconds },
  };
  return JSON.parse(JSON.stringify(content)) as NaiveAccessRules;
});
