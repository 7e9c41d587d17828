import * as fc from 'fast-check';
import type { Account } from '../account/account';
import { evolve } from '../account/evolve';
import type { AccountEvent } from '../account/events';
import { earned } from '../account/subscription/fee';
import { lapsed } from '../account/subscription/pools';
import { toText, zero } from '../amount/decimal';
import { storedInstant } from '../time/instant';
import { at } from '../testing/commands';
import { liveOnPlans, planSteps, type Happened } from '../testing/plan-histories';
import { lapsedAt } from './time-alone';
import {
  feeItemsAfter,
  noTimedItems,
  poolItemsAfter,
  takenBy,
  takenByOccurred,
  walletItemsAfter,
  type TimedItems,
} from './timed-items';

interface Items {
  readonly wallet: TimedItems;
  readonly main: TimedItems;
  readonly backup: TimedItems;
  readonly deferred: TimedItems;
}

const none: Items = { wallet: noTimedItems, main: noTimedItems, backup: noTimedItems, deferred: noTimedItems };

function after(items: Items, { event }: Happened): Items {
  return {
    wallet: walletItemsAfter(items.wallet, event),
    main: poolItemsAfter(items.main, event, 'main'),
    backup: poolItemsAfter(items.backup, event, 'backup'),
    deferred: feeItemsAfter(items.deferred, event),
  };
}

/** Every instant at which something of an account may change by itself, one before and one after. */
function turns({ lots, subscription }: Account): number[] {
  const instants = [
    ...lots.flatMap(({ expiresAt }) => (expiresAt === null ? [] : [expiresAt])),
    ...(subscription?.periods ?? []).flatMap(({ from, to }) => [from, to, from + 3_333_333]),
  ];
  return instants.flatMap((instant) => [instant - 1, instant, instant + 1]);
}

/** What of an event had occurred by an instant; what had not is an event of no consequence. */
function asOf(event: AccountEvent, instant: number): AccountEvent {
  if (event.type === 'UsageCharged')
    return { ...event, charges: event.charges.filter(({ occurredAt }) => storedInstant(occurredAt) <= instant) };
  if (storedInstant(event.occurredAt) <= instant) return event;
  return { type: 'AccountOpened', occurredAt: event.occurredAt, currency: 'USD' };
}

describe('what time alone takes from the lines of an account', () => {
  it('is at every instant what the account itself has lost by then, whatever happened', () => {
    fc.assert(
      fc.property(planSteps, (story) => {
        let account: Account | undefined;
        let items = none;
        for (const [revision, happened] of liveOnPlans(story).entries()) {
          account = evolve(account, happened.event, revision);
          items = after(items, happened);
          const { subscription } = account;
          for (const instant of [...turns(account), at(happened.hour)]) {
            const expected = {
              wallet: lapsedAt(account, instant).wallet,
              ...(subscription ? lapsed(subscription, instant) : { main: zero, backup: zero }),
              deferred: subscription ? earned(subscription, instant) : zero,
            };
            for (const line of ['wallet', 'main', 'backup', 'deferred'] as const)
              expect([line, toText(takenBy(items[line], instant))]).toEqual([line, toText(expected[line])]);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is, by what had occurred, what it would be if nothing else had been booked, however late it was', () => {
    fc.assert(
      fc.property(planSteps, (story) => {
        const happened = liveOnPlans(story);
        const all = happened.reduce(after, none);
        const account = happened.reduce<Account | undefined>((so, { event }, i) => evolve(so, event, i), undefined);
        const instants = account ? turns(account) : [];
        for (const instant of [...instants, ...happened.flatMap(({ hour }) => [at(hour), at(hour) - 1])]) {
          const then = happened.reduce((items, one) => after(items, { ...one, event: asOf(one.event, instant) }), none);
          for (const line of ['wallet', 'main', 'backup', 'deferred'] as const)
            expect([line, toText(takenByOccurred(all[line], instant))]).toEqual([
              line,
              toText(takenBy(then[line], instant)),
            ]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is kept only where there is something to take', () => {
    fc.assert(
      fc.property(planSteps, (story) => {
        let items = none;
        let hadPlan = false;
        for (const happened of liveOnPlans(story)) {
          const before = items;
          items = after(items, happened);
          hadPlan ||= 'period' in happened.event;
          if (!hadPlan)
            expect(items).toMatchObject({ main: noTimedItems, backup: noTimedItems, deferred: noTimedItems });
          if (happened.event.type === 'WalletRecharged') expect(items).toEqual(before);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('meets every turn that it can: grants that expire, pools that lapse and are carried, fees that end and are switched', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(planSteps, (story) => {
        for (const { event } of liveOnPlans(story)) {
          seen.add(event.type);
          if (event.type === 'SubscriptionRenewed') {
            const { carriedMain, from } = event.period;
            if (carriedMain !== undefined && carriedMain !== '0')
              seen.add(storedInstant(from) > storedInstant(event.occurredAt) ? 'carried early' : 'carried late');
          }
          if (event.type === 'PlanSwitched' && event.lapsed[0] !== '0') seen.add('switched with a rest');
          if (event.type === 'UsageReversed') seen.add('regained');
        }
      }),
      { numRuns: 1500 },
    );
    for (const turn of ['carried early', 'carried late', 'switched with a rest', 'regained', 'CreditGranted'])
      expect(seen).toContain(turn);
  });
});
