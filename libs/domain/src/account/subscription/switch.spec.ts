import { toText } from '../../amount/decimal';
import { postingsOf } from '../../entries/postings';
import { aRecharge, at, atText, nowAt, usage } from '../../testing/commands';
import { given } from '../../testing/given';
import { aCancellation, aRenewal, aStart, aSwitch, withPlans } from '../../testing/plans';
import type { Account } from '../account';
import { chargeUsage } from '../charging/charge';
import { accepted, alreadySo, type Decision } from '../decision';
import type { AccountEvent } from '../events';
import { openAccount } from '../standing/open';
import { receiveRecharge } from '../wallet/recharge';
import { cancelSubscription } from './cancel';
import { earned } from './fee';
import { renewSubscription } from './renew';
import { startSubscription } from './start';
import { quoteSwitch, switchPlan } from './switch';

const DAY = 24;
const rules = [withPlans()];

const charge =
  (requests: number, hour: number, rulebooks = rules) =>
  (account: Account | undefined): Decision => {
    const event = account && chargeUsage(account, [usage(`u${hour}`, requests, hour)], rulebooks).event;
    return event ? accepted(event) : alreadySo;
  };

/** An account on a plan since the hour 0. */
function on(planId: string, rulebooks = rules): readonly AccountEvent[] {
  const opened = given().when((account) => openAccount(account, nowAt(0), rulebooks)).events;
  return given(...opened).when((account) => startSubscription(account, aStart('old', planId, 0), rulebooks)).soFar;
}

const switched = (history: readonly AccountEvent[], planId: string, hour: number, rulebooks = rules) =>
  given(...history).when((account) => switchPlan(account, aSwitch('new', planId, hour), rulebooks));

/** Two plans, and how a switch counts. */
const counting = (old: object, next: object, switching: object) => [
  withPlans({
    plans: [
      { id: 'old', models: ['*'], bonus: '0', periodDays: 30, ...old },
      { id: 'next', models: ['*'], ...next },
    ],
    switching,
  }),
];

describe('usage around a switch', () => {
  it('is paid by the new plan from its instant on, and by no plan where it occurred before and comes later', () => {
    const account = switched(on('starter'), 'premium', 5).account;
    const chargeAt = (hour: number) => chargeUsage(account, [usage('u', 1, hour)], rules).event?.charges[0];
    expect(chargeAt(4.999)).not.toHaveProperty('plan');
    expect(chargeAt(5)).toMatchObject({ plan: 'premium', credits: [1, '100', '0'] });
  });
});

describe('the credit of a switch', () => {
  it('is 90 % on the same day: a tenth counts as used up at least', () => {
    switched(on('starter'), 'premium', 0).thenEvents({
      credit: '9',
      wallet: '9',
      proration: { time: '0', tokens: '0', consumed: '0.1', minimumConsumed: '0.1', oldPrice: '10', newPrice: '25' },
    });
  });

  it('counts a week as a quarter of a cycle of 28 days', () => {
    switched(on('starter'), 'premium', 7 * DAY).thenEvents({
      credit: '7.5',
      proration: { time: '0.25', consumed: '0.25', elapsedMs: 7 * DAY * 3_600_000, cycleDays: 28 },
    });
  });

  it('counts the credits that were used, the main pool three times as much as the backup pool', () => {
    const history = given(...on('starter')).when(charge(18, 1)).soFar;
    switched(history, 'premium', 2).thenEvents({
      proration: { used: ['1200', '600'], granted: ['1200', '3000'], tokens: '0.8', consumed: '0.8' },
      credit: '2',
    });
  });

  it('is never more than the new plan costs more', () => {
    const old = { price: '10' };
    const { events } = switched(
      on('old', counting(old, { price: '14' }, {})),
      'next',
      0,
      counting(old, { price: '14' }, {}),
    );
    expect(events).toMatchObject([{ credit: '4' }]);
  });

  it('is nothing for a plan that costs less, and then there is no lot', () => {
    const [event] = switched(on('premium'), 'starter', 7 * DAY).events;
    expect(event).toMatchObject({ credit: '0', wallet: '0', settled: '0' });
    expect(event).not.toHaveProperty('lot');
  });

  it('is rounded down to the cent, from exact fractions', () => {
    // 10 × (1 − 1/3) = 6.666…
    const thirds = counting({ price: '10' }, { price: '90' }, { cycleDays: 3 });
    switched(on('old', thirds), 'next', DAY, thirds).thenEvents({
      credit: '6.66',
      proration: { time: '0.333333333333', consumed: '0.333333333333' },
    });
    // 0.3 × (1 − 9/10) is 0.03 and not a little less, which would be 0.02.
    const tenths = counting({ price: '0.3' }, { price: '90' }, { cycleDays: 10 });
    switched(on('old', tenths), 'next', 9 * DAY, tenths).thenEvents({ credit: '0.03' });
  });

  it('is never more than is unearned, whatever a cycle is long', () => {
    // 29 of 60 days leave 5.16 of 10; of the fee of 30 days 0.333334 is unearned.
    const slow = counting({ price: '10' }, { price: '90' }, { cycleDays: 60, minimumConsumed: '0' });
    switched(on('old', slow), 'next', 29 * DAY, slow).thenEvents({
      credit: '0.33',
      proration: { unearned: '0.333334', consumed: '0.483333333333' },
    });
  });

  it('has no part of pools that were never filled', () => {
    const empty = counting({ price: '10' }, { price: '90' }, { minimumConsumed: '0' });
    switched(on('old', empty), 'next', 0, empty).thenEvents({ credit: '10', proration: { tokens: '0' } });
  });

  it('is nothing where weights make more than the whole count as used up', () => {
    const heavy = counting(
      { price: '10', baseCredits: '1000', backup: '0' },
      { price: '90' },
      { mainWeight: '5', backupWeight: '0' },
    );
    const history = given(...on('old', heavy)).when(charge(5, 1, heavy)).soFar;
    switched(history, 'next', 2, heavy).thenEvents({ credit: '0', proration: { consumed: '2.5' } });
  });

  it('is all of a renewal that was paid and has not begun', () => {
    const history = given(...on('starter')).when((account) =>
      renewSubscription(account, aRenewal('r', DAY), rules),
    ).soFar;
    const after = switched(history, 'premium', 7 * DAY);
    after.thenEvents({
      credit: '17.5',
      proration: { renewals: '10' },
      oldPaymentRef: 'r',
      lapsed: ['2400', '3000'],
      pools: ['1200', '3000'],
    });
    const plans = after.account.subscription;
    // All of the old fees that was not credited is earned at once; the new one as time goes.
    expect(plans && toText(earned(plans, at(7 * DAY)))).toBe('2.5');
    expect(plans && toText(earned(plans, at(37 * DAY)))).toBe('27.5');
  });

  it('settles what is owed before it fills a paid lot', () => {
    const opened = given().when((account) => openAccount(account, nowAt(0), rules)).events;
    const owing = given(...opened).when(charge(3, 0)).soFar;
    const started = given(...owing).when((account) => startSubscription(account, aStart('old', 'starter', 1), rules));
    const after = switched(started.soFar, 'premium', 1);
    after.thenEvents({ credit: '9', settled: '3', lot: 0, wallet: '6', receivable: '0' });
    expect(after.account.lots).toMatchObject([{ kind: 'paid', left: { coefficient: 6n } }]);
  });

  it('burns as paid money does', () => {
    const after = switched(on('starter'), 'premium', 0);
    expect(after.account.lots).toMatchObject([{ kind: 'paid', id: 'new', expiresAt: null }]);
    const more = given(...after.soFar).when((account) => receiveRecharge(account, aRecharge('r', '1', 1), rules));
    expect(more.account.burnOrder.map(({ id }) => id)).toEqual(['new', 'r']);
  });
});

