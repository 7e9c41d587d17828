import * as fc from 'fast-check';
import type { Account } from './account';
import { accountAsOf } from './as-of';
import { chargeUsage } from './charging/charge';
import { mayDrawWallet } from './standing/effective-tier';
import type { AccountEvent } from './events';
import { evolve } from './evolve';
import { frozenOf, writtenOffOf } from './payments/payments';
import { compareLots, walletAt } from './wallet/lots';
import { postingsOf } from '../entries/postings';
import { fromSnapshot, toSnapshot } from './snapshot';
import type { Decimal } from '../amount/decimal';
import {
  add,
  compare,
  decimal,
  isNegative,
  isPositive,
  isZero,
  negate,
  subtract,
  toText,
  zero,
} from '../amount/decimal';
import { at, usage } from '../testing/commands';
import { accountAfter } from '../testing/given';
import type { History } from '../testing/histories';
import { live, steps, stepsOfPayments, stepsOutOfTime } from '../testing/histories';
import { published } from '../testing/rulebooks';

const sections = {
  tiers: [
    { id: 'default', rank: 1 },
    { id: 'vip', rank: 2, discount: '0.9' },
  ],
  fx: [{ pair: 'USD/CNY', rate: '7.3' }],
  refund: { windowDays: 1 },
};
const free = [published(sections)];
const optIn = [published({ ...sections, wallet: { requiresOptIn: true } })];
const rulebooks = fc.constantFrom(free, optIn);
const stories = fc.oneof({ weight: 3, arbitrary: steps }, { weight: 1, arbitrary: stepsOfPayments });

function check(property: (history: History, versions: typeof free) => void): void {
  fc.assert(
    fc.property(stories, rulebooks, (story, versions) => property(live(story, versions), versions)),
    { numRuns: 300 },
  );
}

function checkOutOfTime(property: (history: History) => void): void {
  fc.assert(
    fc.property(stepsOutOfTime, rulebooks, (story, versions) => property(live(story, versions))),
    { numRuns: 300 },
  );
}

const textOf = (account: Account | undefined) => (account === undefined ? '' : JSON.stringify(toSnapshot(account)));
const sum = (amounts: readonly Decimal[]) => amounts.reduce(add, zero);
const balanceOf = (events: readonly AccountEvent[], ledgerAccount: string) =>
  sum(
    events
      .flatMap((event) => postingsOf(event, 'a'))
      .filter((posting) => posting.ledgerAccount === ledgerAccount)
      .map(({ amount }) => amount),
  );

