import { toText } from '../../amount/decimal';
import { postingsOf } from '../../entries/postings';
import { subscriptionPostings } from '../../entries/subscription-legs';
import { at, atText, nowAt } from '../../testing/commands';
import { given } from '../../testing/given';
import { aCancellation, aRenewal, aStart, withPlans } from '../../testing/plans';
import type { AccountEvent } from '../events';
import { openAccount } from '../standing/open';
import { viewAccount } from '../view';
import { cancelSubscription } from './cancel';
import { earned } from './fee';
import { lapsed } from './pools';
import { renewSubscription } from './renew';
import { startSubscription } from './start';
import type { Subscription } from './subscription';

const rules = [withPlans()];
const DAY = 24;
const opened = given().when((account) => openAccount(account, nowAt(0), rules)).events;
const start = (planId: string, hour: number, history: readonly AccountEvent[] = opened, rulebooks = rules) =>
  given(...history).when((account) => startSubscription(account, aStart(`p${hour}`, planId, hour), rulebooks));
const renew = (history: readonly AccountEvent[], hour: number, rulebooks = rules) =>
  given(...history).when((account) => renewSubscription(account, aRenewal(`p${hour}`, hour), rulebooks));
const plansOf = (history: readonly AccountEvent[]): Subscription => {
  const { subscription } = given(...history).when(() => ({ kind: 'accepted', events: [] })).account;
  if (subscription === null) throw new Error('no subscription');
  return subscription;
};
const viewed = (history: readonly AccountEvent[], hour: number, rulebook = withPlans().rulebook) =>
  viewAccount(given(...history).when(() => ({ kind: 'accepted', events: [] })).account, rulebook, at(hour));
const texts = ({ main, backup }: ReturnType<typeof lapsed>) => [toText(main), toText(backup)];

describe('a start', () => {
  it('grants the base with its bonus, and the backup as a multiple of the base', () => {
    expect(viewed(start('starter', 1).soFar, 1)).toMatchObject({
      pools: {
        main: { granted: '1200', used: '0', remaining: '1200' },
        backup: { granted: '3000', used: '0', remaining: '3000' },
      },
      subscription: { plan: 'starter', kind: 'auto-renew', status: 'active', cancelAtPeriodEnd: false, budget: null },
      available: '42',
    });
  });

  it('runs from its instant on and ends with its last day, which is not part of it', () => {
    const history = start('starter', 1).soFar;
    expect(viewed(history, 1).subscription).toMatchObject({ periodStart: atText(1), periodEnd: atText(1 + 30 * DAY) });
    expect(viewed(history, 1 + 30 * DAY)).toMatchObject({
      subscription: null,
      available: '0',
      pools: { main: { granted: '0', remaining: '0' } },
    });
  });

  it('puts the fee aside and earns it by the millisecond, rounded down to the scale, exact at the end', () => {
    const history = start('starter', 0).soFar;
    const [event] = start('starter', 0).events;
    if (event === undefined) throw new Error('no event');
    expect(postingsOf(event, 'a').map(({ ledgerAccount, amount }) => [ledgerAccount, toText(amount)])).toEqual([
      ['assets:cash:manual', '10'],
      ['liabilities:deferred:a', '-10'],
      ['pools:issued', '4200'],
      ['pools:main:a', '-1200'],
      ['pools:backup:a', '-3000'],
    ]);
    const plans = plansOf(history);
    expect([0, 1, 7 * DAY, 30 * DAY, 99 * DAY].map((hour) => toText(earned(plans, at(hour))))).toEqual([
      '0',
      '0.013888',
      '2.333333',
      '10',
      '10',
    ]);
    expect(subscriptionPostings(plans, 'USD', 'a', at(30 * DAY)).map(({ amount }) => toText(amount))).toEqual([
      '10',
      '-10',
      '1200',
      '3000',
      '-4200',
    ]);
  });

  it('is possible again once all that was paid is over', () => {
    const history = start('starter', 0).soFar;
    start('premium', 30 * DAY - 1, history).thenRefused('subscription_active');
    start('premium', 30 * DAY, history).thenEvents({ type: 'SubscriptionStarted', period: { number: 1 } });
  });

  it('keeps its terms while its period runs, whatever a later version says', () => {
    const plans = [{ id: 'starter', price: '99', baseCredits: '1', models: ['*'], periodDays: 1 }];
    const later = [...rules, withPlans({ plans }, 2, '2026-11-22T00:00:00.000Z')];
    const renewed = renew(start('starter', 0).soFar, 2 * DAY, later);
    renewed.thenEvents({ period: { price: '99', main: '1.2', from: atText(30 * DAY), to: atText(31 * DAY) } });
    expect(viewed(renewed.soFar, 3 * DAY).pools.main.granted).toBe('1200');
    expect(viewed(renewed.soFar, 30 * DAY).pools.main.granted).toBe('1.2');
  });
});

