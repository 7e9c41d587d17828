import { toText } from '../../amount/decimal';
import { aChange, aGrant, aRecharge, aReversal, at, atText, chargeIn, nowAt, usage } from '../../testing/commands';
import { given } from '../../testing/given';
import { aRenewal, aStart, MONDAY_HOUR, withPlans } from '../../testing/plans';
import { accountAsOf } from '../as-of';
import { chargeDraws, reversalAnswer } from '../answers';
import { chargeUsage } from '../charging/charge';
import type { Charge } from '../charging/events';
import { reverseCharge } from '../charging/reverse';
import { accepted, alreadySo } from '../decision';
import type { AccountEvent } from '../events';
import { fromSnapshot, toSnapshot } from '../snapshot';
import { openAccount } from '../standing/open';
import { changeSettings } from '../standing/settings';
import { viewAccount } from '../view';
import { grantCredit } from '../wallet/grant';
import { receiveRecharge } from '../wallet/recharge';
import { renewSubscription } from './renew';
import { startSubscription } from './start';

const DAY = 24;
const rules = [withPlans()];
const optIn = [withPlans({ wallet: { requiresOptIn: true } })];
const accountOf = (history: readonly AccountEvent[]) => given(...history).when(() => alreadySo).account;

/** An account on a plan since a Monday, with so much money. */
function on(planId: string, money: string | null = null, rulebooks = rules): readonly AccountEvent[] {
  const opened = given().when((account) => openAccount(account, nowAt(0), rulebooks)).events;
  const paid =
    money === null
      ? opened
      : given(...opened).when((account) => receiveRecharge(account, aRecharge('r', money, 1), rulebooks)).soFar;
  return given(...paid).when((account) => startSubscription(account, aStart('p', planId, MONDAY_HOUR), rulebooks))
    .soFar;
}

/** Usage of so many requests in an hour after that Monday's midnight, each 100 credits or 1 unit. */
function charged(
  history: readonly AccountEvent[],
  requests: number,
  hour: number,
  rulebooks = rules,
  decidedAt?: number,
) {
  const id = `u${history.length}`;
  const after = given(...history).when((account) => {
    const event =
      account && chargeUsage(account, [usage(id, requests, MONDAY_HOUR + hour)], rulebooks, decidedAt).event;
    return event ? accepted(event) : alreadySo;
  });
  const [event] = after.events;
  const charge = event?.type === 'UsageCharged' ? event.charges[0] : undefined;
  if (charge === undefined) throw new Error('not charged');
  return { history: after.soFar, charge, account: after.account };
}

const told = (charge: Charge) => [
  chargeDraws(charge).map(({ from, credits, amount }) => `${from} ${credits ?? amount ?? ''}`),
  charge.limitedBy ?? null,
];
const view = (history: readonly AccountEvent[], hour: number) =>
  viewAccount(accountOf(history), withPlans().rulebook, at(MONDAY_HOUR + hour));