describe('every account, whatever happens to it', () => {
  it('has had its refunds, disputes of both ends, write-offs, and reversals of what was written off', () => {
    const met = new Set<string>();
    for (const story of fc.sample(stepsOfPayments, { numRuns: 500, seed: 1 })) {
      for (const event of live(story, free).events) {
        met.add(event.type === 'DisputeClosed' ? event.outcome : event.type);
        if (event.type === 'UsageReversed' && event.writtenOff !== undefined) met.add('written back');
        if (event.type === 'DisputeClosed' && event.fee !== undefined) met.add('fee');
        if (event.type === 'DisputeClosed' && isPositive(decimal(event.owed ?? '0'))) met.add('owed');
        if (event.type === 'DisputeClosed' && isPositive(decimal(event.settled ?? '0'))) met.add('settled');
      }
    }
    const wanted = ['RechargeRefunded', 'RechargeDisputed', 'won', 'lost', 'ReceivableWrittenOff', 'written back'];
    expect([...met]).toEqual(expect.arrayContaining([...wanted, 'fee', 'owed', 'settled']));
  });

  it('conserves money: the wallet is the sum of its lots, with what is frozen, and what the entries say', () => {
    check(({ events, account }) => {
      if (account === undefined) return;
      expect(toText(account.wallet)).toBe(toText(sum([frozenOf(account), ...account.lots.map(({ left }) => left)])));
      expect(toText(negate(balanceOf(events, 'liabilities:wallet:a')))).toBe(toText(account.wallet));
      expect(toText(balanceOf(events, 'assets:receivable:a'))).toBe(toText(account.receivable));
    });
  });

  it('has entries that sum to zero per commodity, with one leg per ledger account and none of zero', () => {
    check(({ events }) => {
      for (const event of events) {
        const postings = postingsOf(event, 'a');
        for (const commodity of new Set(postings.map((posting) => posting.commodity))) {
          const legs = postings.filter((posting) => posting.commodity === commodity);
          expect(toText(sum(legs.map(({ amount }) => amount)))).toBe('0');
          expect(new Set(legs.map(({ ledgerAccount }) => ledgerAccount)).size).toBe(legs.length);
          expect(legs.some(({ amount }) => isZero(amount))).toBe(false);
        }
      }
    });
  });

  it('is never negative, and its burn order is what is left, in order', () => {
    fc.assert(
      fc.property(stories, rulebooks, (story, versions) => {
        live(story, versions, (account) => {
          expect(isNegative(account.receivable)).toBe(false);
          expect(isNegative(frozenOf(account)) || isNegative(writtenOffOf(account))).toBe(false);
          expect(account.lots.some(({ left }) => isNegative(left))).toBe(false);
          const inOrder = account.lots.filter(({ left }) => isPositive(left)).sort(compareLots);
          expect(account.burnOrder.map(({ lot }) => lot)).toEqual(inOrder.map(({ lot }) => lot));
        });
      }),
      { numRuns: 300 },
    );
  });

  it('never has both money it may spend and something it owes', () => {
    fc.assert(
      fc.property(stories, rulebooks, (story, versions) => {
        live(story, versions, (account, hour) => {
          const version = versions[0];
          if (version === undefined || !mayDrawWallet(account.standing, version.rulebook)) return;
          const free = subtract(walletAt(account, at(hour)), frozenOf(account));
          expect([toText(free), toText(account.receivable)]).toContain('0');
        });
      }),
      { numRuns: 300 },
    );
  });

  it('does each command once: deciding again writes nothing', () => {
    check(({ decided, account }) => {
      for (const { decide, decision, isUsage } of decided) {
        if (isUsage || decision.kind !== 'accepted' || decision.events.length === 0) continue;
        // Settings say what is to be so, and others may have said otherwise since.
        if (decision.events[0]?.type === 'AccountSettingsChanged') continue;
        const again = decide(account);
        if (again.kind === 'accepted') expect(again.events).toEqual([]);
        else expect(again.kind).toBe('repeated');
      }
    });
  });

  it('is the same after its events in one go, or from a snapshot at any point and the rest', () => {
    check(({ events, account }) => {
      expect(textOf(accountAfter(events))).toBe(textOf(account));
      for (let cut = 1; cut < events.length; cut += 3) {
        const prefix = accountAfter(events.slice(0, cut));
        const restored = fromSnapshot(JSON.parse(textOf(prefix)));
        if (restored === undefined) throw new Error('a snapshot of today is not known');
        expect(textOf(restored)).toBe(textOf(prefix));
        const whole = events
          .slice(cut)
          .reduce<Account>((state, event, index) => evolve(state, event, cut + index), restored);
        expect(textOf(whole)).toBe(textOf(account));
        expect(whole.burnOrder.map(({ lot }) => lot)).toEqual(account?.burnOrder.map(({ lot }) => lot));
      }
    });
  });

  it('survives being stored: its events are plain JSON', () => {
    check(({ events, account }) => {
      expect(textOf(accountAfter(JSON.parse(JSON.stringify(events)) as AccountEvent[]))).toBe(textOf(account));
    });
  });

  it('survives a view of any instant, usage dated ahead and reversals before their charge included', () => {
    checkOutOfTime(({ events }) => {
      for (const then of instantsOf(events)) {
        const past = accountAsOf(entriesOf(events), then);
        if (past === undefined) continue;
        expect(isNegative(past.receivable)).toBe(false);
        expect(past.lots.some(({ left }) => isNegative(left))).toBe(false);
        expect(past.lots.map(({ lot }) => lot)).toEqual([...past.lots.keys()]);
        expect(toText(sum([frozenOf(past), ...past.lots.map(({ left }) => left)]))).toBe(toText(past.wallet));
        expect(isNegative(frozenOf(past))).toBe(false);
      }
    });
  });

  it('as of its last event or later is as it stands, with all that it owns', () => {
    checkOutOfTime(({ events, account }) => {
      const last = Math.max(0, ...instantsOf(events));
      for (const then of [last, last + 1, last + 86_400_000]) {
        const past = accountAsOf(entriesOf(events), then);
        expect(textOf(past)).toBe(textOf(account));
        expect(past?.burnOrder).toEqual(account?.burnOrder);
        expect(past?.wallet && toText(past.wallet)).toBe(account?.wallet && toText(account.wallet));
      }
    });
  });

  it('as of an instant nets to what the charges and commands until then come to', () => {
    checkOutOfTime(({ events }) => {
      for (const then of instantsOf(events)) {
        const past = accountAsOf(entriesOf(events), then);
        if (past === undefined) continue;
        const net = subtract(past.wallet, past.receivable);
        // What was written off of what was owed by then is neither there nor owed.
        expect(toText(net)).toBe(toText(sum([writtenOffOf(past), ...events.map((event) => netBy(event, then))])));
      }
    });
  });
});

