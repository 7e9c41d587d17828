import * as fc from 'fast-check';
import type { Account } from '../account/account';
import type { Charge } from '../account/charging/events';
import type { AccountEvent } from '../account/events';
import { evolve } from '../account/evolve';
import type { PaidPeriod, PlanSwitched } from '../account/subscription/events';
import { earnedOf } from '../account/subscription/fee';
import { isActive, periodAt, runningPeriod } from '../account/subscription/periods';
import { type Period, type PoolName, type Subscription } from '../account/subscription/subscription';
import { planDraw } from '../account/wallet/lots';
import type { Decimal } from '../amount/decimal';
import {
  add,
  decimal,
  divide,
  fromInteger,
  isPositive,
  min,
  multiply,
  subtract,
  toText,
  zero,
} from '../amount/decimal';
import { formatInstant } from '../time/instant';
import { at } from './commands';

/** What of plans may happen to an account, as a ledger could have stored it; amounts are whole. */
export type PlanHappening =
  | { readonly does: 'recharge'; readonly amount: number }
  | { readonly does: 'grant'; readonly amount: number; readonly hours: number }
  | ({ readonly does: 'start' } & Terms)
  | ({ readonly does: 'renew'; readonly carries: readonly PoolName[] } & Terms)
  | ({ readonly does: 'switch'; readonly quarters: number } & Terms)
  | { readonly does: 'charge'; readonly charges: readonly Drawn[] }
  | { readonly does: 'reverse'; readonly charge: number };

interface Terms {
  readonly price: number;
  readonly main: number;
  readonly backup: number;
  readonly hours: number;
  readonly scale: number;
}

interface Drawn {
  readonly main: number;
  readonly backup: number;
  readonly money: number;
  readonly hoursLate: number;
}

export interface PlanStep {
  readonly waitHours: number;
  readonly happening: PlanHappening;
}

/** An event, and in which hour it was booked. */
export interface Happened {
  readonly hour: number;
  readonly event: AccountEvent;
}

const terms = {
  price: fc.integer({ min: 0, max: 40 }),
  main: fc.integer({ min: 0, max: 30 }),
  backup: fc.integer({ min: 0, max: 30 }),
  hours: fc.integer({ min: 3, max: 24 }),
  scale: fc.integer({ min: 0, max: 3 }),
};
const drawn = fc.record({
  main: fc.integer({ min: 0, max: 9 }),
  backup: fc.integer({ min: 0, max: 9 }),
  money: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4 })),
  hoursLate: fc.integer({ min: 0, max: 15 }),
});

/** An account's life with plans, grants that expire and usage that comes late. */
export const planSteps: fc.Arbitrary<readonly PlanStep[]> = fc.array(
  fc.record({
    waitHours: fc.integer({ min: 0, max: 5 }),
    happening: fc.oneof(
      { weight: 1, arbitrary: fc.record({ does: fc.constant('recharge'), amount: fc.integer({ min: 1, max: 9 }) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          does: fc.constant('grant'),
          amount: fc.integer({ min: 1, max: 9 }),
          hours: fc.integer({ min: 1, max: 9 }),
        }),
      },
      { weight: 3, arbitrary: fc.record({ does: fc.constant('start'), ...terms }) },
      {
        weight: 4,
        arbitrary: fc.record({
          does: fc.constant('renew'),
          carries: fc.subarray<PoolName>(['main', 'backup']),
          ...terms,
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ does: fc.constant('switch'), quarters: fc.integer({ min: 0, max: 4 }), ...terms }),
      },
      {
        weight: 8,
        arbitrary: fc.record({
          does: fc.constant('charge'),
          charges: fc.array(drawn, { minLength: 1, maxLength: 3 }),
        }),
      },
      { weight: 4, arbitrary: fc.record({ does: fc.constant('reverse'), charge: fc.nat(20) }) },
    ),
  }),
  { minLength: 1, maxLength: 30 },
);

/** Lets it happen; what cannot be just then does not. */
export function liveOnPlans(story: readonly PlanStep[]): readonly Happened[] {
  const life = new Life();
  for (const { waitHours, happening } of story) life.pass(waitHours, happening);
  return life.happened;
}

class Life {
  readonly happened: Happened[] = [];
  private account: Account;
  private hour = 10;
  private readonly charged: { revision: number; index: number; charge: Charge }[] = [];
  private readonly reversed = new Set<string>();

  constructor() {
    const event: AccountEvent = { type: 'AccountOpened', occurredAt: formatInstant(at(this.hour)), currency: 'USD' };
    this.account = evolve(undefined, event, 0);
    this.happened.push({ hour: this.hour, event });
  }

  pass(hours: number, happening: PlanHappening): void {
    this.hour += hours;
    const event = this.eventOf(happening);
    if (!event) return;
    const revision = this.happened.length;
    this.account = evolve(this.account, event, revision);
    this.happened.push({ hour: this.hour, event });
    if (event.type === 'UsageCharged')
      for (const [index, charge] of event.charges.entries()) this.charged.push({ revision, index, charge });
  }