describe('a charge on a plan', () => {
  it('draws the main pool, then the backup pool, then the wallet, and owes the rest: one leg each', () => {
    const { charge } = charged(on('starter', '1'), 50, 1);
    expect(told(charge)).toEqual([['main 1200', 'backup 3000', 'wallet 1', 'receivable 7'], 'insufficient_credits']);
    expect(charge).toMatchObject({ plan: 'starter', credits: [0, '1200', '3000'], lots: [[0, '1']], owed: '7' });
  });

  it('says nothing of a limit where the pools simply ran empty and the wallet paid', () => {
    expect(told(charged(on('starter', '9'), 43, 1).charge)).toEqual([['main 1200', 'backup 3000', 'wallet 1'], null]);
  });

  it('draws in any order that the rules name, and says so', () => {
    const wallet = [withPlans({ drawOrder: ['wallet', 'backup', 'main'] })];
    const { charge, history } = charged(on('starter', '1', wallet), 35, 1, wallet);
    expect(told(charge)).toEqual([['wallet 1', 'backup 3000', 'main 400'], null]);
    expect(charge.drawOrder).toEqual(['wallet', 'backup', 'main']);
    const alone = charged(history, 1, 2, wallet).charge;
    expect(told(alone)).toEqual([['main 100'], null]);
    expect(alone.drawOrder).toEqual(['wallet', 'backup', 'main']);
    expect(charged(on('starter'), 35, 1).charge).not.toHaveProperty('drawOrder');
    // Where no pool gave anything, nothing is to be said of their order.
    expect(charged(on('counted', '1', wallet), 1, 1, wallet).charge).not.toHaveProperty('drawOrder');
  });

  it('is of no plan’s tier where it was booked before the instant of its decision was kept', () => {
    const lifted = on('lifted', '9');
    expect(charged(lifted, 1, 1).charge.tier).toBe('default');
    expect(charged(lifted, 1, 1, rules, at(MONDAY_HOUR + 1)).charge.tier).toBe('plus');
  });

  it('is reversed with what upstream took for it, where that is not its price', () => {
    const price = { mode: 'request', unit: '1' };
    const cheap = [
      withPlans({ models: [{ id: 'one', group: 'default', price, cost: { mode: 'request', unit: '0.4' } }] }),
    ];
    const reversed = (rulebooks: typeof rules) => {
      const { history, charge } = charged(on('starter', null, rulebooks), 1, 1, rulebooks);
      const [event] = given(...history).when((account) =>
        reverseCharge(account, aReversal('x', charge.id, MONDAY_HOUR + 2), chargeIn(history, charge.id)),
      ).events;
      return event;
    };
    expect(reversed(cheap)).toMatchObject({ credits: [0, '100', '0'], cost: '0.4', pools: ['1200', '3000'] });
    expect(reversed(rules)).toMatchObject({ credits: [0, '100', '0'], pools: ['1200', '3000'] });
    expect(reversed(rules)).not.toHaveProperty('cost');
  });

  it('draws exactly, whatever a credit is worth', () => {
    const odd = [withPlans({ creditsPerUnit: '0.8' })];
    expect(told(charged(on('starter', null, odd), 3, 1, odd).charge)).toEqual([['main 2.4'], null]);
  });

  it('takes the period that its usage occurred in', () => {
    const history = given(...on('starter')).when((account) =>
      renewSubscription(account, aRenewal('q', MONDAY_HOUR + DAY), rules),
    ).soFar;
    expect(charged(history, 1, 30 * DAY).charge.credits).toEqual([1, '100', '0']);
    expect(charged(history, 1, 30 * DAY - 1).charge.credits).toEqual([0, '100', '0']);
    expect(charged(history, 1, -1).charge).toMatchObject({ owed: '1' });
    expect(charged(history, 1, -1).charge).not.toHaveProperty('plan');
  });

  it('is of the plan even where its pools gave nothing', () => {
    expect(charged(on('counted', '1'), 1, 1).charge).toMatchObject({ plan: 'counted', lots: [[0, '1']] });
    expect(charged(on('starter'), 0, 1).charge).toMatchObject({ plan: 'starter', amount: '0' });
  });

  it('counts what the batch before it drew', () => {
    const account = accountOf(on('starter', '1'));
    const batch = [usage('a', 12, MONDAY_HOUR), usage('b', 30, MONDAY_HOUR), usage('c', 1, MONDAY_HOUR)];
    const { event } = chargeUsage(account, batch, rules);
    expect(event?.charges.map(told)).toEqual([
      [['main 1200'], null],
      [['backup 3000'], null],
      [['wallet 1'], null],
    ]);
    expect(event?.pools).toEqual(['0', '0']);
  });

  it('is priced by the tier that the plan lifts to while it is booked, not while it occurred', () => {
    const hour = (count: number) => at(MONDAY_HOUR + count);
    expect(charged(on('lifted'), 1, 1, rules, hour(1)).charge).toMatchObject({ tier: 'plus', amount: '0.5' });
    expect(charged(on('lifted'), 1, 1, rules, hour(30 * DAY)).charge).toMatchObject({ tier: 'default', amount: '1' });
    expect(view(on('lifted'), 1).tier).toBe('plus');
    expect(view(on('lifted'), 30 * DAY).tier).toBe('default');
  });
});

