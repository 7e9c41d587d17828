import * as fc from 'fast-check';
import type { Account } from '../account/account';
import { chargeUsage } from '../account/charging/charge';
import { reverseCharge } from '../account/charging/reverse';
import type { Decision } from '../account/decision';
import { accepted, alreadySo } from '../account/decision';
import type { AccountEvent } from '../account/events';
import { openAccount } from '../account/standing/open';
import { changeSettings } from '../account/standing/settings';
import { grantCredit } from '../account/wallet/grant';
import { receiveRecharge } from '../account/wallet/recharge';
import { add, toText, zero, type Decimal } from '../amount/decimal';
import { closeDispute } from '../account/payments/close-dispute';
import { disputeRecharge } from '../account/payments/dispute';
import { refundRecharge } from '../account/payments/refund';
import { writeOff } from '../account/payments/write-off';
import {
  aChange,
  aClosing,
  aDispute,
  aGrant,
  aRecharge,
  aRefund,
  aReversal,
  at,
  atText,
  aWriteOff,
  chargeIn,
  nowAt,
  rechargeIn,
  usage,
} from '../testing/commands';
import { given } from '../testing/given';
import { live, stepsOutOfTime } from '../testing/histories';
import { published } from '../testing/rulebooks';
import type { Posting } from './legs';
import { entriesOf, postingsOf } from './postings';

const rules = [published({ fx: [{ pair: 'USD/CNY', rate: '7.3' }], refund: { windowDays: 1 } })];

function summed(legs: readonly Posting[]): Record<string, string> {
  const sums = new Map<string, Decimal>();
  for (const { ledgerAccount, commodity, amount } of legs) {
    const line = `${ledgerAccount} ${commodity}`;
    sums.set(line, add(sums.get(line) ?? zero, amount));
  }
  return Object.fromEntries([...sums].map(([line, sum]) => [line, toText(sum)]));
}

const charge = (id: string, requests: number, hour: number) => (account: Account | undefined) => {
  const event = account === undefined ? null : chargeUsage(account, [usage(id, requests, hour)], rules).event;
  return event === null ? alreadySo : accepted(event);
};
/** What has happened when something more is asked for. */
const next = (history: readonly AccountEvent[], decide: (account: Account | undefined) => Decision) =>
  given(...history).when(decide).soFar;

/** The entry of the last of some events. */
function lastEntry(history: readonly AccountEvent[]): unknown {
  return history
    .slice(-1)
    .flatMap((event) => postingsOf(event, 'a'))
    .map(({ ledgerAccount, commodity, amount }) => [ledgerAccount, commodity, toText(amount)]);
}