  private get nowMs(): number {
    return at(this.hour);
  }

  private eventOf(happening: PlanHappening): AccountEvent | undefined {
    switch (happening.does) {
      case 'recharge':
        return this.recharge(fromInteger(happening.amount));
      case 'grant':
        return this.grant(fromInteger(happening.amount), at(this.hour + happening.hours));
      case 'start':
        if (isActive(this.account.subscription, this.nowMs)) return undefined;
        return this.paid('SubscriptionStarted', this.period(happening, this.nowMs, []));
      case 'renew': {
        const last = this.account.subscription?.periods.at(-1);
        if (!last) return undefined;
        const from = Math.max(last.to, this.nowMs);
        return this.paid('SubscriptionRenewed', this.period(happening, from, happening.carries));
      }
      case 'switch':
        return this.switch(happening, happening.quarters);
      case 'charge':
        return this.charge(happening.charges);
      case 'reverse':
        return this.reverse(happening.charge);
    }
  }

  /** What every event of an account that has money says of its balances, so much having come in. */
  private balances(credited: Decimal): { settled: string; wallet: string; receivable: string } {
    const { wallet, receivable } = this.account;
    const settled = min(receivable, credited);
    return {
      settled: toText(settled),
      wallet: toText(add(wallet, subtract(credited, settled))),
      receivable: toText(subtract(receivable, settled)),
    };
  }

  private get common() {
    return { occurredAt: formatInstant(this.nowMs), rulebook: 1, currency: 'USD', digest: 'd' };
  }

  private recharge(credited: Decimal): AccountEvent {
    const { count, largest, cumulative } = this.account.recharges;
    const amount = toText(credited);
    return {
      type: 'WalletRecharged',
      ...this.common,
      rechargeId: `r${this.happened.length}`,
      provider: 'manual',
      credited: amount,
      paid: { amount, currency: 'USD' },
      fxRate: null,
      lot: this.account.lots.length,
      recharges: { count: count + 1, largest: toText(largest), cumulative: toText(add(cumulative, credited)) },
      ...this.balances(credited),
    };
  }

  private grant(amount: Decimal, expiresAt: number): AccountEvent {
    return {
      type: 'CreditGranted',
      ...this.common,
      grantId: `g${this.happened.length}`,
      amount: toText(amount),
      reason: 'trial',
      expiresAt: formatInstant(expiresAt),
      starter: false,
      lot: this.account.lots.length,
      ...this.balances(amount),
    };
  }

  private period({ price, main, backup, hours, scale }: Terms, from: number, carries: readonly PoolName[]): PaidPeriod {
    const before = this.account.subscription?.periods.at(-1);
    const left = (name: PoolName): string | undefined =>
      carries.includes(name) && before ? toText(before[name].left) : undefined;
    const [carriedMain, carriedBackup] = [left('main'), left('backup')];
    return {
      number: before ? before.number + 1 : 0,
      plan: 'plan',
      kind: 'auto-renew',
      from: formatInstant(from),
      to: formatInstant(from + hours * 3_600_000),
      price: String(price),
      ...(carriedMain === undefined ? main > 0 && { main: String(main) } : { carriedMain }),
      ...(carriedBackup === undefined ? backup > 0 && { backup: String(backup) } : { carriedBackup }),
      creditsPerUnit: '100',
      scale,
    };
  }

  private paid(type: 'SubscriptionStarted' | 'SubscriptionRenewed', period: PaidPeriod): AccountEvent {
    const { wallet, receivable } = this.account;
    return {
      type,
      ...this.common,
      paymentRef: `p${this.happened.length}`,
      provider: 'manual',
      period,
      pools: this.poolsAfter(period, zero, zero),
      wallet: toText(wallet),
      receivable: toText(receivable),
    };
  }

  private poolsAfter(period: PaidPeriod, main: Decimal, backup: Decimal): readonly [string, string] {
    const booked = this.account.subscription?.booked ?? { main: zero, backup: zero };
    return [
      toText(add(subtract(booked.main, main), decimal(period.main ?? '0'))),
      toText(add(subtract(booked.backup, backup), decimal(period.backup ?? '0'))),
    ];
  }