describe('late usage of a renewed period', () => {
  const renewed = (history: readonly AccountEvent[], hour: number) =>
    given(...history).when((account) => renewSubscription(account, aRenewal(`q${hour}`, MONDAY_HOUR + hour), rules))
      .soFar;

  it('draws what that period left, where the pool was filled anew', () => {
    const history = renewed(charged(on('starter'), 11, 1).history, 30 * DAY);
    const { charge, history: after } = charged(history, 2, 2);
    expect(told(charge)).toEqual([['main 100', 'backup 100'], null]);
    expect(view(after, 31 * DAY).pools.main.remaining).toBe('1200');
  });

  it('shrinks the grant of the pool that was carried on, through several renewals', () => {
    const history = renewed(renewed(on('starter'), 30 * DAY), 60 * DAY);
    const { history: after } = charged(history, 22, 2);
    expect(view(after, 61 * DAY).pools.backup).toEqual({ granted: '2000', used: '0', remaining: '2000' });
    expect(accountOf(after).subscription?.booked.backup).toEqual(expect.objectContaining({ coefficient: 2000n }));
  });

  it('draws at most what is still there of a pool that was carried on', () => {
    const later = charged(renewed(on('starter', '9'), 30 * DAY), 40, 31 * DAY).history;
    // Of 3000 carried on, 2800 were used in the second period; the first has its main pool, and 200 of the backup pool.
    expect(told(charged(later, 15, 2).charge)).toEqual([['main 1200', 'backup 200', 'wallet 1'], null]);
  });
});

describe('caps', () => {
  it('hold for a UTC day and an ISO week, main and backup together; the smaller one limits', () => {
    const caps = { daily: { credits: '150' }, weekly: { credits: '350' } };
    const wide = [withPlans({ plans: [{ id: 'wide', price: '1', baseCredits: '1000', models: ['*'], caps }] })];
    let history = on('wide', '9', wide);
    const next = (requests: number, hour: number) => {
      const after = charged(history, requests, hour, wide);
      ({ history } = after);
      return told(after.charge);
    };
    expect(next(1, 1)).toEqual([['main 100'], null]);
    expect(next(1, DAY - 1)).toEqual([['main 50', 'wallet 0.5'], 'daily_cap']);
    expect(next(2, DAY)).toEqual([['main 150', 'wallet 0.5'], 'daily_cap']);
    expect(next(1, 2 * DAY)).toEqual([['main 50', 'wallet 0.5'], 'weekly_cap']);
    expect(next(1, 7 * DAY - 1)).toEqual([['wallet 1'], 'weekly_cap']);
    expect(next(1, 7 * DAY)).toEqual([['main 100'], null]);
    expect(view(history, 7 * DAY).subscription?.caps).toEqual({
      daily: { limit: '150', used: '100' },
      weekly: { limit: '350', used: '100' },
    });
  });

  it('that leave the same name the daily one', () => {
    const plans = [
      {
        id: 'even',
        price: '1',
        baseCredits: '1000',
        models: ['*'],
        caps: { daily: { credits: '50' }, weekly: { credits: '50' } },
      },
    ];
    const even = [withPlans({ plans })];
    expect(told(charged(on('even', null, even), 1, 1, even).charge)).toEqual([
      ['main 50', 'receivable 0.5'],
      'daily_cap',
    ]);
  });

  it('limit nothing where the pools are empty anyway', () => {
    const plans = [
      { id: 'small', price: '1', baseCredits: '100', bonus: '0', models: ['*'], caps: { daily: { credits: '100' } } },
    ];
    const small = [withPlans({ plans })];
    expect(told(charged(on('small', '9', small), 2, 1, small).charge)).toEqual([['main 100', 'wallet 1'], null]);
  });

  it('count on within one subscription when it is renewed, and anew in the next one', () => {
    const plans = [
      {
        id: 'day',
        price: '1',
        baseCredits: '1000',
        models: ['*'],
        periodDays: 1,
        caps: { weekly: { credits: '150' } },
      },
    ];
    const daily = [withPlans({ plans })];
    const first = charged(on('day', '9', daily), 1, 1, daily).history;
    const renewed = given(...first).when((account) =>
      renewSubscription(account, aRenewal('q', MONDAY_HOUR + DAY), daily),
    ).soFar;
    expect(told(charged(renewed, 1, DAY, daily).charge)).toEqual([['main 50', 'wallet 0.5'], 'weekly_cap']);
    const anew = given(...first).when((account) =>
      startSubscription(account, aStart('q', 'day', MONDAY_HOUR + DAY), daily),
    ).soFar;
    expect(told(charged(anew, 1, DAY, daily).charge)).toEqual([['main 100'], null]);
  });

  it('in requests do not touch charges, and show no use', () => {
    expect(view(on('counted'), 1).subscription?.caps.daily).toEqual({ limit: 1000, used: null });
  });

  it('are part of what is available', () => {
    expect(view(on('capped', '9'), 1).available).toBe('10');
    expect(view(charged(on('capped', '9'), 1, 1).history, 2).available).toBe('9');
  });
});