const entriesOf = (events: readonly AccountEvent[]) => events.map((event, revision) => ({ event, revision }));

/** Every instant at which something occurred, expired ones included, and those just before. */
function instantsOf(events: readonly AccountEvent[]): number[] {
  const texts = events.flatMap((event) => {
    if (event.type === 'UsageCharged') return event.charges.map(({ occurredAt }) => occurredAt);
    return event.type === 'CreditGranted' && event.expiresAt !== null
      ? [event.occurredAt, event.expiresAt]
      : [event.occurredAt];
  });
  return [...new Set(texts.map((text) => Date.parse(text)))].flatMap((at) => [at - 1, at]);
}

/** What an event adds to wallet less receivable by an instant. */
function netBy(event: AccountEvent, atMs: number): Decimal {
  const isBy = (occurredAt: string) => Date.parse(occurredAt) <= atMs;
  switch (event.type) {
    case 'WalletRecharged':
      return isBy(event.occurredAt) ? decimal(event.credited) : zero;
    case 'CreditGranted':
      return isBy(event.occurredAt) ? decimal(event.amount) : zero;
    case 'UsageCharged':
      return negate(
        sum(event.charges.filter(({ occurredAt }) => isBy(occurredAt)).map(({ amount }) => decimal(amount))),
      );
    case 'UsageReversed':
      return isBy(event.occurredAt) && isBy(event.chargeOccurredAt) ? decimal(event.amount) : zero;
    case 'RechargeRefunded':
      return isBy(event.occurredAt) ? negate(decimal(event.refunded)) : zero;
    case 'DisputeClosed':
      return isBy(event.occurredAt) && event.outcome === 'lost' ? negate(decimal(event.amount)) : zero;
    case 'PlanSwitched':
      return isBy(event.occurredAt) ? decimal(event.credit) : zero;
    case 'SubscriptionStarted':
    case 'SubscriptionRenewed':
    case 'SubscriptionCancelled':
    case 'AccountOpened':
    case 'RechargeDisputed':
    case 'ReceivableWrittenOff':
    case 'AccountSettingsChanged':
    case 'TierChanged':
    case 'ApiKeyIssued':
    case 'ApiKeyChanged':
    case 'ApiKeyRevoked':
      return zero;
  }
}

describe('a batch of usage', () => {
  const usages = fc.array(
    fc.record({ requests: fc.integer({ min: 0, max: 9 }), late: fc.integer({ min: 0, max: 9 }) }),
    { minLength: 1, maxLength: 8 },
  );

  it('draws the same whether it is charged at once or one by one', () => {
    fc.assert(
      fc.property(steps, usages, rulebooks, (story, batch, versions) => {
        const { account, hour, events } = live(story, versions);
        if (account === undefined) return;
        const all = batch.map(({ requests, late }, index) => usage(`b${index}`, requests, hour - late));
        const atOnce = chargeUsage(account, all, versions).event;
        let alone = accountAfter(events) ?? account;
        const charges = all.flatMap((one) => {
          const { event } = chargeUsage(alone, [one], versions);
          if (event === null) return [];
          alone = evolve(alone, event, alone.revision + 1);
          return event.charges;
        });
        expect(atOnce?.charges).toEqual(charges);
        expect(atOnce?.wallet).toBe(toText(alone.wallet));
        expect(atOnce?.receivable ?? '0').toBe(toText(alone.receivable));
      }),
      { numRuns: 300 },
    );
  });

  it('comes to the same total in any order', () => {
    fc.assert(
      fc.property(steps, usages, rulebooks, fc.infiniteStream(fc.nat()), (story, batch, versions, luck) => {
        const { account, hour } = live(story, versions);
        if (account === undefined) return;
        const all = batch.map(({ requests, late }, index) => usage(`b${index}`, requests, hour - late));
        const keys = new Map(all.map((one) => [one.id, luck.next().value as number]));
        const shuffled = [...all].sort((a, b) => (keys.get(a.id) ?? 0) - (keys.get(b.id) ?? 0));
        const [one, other] = [all, shuffled].map((order) => chargeUsage(account, order, versions).event);
        const net = (event: typeof one) => subtract(decimal(event?.wallet ?? '0'), decimal(event?.receivable ?? '0'));
        const total = (event: typeof one) => sum((event?.charges ?? []).map(({ amount }) => decimal(amount)));
        expect(compare(net(one), net(other))).toBe(0);
        expect(compare(total(one), total(other))).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