  private switch(terms: Terms, quarters: number): AccountEvent | undefined {
    const { subscription } = this.account;
    const running = runningPeriod(subscription, this.nowMs);
    if (!subscription || !running) return undefined;
    const renewals = subscription.periods
      .filter(({ from, switchedAt }) => from > this.nowMs && switchedAt === null)
      .reduce((sum, { price }) => add(sum, price), zero);
    const unearned = subtract(running.price, earnedOf(running, this.nowMs));
    const part = divide(multiply(unearned, fromInteger(quarters)), fromInteger(4), { scale: 2, mode: 'down' });
    const credit = add(part, renewals);
    const lapsed = { main: this.leftIn(subscription, 'main'), backup: this.leftIn(subscription, 'backup') };
    const period = this.period(terms, this.nowMs, []);
    return {
      type: 'PlanSwitched',
      ...this.common,
      paymentRef: `p${this.happened.length}`,
      provider: 'manual',
      period,
      from: 'plan',
      oldProvider: 'manual',
      oldPaymentRef: subscription.paymentRef,
      proration: { renewals: toText(renewals) } as unknown as PlanSwitched['proration'],
      credit: toText(credit),
      ...(isPositive(credit) && { lot: this.account.lots.length }),
      lapsed: [toText(lapsed.main), toText(lapsed.backup)],
      pools: this.poolsAfter(period, lapsed.main, lapsed.backup),
      ...this.balances(credit),
    };
  }

  /** What is left of the pools that have not ended: each counts once, however many periods hold it. */
  private leftIn({ periods }: Subscription, name: PoolName): Decimal {
    const pools = new Set(periods.map((period) => period[name]).filter(({ endsAt }) => endsAt > this.nowMs));
    return [...pools].reduce((sum, { left }) => add(sum, left), zero);
  }

  private charge(all: readonly Drawn[]): AccountEvent {
    const charges: Charge[] = [];
    const taken = new Map<object, Decimal>();
    let [main, backup, fromLots, owed] = [zero, zero, zero, zero];
    const give = (period: Period, name: PoolName, most: number): Decimal => {
      const pool = period[name];
      const given = min(fromInteger(most), subtract(pool.left, taken.get(pool) ?? zero));
      taken.set(pool, add(taken.get(pool) ?? zero, given));
      return given;
    };
    for (const each of all) {
      const occurredAt = at(this.hour - each.hoursLate);
      const { subscription } = this.account;
      const period = subscription ? periodAt(subscription, occurredAt) : undefined;
      const drawable = period?.switchedAt === null ? period : undefined;
      const credits = drawable && {
        number: drawable.number,
        main: give(drawable, 'main', each.main),
        backup: give(drawable, 'backup', each.backup),
      };
      const money = fromInteger(each.money);
      const lots =
        charges.length === 0 ? planDraw(this.account.burnOrder, money, occurredAt) : { lots: [], drawn: zero };
      const rest = subtract(money, lots.drawn);
      [main, backup] = [add(main, credits?.main ?? zero), add(backup, credits?.backup ?? zero)];
      [fromLots, owed] = [add(fromLots, lots.drawn), add(owed, rest)];
      charges.push({
        ...chargeOf(`u${this.happened.length}-${charges.length}`, occurredAt, toText(money)),
        ...(credits && { credits: [credits.number, toText(credits.main), toText(credits.backup)] as const }),
        ...(lots.lots.length > 0 && { lots: lots.lots }),
        ...(isPositive(rest) && { owed: toText(rest) }),
      });
    }
    const { subscription, wallet, receivable } = this.account;
    return {
      type: 'UsageCharged',
      charges,
      currency: 'USD',
      ...(subscription && {
        pools: [
          toText(subtract(subscription.booked.main, main)),
          toText(subtract(subscription.booked.backup, backup)),
        ] as const,
      }),
      wallet: toText(subtract(wallet, fromLots)),
      receivable: toText(add(receivable, owed)),
    };
  }

  /** A charge that only pools of the running period paid for is undone. */
  private reverse(number: number): AccountEvent | undefined {
    const { subscription, wallet, receivable } = this.account;
    const running = runningPeriod(subscription, this.nowMs);
    const undoable = this.charged.filter(
      ({ revision, index, charge: { credits, amount } }) =>
        credits?.[0] === running?.number && amount === '0' && !this.reversed.has(`${revision}/${index}`),
    );
    const found = undoable[number % Math.max(1, undoable.length)];
    const { credits } = found?.charge ?? {};
    if (!found || !subscription || !credits) return undefined;
    const { revision, index, charge } = found;
    this.reversed.add(`${revision}/${index}`);
    const { main, backup } = subscription.booked;
    return {
      type: 'UsageReversed',
      ...this.common,
      reversalId: `x${this.happened.length}`,
      source: charge.source,
      id: charge.id,
      reason: 'failed',
      charge: { revision, index },
      chargeOccurredAt: charge.occurredAt,
      amount: charge.amount,
      lots: [],
      forgiven: '0',
      granted: null,
      settledFrom: [],
      credits,
      pools: [toText(add(main, decimal(credits[1]))), toText(add(backup, decimal(credits[2])))],
      wallet: toText(wallet),
      receivable: toText(receivable),
    };
  }
}

function chargeOf(id: string, occurredAt: number, amount: string): Charge {
  return {
    source: 'gateway',
    id,
    occurredAt: formatInstant(occurredAt),
    model: 'one',
    tier: 'default',
    group: 'default',
    rulebook: 1,
    units: {},
    price: { mode: 'request', unit: '1' },
    factors: [],
    amount,
    digest: 'd',
  };
}