describe('the budget of a period', () => {
  it('is used by the whole cost of each request that draws on a pool, and the last one may overshoot', () => {
    const first = charged(on('thrifty', '9'), 3, 1).history;
    const second = charged(first, 4, 2);
    expect(told(second.charge)).toEqual([['main 400'], null]);
    expect(view(second.history, 3)).toMatchObject({
      subscription: { budget: { limit: '5', used: '7' } },
      available: '9',
    });
    expect(told(charged(second.history, 1, 3).charge)).toEqual([['wallet 1'], 'budget_exhausted']);
  });

  it('is not used by what the wallet pays alone', () => {
    const first = charged(charged(on('thrifty', '9'), 5, 1).history, 1, 2);
    expect(view(first.history, 3).subscription?.budget).toEqual({ limit: '5', used: '5' });
  });
});

describe('what keeps the wallet from paying', () => {
  it('is that pay-as-you-go is off, where there is money, and else that there is none', () => {
    expect(told(charged(on('capped', '9', optIn), 2, 1, optIn).charge)).toEqual([
      ['main 100', 'receivable 1'],
      'daily_cap',
    ]);
    expect(told(charged(on('starter', '9', optIn), 43, 1, optIn).charge)).toEqual([
      ['main 1200', 'backup 3000', 'receivable 1'],
      'pay_as_you_go_off',
    ]);
    expect(told(charged(on('starter', null, optIn), 43, 1, optIn).charge)[1]).toBe('insufficient_credits');
  });
});

describe('a reversal of what pools gave', () => {
  const reverse = (history: readonly AccountEvent[], id: string, hour: number) =>
    given(...history).when((account) =>
      reverseCharge(account, aReversal(`x${id}`, id, MONDAY_HOUR + hour), chargeIn(history, id)),
    );

  it('fills the pools of the running period again, and gives caps and budget back', () => {
    const capped = charged(on('capped', '9'), 2, 1);
    const after = reverse(capped.history, capped.charge.id, 2);
    after.thenEvents({ credits: [0, '100', '0'], lots: [[0, '1']], granted: null, pools: ['1200', '3000'] });
    expect(told(charged(after.soFar, 1, 3).charge)).toEqual([['main 100'], null]);
    const thrifty = charged(on('thrifty', '9'), 7, 1);
    const restored = reverse(thrifty.history, thrifty.charge.id, 2).soFar;
    expect(view(restored, 3).subscription?.budget).toEqual({ limit: '5', used: '0' });
  });

  it('makes a granted lot of what they are worth where their period is over, which settles what is owed first', () => {
    const used = charged(on('starter'), 43, 1);
    const after = reverse(used.history, used.charge.id, 30 * DAY);
    after.thenEvents({ forgiven: '1', granted: { promoted: '42', settledBack: '0' }, wallet: '42', pools: ['0', '0'] });
    const owing = charged(used.history, 5, 31 * DAY).history;
    reverse(owing, used.charge.id, 32 * DAY).thenEvents({ wallet: '37', receivable: '0' });
  });

  it('says what came back in the order in which it was drawn', () => {
    const order = [withPlans({ drawOrder: ['wallet', 'main', 'backup'] })];
    const used = charged(on('starter', '1', order), 3, 1, order);
    const [event] = reverse(used.history, used.charge.id, 2).events;
    if (event?.type !== 'UsageReversed') throw new Error('not reversed');
    expect(reversalAnswer(event).returned).toEqual([
      { from: 'wallet', amount: '1' },
      { from: 'main', credits: '200' },
    ]);
    const owing = charged(on('starter', null, order), 43, 1, order);
    const paid = given(...owing.history).when((account) =>
      grantCredit(account, aGrant('g', '1', MONDAY_HOUR + 2), rules),
    );
    const [settled] = reverse(paid.soFar, owing.charge.id, 3).events;
    if (settled?.type !== 'UsageReversed') throw new Error('not reversed');
    expect(reversalAnswer(settled).returned.map(({ from }) => from)).toEqual(['wallet', 'main', 'backup']);
  });
});

