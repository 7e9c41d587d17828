import * as fc from 'fast-check';

/** A story has so many steps on average. */
export const stepsPerStory = 25;

/** An instant that is told by what stands near it: one of those that matter there, and so many milliseconds from it. */
export interface Near {
  readonly which: number;
  readonly offset: number;
}

export type PlanDoing =
  | {
      readonly does: 'start';
      readonly id: number;
      readonly plan: string;
      readonly kind: 'auto-renew' | 'one-time';
      readonly provider: string;
    }
  | { readonly does: 'renew'; readonly id: number; readonly provider: string }
  | { readonly does: 'cancel' }
  | { readonly does: 'switch'; readonly id: number; readonly plan: string; readonly provider: string };

export type MoneyBackDoing =
  | { readonly does: 'refund'; readonly id: number; readonly recharge: number }
  | { readonly does: 'dispute'; readonly id: number; readonly recharge: number; readonly amount: string | null }
  | { readonly does: 'won'; readonly dispute: number }
  | { readonly does: 'lost'; readonly dispute: number; readonly fee: string | null }
  | { readonly does: 'write-off'; readonly id: number; readonly amount: string };

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
  | PlanDoing
  | MoneyBackDoing
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
/** The last one seldom. */
function mostly<T>(usual: readonly T[], seldom: T): fc.Arbitrary<T> {
  return fc.oneof({ weight: 24, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: fc.constant(seldom) });
}

const id = fc.nat(9);
const paymentId = fc.nat(30);
const plan = mostly(['small', 'big', 'pass'], 'none');
const provider = mostly(['manual', 'creem'], 'stripe');
const amount = fc.constantFrom('1', '5', '10', '30', '0.01', '12.345678', '0.000001');

const usage = fc.record({
  model: mostly(['one', 'two'], 'none'),
  group: mostly([null, 'vip'], 'none'),
  channel: mostly([null, 'relay'], 'none'),
  requests: fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 14, arbitrary: fc.integer({ min: 1, max: 7 }) },
  ),
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
      currency: mostly(['USD', 'USD', 'CNY'], 'EUR'),
      provider: provider,
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
    weight: 16,
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
  { weight: 3, arbitrary: fc.record({ does: fc.constant('refund' as const), id, recharge: fc.nat(99) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('dispute' as const),
      id,
      recharge: fc.nat(99),
      amount: fc.option(amount, { nil: null, freq: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('won' as const), dispute: fc.nat(99) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('lost' as const),
      dispute: fc.nat(99),
      fee: fc.constantFrom(null, '15', '0.01'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('write-off' as const), id, amount }) },
  {
    weight: 7,
    arbitrary: fc.record({
      does: fc.constant('start' as const),
      id: paymentId,
      plan,
      kind: fc.constantFrom('auto-renew', 'auto-renew', 'auto-renew', 'one-time'),
      provider,
    }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('renew' as const), id: paymentId, provider }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('cancel' as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('switch' as const), id: paymentId, plan, provider }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('again' as const), which: fc.nat(99) }) },
);

/** Mostly nothing passes, or some hours; else all until something that matters. */
const waits = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.record({ which: fc.constant(0), offset: fc.integer({ min: 0, max: 36_000_000 }) }) },
  { weight: 1, arbitrary: near },
);
/** Anything, whenever. */
export const anyStep: fc.Arbitrary<Step> = fc.record({ wait: waits, doing: doings, occurredAt: rarely(near) });
/** Most accounts are there from the beginning. */
const opened: fc.Arbitrary<Step> = anyStep.map((each) => ({
  ...each,
  wait: null,
  doing: { does: 'open' },
  occurredAt: null,
}));

/** How a story begins. */
export const firstStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 29, arbitrary: opened },
  { weight: 1, arbitrary: anyStep },
);

/** What may be asked of an account, in any order, around the instants that matter. */
export const stories: fc.Arbitrary<readonly Step[]> = fc
  .tuple(firstStep, fc.array(anyStep, { minLength: 0, maxLength: 2 * stepsPerStory - 2, size: 'max' }))
  .map(([first, rest]) => [first, ...rest]);
