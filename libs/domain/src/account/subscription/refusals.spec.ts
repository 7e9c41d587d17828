import { aCancellation, aRenewal, aStart, aSwitch, withPlans } from '../../testing/plans';
import { at, nowAt } from '../../testing/commands';
import { given } from '../../testing/given';
import type { Account } from '../account';
import type { AccountRefusal, Decision } from '../decision';
import type { AccountEvent } from '../events';
import { openAccount } from '../standing/open';
import { cancelSubscription } from './cancel';
import { renewSubscription } from './renew';
import { startSubscription } from './start';
import { switchPlan } from './switch';

const rules = [withPlans()];
const opened = given().when((account) => openAccount(account, nowAt(0), rules)).events;
const started = given(...opened).when((account) => startSubscription(account, aStart('p', 'starter', 1), rules)).soFar;
const once = given(...opened).when((account) =>
  startSubscription(account, aStart('p', 'starter', 1, { kind: 'one-time' }), rules),
).soFar;
const cancelled = given(...started).when((account) => cancelSubscription(account, aCancellation(2))).soFar;

/** What is wrong, the first first: each case is wrong in this and in all that come after it in its verb. */
type Case = readonly [AccountRefusal, readonly AccountEvent[], (account: Account | undefined) => Decision];

const early = { occurredAt: at(0) - 1, now: at(9) };
const ahead = { occurredAt: at(10), now: at(9) };
const wrong = { provider: 'stripe', plan: 'none' } as const;
const start =
  (more: object, hour = 9) =>
  (account: Account | undefined) =>
    startSubscription(account, aStart('p', 'none', hour, { ...wrong, digest: 'other', ...more }), rules);
const renew = (more: object) => (account: Account | undefined) =>
  renewSubscription(account, aRenewal('p', 9, { provider: 'stripe', digest: 'other', ...more }), rules);
const change = (more: object) => (account: Account | undefined) =>
  switchPlan(account, aSwitch('p', 'none', 9, { ...wrong, digest: 'other', ...more }), rules);
const fresh = { paymentRef: 'fresh' };

const cases: Readonly<Record<string, readonly Case[]>> = {
  start: [
    ['unknown_account', [], start({})],
    ['idempotency_conflict', started, start({ time: ahead })],
    ['occurred_at_in_future', started, start({ ...fresh, time: ahead })],
    ['occurred_at_out_of_order', started, start({ ...fresh, time: early })],
    ['no_rulebook', opened, (account) => startSubscription(account, aStart('fresh', 'none', 9, wrong), [])],
    ['subscription_active', started, start(fresh)],
    ['provider_unsupported', opened, start(fresh)],
    ['unknown_plan', opened, start({ ...fresh, provider: 'manual' })],
  ],
  renew: [
    ['unknown_account', [], renew({})],
    ['idempotency_conflict', started, renew({ time: ahead })],
    ['occurred_at_in_future', started, renew({ ...fresh, time: ahead })],
    ['occurred_at_out_of_order', started, renew({ ...fresh, time: early })],
    ['no_rulebook', opened, (account) => renewSubscription(account, aRenewal('fresh', 9), [])],
    ['no_subscription', opened, renew(fresh)],
    ['not_renewable', once, renew(fresh)],
    ['not_renewable', cancelled, renew(fresh)],
    ['provider_unsupported', started, renew(fresh)],
    [
      'unknown_plan',
      started,
      (account) => renewSubscription(account, aRenewal('fresh', 9), [withPlans({ plans: [] })]),
    ],
  ],
  switch: [
    ['unknown_account', [], change({})],
    ['idempotency_conflict', started, change({ time: ahead })],
    ['occurred_at_in_future', started, change({ ...fresh, time: ahead })],
    ['occurred_at_out_of_order', started, change({ ...fresh, time: early })],
    ['no_rulebook', opened, (account) => switchPlan(account, aSwitch('fresh', 'none', 9), [])],
    ['no_subscription', opened, change(fresh)],
    ['same_plan', started, change({ ...fresh, plan: 'starter' })],
    ['provider_unsupported', started, change(fresh)],
    ['unknown_plan', started, change({ ...fresh, provider: 'manual' })],
  ],
  cancel: [
    ['unknown_account', [], (account) => cancelSubscription(account, { time: ahead })],
    ['occurred_at_in_future', opened, (account) => cancelSubscription(account, { time: ahead })],
    ['occurred_at_out_of_order', opened, (account) => cancelSubscription(account, { time: early })],
    ['no_subscription', opened, (account) => cancelSubscription(account, aCancellation(9))],
    ['no_subscription', started, (account) => cancelSubscription(account, aCancellation(1 + 30 * 24))],
  ],
};

describe('what is wrong with a command on a plan', () => {
  const table = Object.entries(cases).flatMap(([verb, list]) => list.map((each) => [verb, ...each] as const));
  it.each(table)('%s: %s', (_verb, code, history, decide) => {
    given(...history)
      .when(decide)
      .thenRefused(code);
  });

  it('is a provider that takes no payments of its kind', () => {
    const kind = 'one-time';
    given(...opened)
      .when((account) => startSubscription(account, aStart('x', 'starter', 9, { kind, provider: 'card' }), rules))
      .thenRefused('provider_unsupported');
    given(...once)
      .when((account) => switchPlan(account, aSwitch('x', 'premium', 9, { provider: 'card' }), rules))
      .thenRefused('provider_unsupported');
  });
});

describe('the id of a payment', () => {
  it('is one space for starts, renewals and switches', () => {
    const renewed = given(...started).when((account) => renewSubscription(account, aRenewal('q', 2), rules)).soFar;
    given(...renewed)
      .when((account) => switchPlan(account, aSwitch('q', 'premium', 3), rules))
      .thenRefused('idempotency_conflict');
    given(...renewed)
      .when((account) => startSubscription(account, aStart('q', 'premium', 3), rules))
      .thenRefused('idempotency_conflict');
  });

  it('repeats what it paid, whatever has come since', () => {
    const switched = given(...started).when((account) => switchPlan(account, aSwitch('q', 'premium', 3), rules)).soFar;
    given(...switched)
      .when((account) => startSubscription(account, aStart('p', 'starter', 9), rules))
      .thenRepeats(1);
    given(...switched)
      .when((account) => switchPlan(account, aSwitch('q', 'premium', 9), rules))
      .thenRepeats(2);
  });
});
