import * as fc from 'fast-check';
import type { Step } from '../naive-books/stories';
import { anyStep, firstStep, stepsPerStory } from '../naive-books/stories';
import type { NaiveLimits } from './access-rules';

/** How long nothing happens: so many milliseconds, or until so many from one of the instants that matter to access. */
export type AccessWait = { readonly ms: number } | { readonly which: number; readonly offset: number };

export type AccessDoing =
  | {
      readonly does: 'authorize';
      readonly id: number;
      readonly model: string;
      readonly key: string | null;
      readonly group: string | null;
      readonly channel: string | null;
      readonly requests: number;
      readonly hold: boolean;
    }
  /** A request of before, sent again as it was. */
  | { readonly does: 'ask again'; readonly which: number }
  | { readonly does: 'release'; readonly which: number }
  | { readonly does: 'settle'; readonly which: number; readonly model: string; readonly requests: number }
  | { readonly does: 'issue' | 'regroup'; readonly key: string; readonly group: string | null }
  | { readonly does: 'revoke'; readonly key: string }
  | { readonly does: 'limit'; readonly limits: NaiveLimits | null }
  | { readonly does: 'suspend'; readonly suspended: boolean };

export type AccessStep =
  | { readonly of: 'books'; readonly step: Step }
  | { readonly of: 'access'; readonly wait: AccessWait; readonly doing: AccessDoing };

function mostly<T>(usual: readonly T[], seldom: T): fc.Arbitrary<T> {
  return fc.oneof({ weight: 24, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: fc.constant(seldom) });
}

const model = mostly(['one', 'two', 'labs-x'], 'none');
const key = fc.constantFrom('k1', 'k2');
const keyGroup = mostly([null, 'vip', 'default'], 'none');
const requests = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 9, arbitrary: fc.integer({ min: 1, max: 3 }) },
);

const doings: fc.Arbitrary<AccessDoing> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.record({
      does: fc.constant('authorize' as const),
      id: fc.nat(40),
      model,
      key: mostly([null, null, null, null, null, 'k1'], 'k2'),
      group: mostly([null, null, 'vip'], 'none'),
      channel: mostly([null, null, 'relay'], 'none'),
      requests,
      hold: fc.constantFrom(true, true, true, false),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('ask again' as const), which: fc.nat(99) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('release' as const), which: fc.nat(20) }) },
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constant('settle' as const), which: fc.nat(20), model, requests }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constantFrom('issue' as const, 'regroup' as const), key, group: keyGroup }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('revoke' as const), key }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('limit' as const),
      limits: fc.constantFrom(null, { requestsPerMinute: 2 }, { requestsPerDay: 3, requestsPerMinute: null }, {}),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('suspend' as const),
      suspended: fc.constantFrom(false, false, false, true),
    }),
  },
);

const waits: fc.Arbitrary<AccessWait> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ ms: 0 }) },
  { weight: 3, arbitrary: fc.record({ ms: fc.integer({ min: 1, max: 25_000 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ which: fc.nat(99), offset: fc.constantFrom(-1, 0, 1, 500, 999, 1000, 1001) }),
  },
);

/** Most accounts have money and a key from the beginning. */
const beginnings: fc.Arbitrary<readonly AccessStep[]> = fc.constantFrom<readonly AccessStep[]>(
  [],
  [recharged('30')],
  [recharged('30'), issued(null)],
  [recharged('30'), issued('vip')],
);

function recharged(amount: string): AccessStep {
  const doing = { does: 'recharge', id: 9, amount, currency: 'USD', provider: 'manual' } as const;
  return { of: 'books', step: { wait: null, doing, occurredAt: null } };
}

function issued(group: string | null): AccessStep {
  return { of: 'access', wait: { ms: 0 }, doing: { does: 'issue', key: 'k1', group } };
}

const step: fc.Arbitrary<AccessStep> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ of: fc.constant('access' as const), wait: waits, doing: doings }) },
  { weight: 2, arbitrary: anyStep.map((each): AccessStep => ({ of: 'books', step: each })) },
);

/** What may be asked of an account and of access to it, in any order. */
export const accessStories: fc.Arbitrary<readonly AccessStep[]> = fc
  .tuple(firstStep, beginnings, fc.array(step, { minLength: 0, maxLength: 2 * stepsPerStory - 2, size: 'max' }))
  .map(([first, then, rest]) => [{ of: 'books', step: first }, ...then, ...rest]);
