import * as fc from 'fast-check';
import { encodeEvent } from '@meterbook/books/event-codec';
import type { Account } from '@meterbook/domain/account/account';
import { chargeUsage } from '@meterbook/domain/account/charging/charge';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { evolve } from '@meterbook/domain/account/evolve';
import { openAccount } from '@meterbook/domain/account/standing/open';
import { receiveRecharge } from '@meterbook/domain/account/wallet/recharge';
import { aRecharge, at, nowAt, usage } from '@meterbook/domain/testing/commands';
import { live, steps, stepsOfPayments, type Step } from '@meterbook/domain/testing/histories';
import { liveOnPlans, planSteps, type Happened, type PlanStep } from '@meterbook/domain/testing/plan-histories';
import { published } from '@meterbook/domain/testing/rulebooks';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';

/** An account that somebody pays into, one on plans, or one that is only opened and used, and paid for late or never. */
type Life =
  | { readonly kind: 'any'; readonly story: readonly Step[] }
  | { readonly kind: 'plans'; readonly story: readonly PlanStep[] }
  | { readonly kind: 'no-wallet'; readonly hours: readonly number[]; readonly paidAt: number | null };

const rulebooks = [
  published({
    fx: [{ pair: 'USD/CNY', rate: '7' }],
    refund: { windowDays: 1 },
    tiers: [
      { id: 'default', rank: 1 },
      { id: 'vip', rank: 2 },
    ],
  }),
];
const platforms = ['harbour', 'quarry', 'zoo'];

const lifeArbitrary: fc.Arbitrary<Life> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('any'), story: fc.oneof(steps, stepsOfPayments) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('plans'), story: planSteps }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('no-wallet'),
      hours: fc.array(fc.integer({ min: 10, max: 60 }), { minLength: 1, maxLength: 4 }),
      paidAt: fc.option(fc.integer({ min: 61, max: 70 }), { nil: null }),
    }),
  },
);

/** What happened to an account, whatever kind of life it has; nothing where all was refused. */
export const accountLives: fc.Arbitrary<readonly Happened[]> = lifeArbitrary.map(happenedIn);

/** Everything that stands in a store: the events of some accounts of several platforms, in store order. */
export const storedHistories: fc.Arbitrary<readonly StoredEvent[]> = fc
  .array(fc.tuple(fc.constantFrom(...platforms), lifeArbitrary), { minLength: 2, maxLength: 6 })
  .map((lives) => interleaved(lives.map(([platform, life], i) => ({ stream: `account-${platform}/a${i}`, life }))));

function interleaved(accounts: readonly { readonly stream: string; readonly life: Life }[]): StoredEvent[] {
  const heads = new Map<string, { revision: number; hash: string }>();
  const all = accounts.flatMap(({ stream, life }) => happenedIn(life).map((happened) => ({ stream, ...happened })));
  all.sort((a, b) => a.hour - b.hour);
  return all.map(({ stream, hour, event }, position) => {
    const { revision, hash } = heads.get(stream) ?? { revision: -1, hash: chainStart };
    const stored = encodeEvent(stream, revision + 1, hash, event, { actor: 'test' });
    heads.set(stream, { revision: revision + 1, hash: stored.hash });
    return { ...stored, stream, revision: revision + 1, position: String(position), bookedAt: at(hour) };
  });
}

function happenedIn(life: Life): readonly Happened[] {
  if (life.kind === 'plans') return liveOnPlans(life.story);
  if (life.kind === 'no-wallet') return withoutWallet(life.hours, life.paidAt);
  return live(life.story, rulebooks).decided.flatMap(({ decision, hour }) =>
    decision.kind === 'accepted' ? decision.events.map((event) => ({ hour, event })) : [],
  );
}

function withoutWallet(hours: readonly number[], paidAt: number | null): Happened[] {
  const happened: Happened[] = [];
  let account: Account | undefined;
  const book = (hour: number, events: readonly AccountEvent[]): void => {
    for (const event of events) {
      account = evolve(account, event, happened.length);
      happened.push({ hour, event });
    }
  };
  const opened = openAccount(undefined, nowAt(9), rulebooks);
  if (opened.kind === 'accepted') book(9, opened.events);
  for (const [i, hour] of [...hours].sort((a, b) => a - b).entries()) {
    const event = account && chargeUsage(account, [usage(`u${i}`, 3, hour)], rulebooks).event;
    if (event) book(hour, [event]);
  }
  if (paidAt === null) return happened;
  const paid = receiveRecharge(account, aRecharge('r', '4', paidAt), rulebooks);
  if (paid.kind === 'accepted') book(paidAt, paid.events);
  return happened;
}