describe('a renewal', () => {
  it('that is paid early waits for the old end, with pools and fee', () => {
    const history = renew(start('starter', 0).soFar, 20 * DAY).soFar;
    expect(viewed(history, 25 * DAY).subscription).toMatchObject({ periodEnd: atText(30 * DAY) });
    expect(viewed(history, 30 * DAY).subscription).toMatchObject({
      periodStart: atText(30 * DAY),
      periodEnd: atText(60 * DAY),
    });
    expect(toText(earned(plansOf(history), at(30 * DAY)))).toBe('10');
    expect(toText(earned(plansOf(history), at(45 * DAY)))).toBe('15');
  });

  it('counts as active while it waits, and several may', () => {
    const history = renew(renew(start('starter', 0).soFar, DAY).soFar, 2 * DAY).soFar;
    start('premium', 89 * DAY, history).thenRefused('subscription_active');
    start('premium', 90 * DAY, history).thenEvents({ period: { number: 3 } });
  });

  it('that is paid late begins with the payment', () => {
    const history = renew(start('starter', 0).soFar, 40 * DAY).soFar;
    expect(viewed(history, 35 * DAY).subscription).toBeNull();
    expect(viewed(history, 41 * DAY).subscription).toMatchObject({ periodStart: atText(40 * DAY) });
  });

  it('fills the main pool anew, and what was left of it lapses at the old end', () => {
    const history = renew(start('starter', 0).soFar, 20 * DAY).soFar;
    expect(texts(lapsed(plansOf(history), at(30 * DAY) - 1))).toEqual(['0', '0']);
    expect(texts(lapsed(plansOf(history), at(30 * DAY)))).toEqual(['1200', '0']);
    expect(viewed(history, 31 * DAY).pools).toMatchObject({ main: { granted: '1200' }, backup: { granted: '3000' } });
  });

  it('carries a pool on, however late it is paid: what had lapsed comes back', () => {
    const history = start('starter', 0).soFar;
    expect(texts(lapsed(plansOf(history), at(35 * DAY)))).toEqual(['1200', '3000']);
    const late = renew(history, 40 * DAY);
    late.thenEvents({ period: { main: '1200', carriedBackup: '3000' }, pools: ['2400', '3000'] });
    expect(texts(lapsed(plansOf(late.soFar), at(41 * DAY)))).toEqual(['1200', '0']);
  });

  it('is refused where it would end behind the calendar', () => {
    const plans = [{ id: 'starter', price: '1', models: ['*'], periodDays: 36_500 }];
    const long = [withPlans({ plans })];
    let history = start('starter', 0, opened, long).soFar;
    for (let paid = 1; paid < 79; paid++) history = renew(history, paid, long).soFar;
    renew(history, 99, long).thenRefused('not_renewable');
  });
});

describe('a cancellation', () => {
  it('leaves what is paid until it ends, and says by whom the last payment was', () => {
    const renewed = renew(start('starter', 0).soFar, DAY).soFar;
    const cancelled = given(...renewed).when((account) => cancelSubscription(account, aCancellation(2 * DAY)));
    cancelled.thenEvents({ plan: 'starter', provider: 'manual', paymentRef: 'p24', endsAt: atText(60 * DAY) });
    expect(viewed(cancelled.soFar, 59 * DAY).subscription).toMatchObject({
      status: 'active',
      cancelAtPeriodEnd: true,
    });
    expect(viewed(cancelled.soFar, 60 * DAY).subscription).toBeNull();
  });

  it('that is repeated changes nothing, and a new start is not cancelled', () => {
    const cancelled = given(...start('starter', 0).soFar).when((account) =>
      cancelSubscription(account, aCancellation(1)),
    ).soFar;
    given(...cancelled)
      .when((account) => cancelSubscription(account, aCancellation(2)))
      .thenNothing();
    const again = start('starter', 30 * DAY, cancelled).soFar;
    expect(viewed(again, 31 * DAY).subscription).toMatchObject({ cancelAtPeriodEnd: false });
    renew(again, 32 * DAY).thenEvents({ type: 'SubscriptionRenewed' });
  });
});