describe('an account with a plan', () => {
  const full = () => {
    let history = charged(on('capped', '9'), 2, 1).history;
    history = given(...history).when((account) =>
      renewSubscription(account, aRenewal('q', MONDAY_HOUR + 2), rules),
    ).soFar;
    history = charged(history, 3, 31 * DAY).history;
    history = given(...history).when((account) => grantCredit(account, aGrant('g', '1', MONDAY_HOUR + 3), rules)).soFar;
    return given(...history).when((account) =>
      changeSettings(account, aChange({ payAsYouGo: true }, MONDAY_HOUR + 4), rules),
    ).soFar;
  };

  it('is the same from its snapshot, and goes on as it would have', () => {
    const history = full();
    const account = accountOf(history);
    const copy = fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(account))));
    expect(copy).toEqual(account);
    if (copy === undefined) throw new Error('no copy');
    const renew = (from: typeof account) => renewSubscription(from, aRenewal('z', MONDAY_HOUR + 40 * DAY), rules);
    expect(renew(copy)).toEqual(renew(account));
    expect(toSnapshot(copy).format).toBe(3);
  });

  it('says its pools after everything that moves its money', () => {
    const moving = full().filter((event) => 'wallet' in event);
    const started = moving.findIndex(({ type }) => type === 'SubscriptionStarted');
    for (const event of moving.slice(started)) expect(event).toHaveProperty('pools');
    for (const event of moving.slice(0, started)) expect(event).not.toHaveProperty('pools');
  });

  it('is as of a past instant what had occurred by then', () => {
    const history = full();
    const entries = history.map((event, revision) => ({ event, revision }));
    const asOf = (hour: number) => {
      const account = accountAsOf(entries, at(MONDAY_HOUR + hour));
      if (account === undefined) throw new Error('no account');
      return viewAccount(account, withPlans().rulebook, at(MONDAY_HOUR + hour));
    };
    expect(asOf(0).pools.main).toEqual({ granted: '1200', used: '0', remaining: '1200' });
    expect(asOf(1).pools.main).toEqual({ granted: '1200', used: '100', remaining: '1100' });
    expect(asOf(31 * DAY)).toMatchObject({
      pools: { main: { used: '100' } },
      subscription: { periodStart: atText(MONDAY_HOUR + 30 * DAY) },
    });
    expect(asOf(-1).subscription).toBeNull();
  });

  it('shows a draw on credits that came back only later as owed', () => {
    const plans = [{ id: 'tiny', price: '1', baseCredits: '100', bonus: '0', models: ['*'] }];
    const tiny = [withPlans({ plans })];
    const all = charged(on('tiny', null, tiny), 1, 1, tiny);
    const back = given(...all.history).when((account) =>
      reverseCharge(account, aReversal('x', all.charge.id, MONDAY_HOUR + 9), chargeIn(all.history, all.charge.id)),
    ).soFar;
    const again = charged(back, 1, 2, tiny).history.map((event, revision) => ({ event, revision }));
    const past = accountAsOf(again, at(MONDAY_HOUR + 3));
    expect(past && toText(past.receivable)).toBe('1');
    expect(
      past && viewAccount(past, tiny[0]?.rulebook ?? withPlans().rulebook, at(MONDAY_HOUR + 3)).pools.main,
    ).toEqual({
      granted: '100',
      used: '100',
      remaining: '0',
    });
  });
});