describe('a switch', () => {
  it('starts the new plan at once with full pools, of the same kind, and not cancelled', () => {
    const cancelled = given(...on('starter')).when((account) => cancelSubscription(account, aCancellation(1))).soFar;
    const after = switched(cancelled, 'premium', 2);
    after.thenEvents({ period: { number: 1, plan: 'premium', kind: 'auto-renew', from: atText(2), main: '1200' } });
    given(...after.soFar)
      .when((account) => renewSubscription(account, aRenewal('r', 3), rules))
      .thenEvents({ type: 'SubscriptionRenewed', period: { plan: 'premium' } });
  });

  it('names the payment that is to be cancelled, and is one entry that sums to zero', () => {
    const [event] = switched(on('starter'), 'premium', 7 * DAY).events;
    expect(event).toMatchObject({ from: 'starter', oldProvider: 'manual', oldPaymentRef: 'old' });
    expect(event && postingsOf(event, 'a').map(({ ledgerAccount, amount }) => [ledgerAccount, toText(amount)])).toEqual(
      [
        ['assets:cash:manual', '25'],
        ['liabilities:deferred:a', '-17.5'],
        ['liabilities:wallet:a', '-7.5'],
        ['pools:issued', '4200'],
        // Main and backup were as full as the new ones are.
        ['pools:expired', '-4200'],
      ],
    );
  });

  it('can follow on a switch at the same instant', () => {
    const first = switched(on('starter'), 'premium', 0).soFar;
    const second = given(...first).when((account) => switchPlan(account, aSwitch('third', 'lifted', 0), rules));
    second.thenEvents({ from: 'premium', credit: '0', period: { number: 2 } });
    expect(second.account.subscription?.timeline.map(({ number }) => number)).toEqual([2]);
  });

  it('leaves late usage of the old period to the wallet', () => {
    const after = switched(on('starter'), 'premium', 7 * DAY).soFar;
    const [event] = given(...after).when(charge(1, DAY)).events;
    expect(event).toMatchObject({ charges: [{ lots: [[0, '1']] }], pools: ['1200', '3000'] });
    expect(event).not.toHaveProperty('charges[0].plan');
  });
});

describe('a quote of a switch', () => {
  it('shows what the switch then does, and changes nothing', () => {
    const history = given(...on('starter')).when(charge(10, 1)).soFar;
    const before = given(...history).when(() => alreadySo).account;
    const quote = quoteSwitch(before, 'premium', at(3 * DAY), withPlans().rulebook);
    if (quote.kind === 'refused') throw new Error(quote.detail);
    switched(history, 'premium', 3 * DAY).thenEvents({ credit: toText(quote.credit), proration: quote.proration });
  });

  it('is refused as the switch is', () => {
    const account = given(...on('starter')).when(() => alreadySo).account;
    const { rulebook } = withPlans();
    expect(quoteSwitch(undefined, 'premium', at(1), rulebook)).toMatchObject({ code: 'unknown_account' });
    expect(quoteSwitch(account, 'premium', at(31 * DAY), rulebook)).toMatchObject({ code: 'no_subscription' });
    expect(quoteSwitch(account, 'starter', at(1), rulebook)).toMatchObject({ code: 'same_plan' });
    expect(quoteSwitch(account, 'none', at(1), rulebook)).toMatchObject({ code: 'unknown_plan' });
  });
});
