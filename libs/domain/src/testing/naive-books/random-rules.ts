import * as fc from 'fast-check';
import type { NaivePlan, NaiveRules } from './rules';

const amounts = fc.constantFrom('1', '0.5', '3', '0.3333333', '7.25', '12', '1', '2', '0.01', '1', '5', '0');
const factors = fc.constantFrom(
  '1',
  '0.5',
  '0.87',
  '1',
  '1.8',
  '0.3333333',
  '1',
  '2',
  '1',
  '1',
  '0.9',
  '1.25',
  '1',
  '0.7',
  '0',
);
const optional = <T>(member: fc.Arbitrary<T>) => fc.option(member, { nil: undefined, freq: 2 });

const mostlyThere = <T>(member: fc.Arbitrary<T>) => fc.option(member, { nil: undefined, freq: 12 });

export const planNames: readonly string[] = ['small', 'big', 'pass'];

const plan = (id: string): fc.Arbitrary<NaivePlan> =>
  fc
    .record({
      price: fc.constantFrom('10', '25', '9.99', '50', '7.123456', '0.01', '0'),
      baseCredits: mostlyThere(fc.constantFrom('1000', '100', '33.3', '400', '7', '0')),
      bonus: optional(fc.constantFrom('0', '0.2', '1', '0.3333333')),
      backup: optional(fc.constantFrom('0', '1', '3', '0.5')),
      tier: optional(fc.constantFrom('vip', 'svip')),
      caps: optional(
        fc.record({
          daily: optional(
            fc.constantFrom(
              { credits: '40' },
              { credits: '100' },
              { credits: '250' },
              { requests: 5 },
              { credits: '0' },
            ),
          ),
          weekly: optional(fc.constantFrom({ credits: '100' }, { credits: '40' }, { credits: '250.5' })),
        }),
      ),
      budget: optional(fc.constantFrom({ priceMultiple: '10' }, { priceMultiple: '4' }, { priceMultiple: '1' })),
      periodDays: fc.constantFrom(1, 2, 3, 10),
    })
    .map((each) => ({ id, ...each }));

const model = (id: string) =>
  fc.record({
    id: fc.constant(id),
    group: fc.constantFrom('default', 'vip'),
    price: fc.record({ mode: fc.constant('request'), unit: amounts }),
    cost: fc.record({ mode: fc.constant('request'), unit: amounts }),
  });

/** What may change from one version to the next. */
const terms = fc.record({
  rounding: fc.record({
    scale: fc.constantFrom(0, 2, 6, 9),
    mode: fc.constantFrom('half-up', 'half-even', 'up', 'down'),
  }),
  fx: fc.constantFrom([{ pair: 'USD/CNY', rate: '7.3' }], [{ pair: 'CNY/USD', rate: '0.125' }], []),
  discounts: fc.tuple(factors, factors, factors),
  promotion: fc.constantFrom(
    [],
    [
      { tier: 'vip', anyOf: [{ anyRecharge: true }] },
      { tier: 'svip', anyOf: [{ singleRechargeAtLeast: '30' }, { cumulativeRechargeAtLeast: '50' }] },
    ],
    [{ tier: 'svip', anyOf: [{ singleRechargeAtLeast: '20', cumulativeRechargeAtLeast: '40' }] }],
  ),
  hasMatrix: fc.boolean(),
  cells: fc.array(factors, { minLength: 6, maxLength: 6 }),
  groupMultiplier: optional(factors),
  channelDiscount: optional(factors),
  models: fc.tuple(model('one'), model('two')),
  requiresOptIn: fc.boolean(),
  starterGrant: optional(
    fc.record({
      amount: fc.constantFrom('5', '0.01'),
      reason: fc.constant('trial'),
      expiresAfterDays: fc.constantFrom(null, 1),
      automatic: fc.boolean(),
    }),
  ),
  refund: mostlyThere(fc.record({ windowDays: fc.constantFrom(1, 3, 14, 14) })),
  minimumRecharge: optional(fc.constantFrom('2', '5')),
  kinds: fc.oneof(
    fc.constant(undefined),
    fc.constant(undefined),
    fc.constantFrom(['auto-renew'], ['one-time'], ['auto-renew', 'one-time']),
  ),
  creditsPerUnit: fc.constantFrom('100', '1', '32', '0.5'),
  drawOrder: optional(fc.shuffledSubarray(['main', 'backup', 'wallet'], { minLength: 3 })),
  plans: fc.tuple(...planNames.map(plan)),
  hasGonePlan: fc.integer({ min: 0, max: 14 }),
  switching: optional(
    fc.record({
      cycleDays: fc.constantFrom(1, 2, 28),
      mainWeight: fc.constantFrom('0.75', '1', '0.3333333'),
      backupWeight: fc.constantFrom('0.25', '0'),
      minimumConsumed: fc.constantFrom('0.1', '0', '0.3333333'),
    }),
  ),
  renewal: optional(
    fc.record({
      main: fc.constantFrom('refill' as const, 'carry' as const),
      backup: fc.constantFrom('refill' as const, 'carry' as const),
    }),
  ),
});

/** Commercial rules of every shape, as content that can be published. */
export const randomRules: fc.Arbitrary<NaiveRules> = terms.map((each) => {
  const { discounts, cells, hasMatrix, groupMultiplier, channelDiscount, requiresOptIn, minimumRecharge, kinds } = each;
  const { hasGonePlan, plans, rounding, fx, promotion, models, starterGrant, refund, creditsPerUnit } = each;
  const row = (first: number) => ({ default: cells[first] ?? '1', vip: cells[first + 1] ?? '1' });
  const content = {
    currency: 'USD',
    fx,
    rounding,
    tiers: ['default', 'vip', 'svip'].map((id, index) => ({ id, rank: index + 1, discount: discounts[index] })),
    promotion,
    tierMultipliers: hasMatrix ? { default: row(0), vip: row(2), svip: row(4) } : undefined,
    groups: [{ id: 'default' }, { id: 'vip', multiplier: groupMultiplier }],
    channels: [{ id: 'relay', discount: channelDiscount }],
    models,
    wallet: { requiresOptIn },
    starterGrant,
    refund,
    providers: { manual: {}, creem: { minimumRecharge, kinds } },
    creditsPerUnit,
    drawOrder: each.drawOrder,
    plans: plans.filter((_, index) => index !== hasGonePlan),
    switching: each.switching,
    renewal: each.renewal,
  };
  return JSON.parse(JSON.stringify(content)) as NaiveRules;
});
