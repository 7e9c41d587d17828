import * as fc from 'fast-check';

/** A story has so many steps on average. */
export const stepsPerStory = 25;

/** An instant that is told by what stands near it: one of those that matter there, and so many milliseconds from it. */
export interface Near {
  readonly which: number;
  readonly offset: number;
}

/** Something to ask of an account, before it is known when that will be. */
export type Doing =
  | { readonly does: 'open' }
  | {
      readonly does: 'recharge';
      readonly id: number;
      readonly amount: string;
      readonly currency: string;
      readonly provider: string;
    }
  | {
      readonly does: 'grant';
      readonly id: number;
      readonly amount: string | null;
      readonly reason: string;
      readonly expires: Near | null;
    }
  | {
      readonly does: 'usage';
      readonly usages: readonly {
        readonly model: string;
        readonly group: string | null;
        readonly channel: string | null;
        readonly requests: number;
        readonly at: Near | null;
      }[];
    }
  | { readonly does: 'reverse'; readonly id: number; readonly usage: number }
  | { readonly does: 'pay-as-you-go'; readonly on: boolean }
  | { readonly does: 'multiply'; readonly by: string | null }
  | { readonly does: 'pin'; readonly tier: string | null }
  | { readonly does: 'earn' }
  /** A command of before, sent again as it was. */
  | { readonly does: 'again'; readonly which: number };

export interface Step {
  /** Until when nothing happens; null for none of it. */
  readonly wait: Near | null;
  readonly doing: Doing;
  /** When it says that it occurred; null for now. */
  readonly occurredAt: Near | null;
}

const near: fc.Arbitrary<Near> = fc.record({
  which: fc.nat(99),
  offset: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(-1, 0, 1) },
    fc.integer({ min: -7_200_000, max: 7_200_000 }),
  ),
});
const rarely = (each: fc.Arbitrary<Near>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: each });
const often = (each: fc.Arbitrary<Near>) =>
  fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: each });
const id = fc.nat(9);
const amount = fc.constantFrom('1', '5', '10', '30', '0.01', '12.345678', '0.000001');

const usage = fc.record({
  model: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom('one', 'two') },
    { weight: 1, arbitrary: fc.constant('none') },
  ),
  group: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(null, 'vip') },
    { weight: 1, arbitrary: fc.constant('none') },
  ),
  channel: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(null, 'relay') },
    { weight: 1, arbitrary: fc.constant('none') },
  ),
  requests: fc.integer({ min: 0, max: 7 }),
  at: often(near),
});

const doings: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ does: fc.constant('open' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('recharge' as const),
      id,
      amount,
      currency: fc.constantFrom('USD', 'USD', 'CNY', 'EUR'),
      provider: fc.constantFrom('manual', 'manual', 'creem', 'stripe'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('grant' as const),
      id,
      amount: fc.option(amount, { nil: null, freq: 5 }),
      reason: fc.constantFrom('trial', 'trial', 'gift'),
      expires: often(near),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      does: fc.constant('usage' as const),
      usages: fc.array(usage, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('reverse' as const), id, usage: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('pay-as-you-go' as const), on: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('multiply' as const), by: fc.constantFrom(null, '0.3333333', '2', '-1') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('pin' as const), tier: fc.constantFrom(null, 'vip', 'svip', 'none') }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('earn' as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('again' as const), which: fc.nat(99) }) },
);

const step = fc.record({ wait: often(near), doing: doings, occurredAt: rarely(near) });
/** Most accounts are there from the beginning. */
const opened: fc.Arbitrary<Step> = step.map((each) => ({
  ...each,
  wait: null,
  doing: { does: 'open' },
  occurredAt: null,
}));

/** What may be asked of an account, in any order, around the instants that matter. */
export const stories: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.oneof({ weight: 9, arbitrary: opened }, { weight: 1, arbitrary: step }),
    fc.array(step, { minLength: 0, maxLength: 2 * stepsPerStory - 2, size: 'max' }),
  )
  .map(([first, rest]) => [first, ...rest]);