describe('the entry of', () => {
  const opened = next([], (none) => openAccount(none, nowAt(0), rules));
  const granted = next(opened, (account) => grantCredit(account, aGrant('g', '1', 0, at(2)), rules));
  const owing = next(granted, charge('u', 5, 1));

  it('a grant is a promotion, and settles what is owed first', () => {
    expect(lastEntry(granted)).toEqual([
      ['expenses:promotions', 'USD', '1'],
      ['liabilities:wallet:a', 'USD', '-1'],
    ]);
    expect(lastEntry(next(owing, (account) => grantCredit(account, aGrant('g2', '6', 3), rules)))).toEqual([
      ['expenses:promotions', 'USD', '6'],
      ['assets:receivable:a', 'USD', '-4'],
      ['liabilities:wallet:a', 'USD', '-2'],
    ]);
  });

  it('a charge is revenue, from the wallet and what is owed', () => {
    expect(lastEntry(owing)).toEqual([
      ['liabilities:wallet:a', 'USD', '1'],
      ['assets:receivable:a', 'USD', '4'],
      ['revenue:usage', 'USD', '-5'],
    ]);
  });

  it('a recharge is cash of its provider, and of another currency an exchange', () => {
    const recharge = (amount: string, currency: string) =>
      lastEntry(next(owing, (account) => receiveRecharge(account, aRecharge('r', amount, 3, currency), rules)));
    expect(recharge('10', 'USD')).toEqual([
      ['assets:cash:manual', 'USD', '10'],
      ['assets:receivable:a', 'USD', '-4'],
      ['liabilities:wallet:a', 'USD', '-6'],
    ]);
    expect(recharge('73', 'CNY')).toEqual([
      ['assets:cash:manual', 'CNY', '73'],
      ['equity:fx', 'CNY', '-73'],
      ['equity:fx', 'USD', '10'],
      ['assets:receivable:a', 'USD', '-4'],
      ['liabilities:wallet:a', 'USD', '-6'],
    ]);
  });

  it('a reversal takes the revenue back, whatever became of the money that it gives back', () => {
    const settled = next(owing, (account) => receiveRecharge(account, aRecharge('r', '3', 3), rules));
    const reversed = next(settled, (account) => reverseCharge(account, aReversal('x', 'u', 4), chargeIn(settled, 'u')));
    expect(lastEntry(reversed)).toEqual([
      ['revenue:usage', 'USD', '5'],
      ['assets:receivable:a', 'USD', '-1'],
      ['liabilities:wallet:a', 'USD', '-4'],
    ]);
  });

  it('a reversal of what was written off takes the bad debt back', () => {
    const lostOnce = next(owing, (account) => writeOff(account, aWriteOff('w', '3', 3), rules));
    expect(lastEntry(lostOnce)).toEqual([
      ['expenses:bad-debt', 'USD', '3'],
      ['assets:receivable:a', 'USD', '-3'],
    ]);
    const reversed = next(lostOnce, (account) =>
      reverseCharge(account, aReversal('x', 'u', 4), chargeIn(lostOnce, 'u')),
    );
    expect(lastEntry(reversed)).toEqual([
      ['revenue:usage', 'USD', '5'],
      ['expenses:bad-debt', 'USD', '-3'],
      ['assets:receivable:a', 'USD', '-1'],
      ['liabilities:wallet:a', 'USD', '-1'],
    ]);
  });

  it('a refund gives cash back, and of another currency the other way round as it came', () => {
    const refunded = (amount: string, currency: string) => {
      const paid = next(opened, (account) => receiveRecharge(account, aRecharge('r', amount, 1, currency), rules));
      const used = next(paid, charge('u', 4, 1));
      return lastEntry(
        next(used, (account) => refundRecharge(account, aRefund('f', 'r', 2), rechargeIn(used, 'r'), rules)),
      );
    };
    expect(refunded('10', 'USD')).toEqual([
      ['liabilities:wallet:a', 'USD', '6'],
      ['assets:cash:manual', 'USD', '-6'],
    ]);
    expect(refunded('73', 'CNY')).toEqual([
      ['assets:cash:manual', 'CNY', '-43.8'],
      ['equity:fx', 'CNY', '43.8'],
      ['equity:fx', 'USD', '-6'],
      ['liabilities:wallet:a', 'USD', '6'],
    ]);
  });

  describe('a dispute', () => {
    const disputed = (amount: string, currency: string) => {
      const paid = next(opened, (account) => receiveRecharge(account, aRecharge('r', amount, 1, currency), rules));
      const used = next(paid, charge('u', 4, 1));
      return next(used, (account) => disputeRecharge(account, aDispute('d', 'r', 2), rechargeIn(used, 'r'), rules));
    };
    const close = (history: readonly AccountEvent[], outcome: 'won' | 'lost', fee: string | null = null) =>
      lastEntry(
        next(history, (account) =>
          closeDispute(account, aClosing('d', 'r', outcome, 3, fee), rechargeIn(history, 'r'), rules),
        ),
      );

    it('moves nothing while it is open', () => {
      expect(lastEntry(disputed('10', 'USD'))).toEqual([]);
    });

    it('that is won moves what settles', () => {
      expect(close(disputed('10', 'USD'), 'won')).toEqual([]);
      expect(close(next(disputed('10', 'USD'), charge('u2', 2, 2)), 'won')).toEqual([
        ['assets:receivable:a', 'USD', '-2'],
        ['liabilities:wallet:a', 'USD', '2'],
      ]);
    });

    it('that is lost takes cash, the wallet and what is owed, and the fee is an expense', () => {
      expect(close(disputed('10', 'USD'), 'lost', '1.5')).toEqual([
        ['liabilities:wallet:a', 'USD', '6'],
        ['assets:receivable:a', 'USD', '4'],
        ['expenses:disputes', 'USD', '1.5'],
        ['assets:cash:manual', 'USD', '-11.5'],
      ]);
    });

    it('of a foreign payment is taken in the currency paid, the fee too', () => {
      expect(close(disputed('73', 'CNY'), 'lost', '14.6')).toEqual([
        ['assets:cash:manual', 'CNY', '-87.6'],
        ['equity:fx', 'CNY', '87.6'],
        ['equity:fx', 'USD', '-12'],
        ['liabilities:wallet:a', 'USD', '6'],
        ['assets:receivable:a', 'USD', '4'],
        ['expenses:disputes', 'USD', '2'],
      ]);
    });
  });

  it('what moves no money is none', () => {
    const unmoved: readonly AccountEvent[] = [
      { type: 'AccountOpened', occurredAt: atText(0), currency: 'USD' },
      { type: 'TierChanged', occurredAt: atText(0), from: 'default', to: 'vip', tierRevision: 0 },
      {
        type: 'ApiKeyIssued',
        occurredAt: atText(0),
        keyId: 'k',
        name: 'k',
        group: null,
        secretHash: 'hash',
        digest: 'digest',
      },
      { type: 'ApiKeyChanged', occurredAt: atText(0), keyId: 'k', group: null },
      { type: 'ApiKeyRevoked', occurredAt: atText(0), keyId: 'k' },
      ...next(granted, (account) => changeSettings(account, aChange({ suspended: true }, 1), rules)).slice(-1),
      ...next(granted, charge('free', 0, 1)).slice(-1),
    ];
    expect(unmoved.map(({ type }) => type).slice(-2)).toEqual(['AccountSettingsChanged', 'UsageCharged']);
    for (const event of unmoved) {
      expect(postingsOf(event, 'a')).toEqual([]);
      expect(entriesOf(event, 'a')).toEqual([]);
    }
  });
});

describe('the entries of an event', () => {
  it('come to its postings, and each of them to zero', () => {
    fc.assert(
      fc.property(stepsOutOfTime, (story) => {
        for (const event of live(story, rules).events) {
          const entries = entriesOf(event, 'a');
          expect(summed(entries.flatMap(({ legs }) => legs))).toEqual(summed(postingsOf(event, 'a')));
          for (const { legs } of entries) {
            const byCommodity = summed(legs.map((leg) => ({ ...leg, ledgerAccount: '' })));
            expect(Object.values(byCommodity).every((sum) => sum === '0')).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('tell of each charge when it occurred, and of everything else when the event did', () => {
    fc.assert(
      fc.property(stepsOutOfTime, (story) => {
        for (const event of live(story, rules).events) {
          const instants = entriesOf(event, 'a').map(({ occurredAt }) => occurredAt);
          const charged = event.type === 'UsageCharged' ? event.charges.filter(({ amount }) => amount !== '0') : [];
          if (event.type === 'UsageCharged') expect(instants).toEqual(charged.map(({ occurredAt }) => occurredAt));
          else expect(instants.every((instant) => instant === event.occurredAt)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});
