import {
  isNothing,
  lapsedAndBack,
  lapsedAt,
  lapsedPostings,
  lapsedSince,
  lapsesBetween,
  nothingLapsed,
} from './time-alone';
import { chargeUsage } from '../account/charging/charge';
import { accepted } from '../account/decision';
import { grantCredit } from '../account/wallet/grant';
import { receiveRecharge } from '../account/wallet/recharge';
import { decimal, toText } from '../amount/decimal';
import { given } from '../testing/given';
import { aGrant, aRecharge, at, usage } from '../testing/commands';
import { published } from '../testing/rulebooks';

const rules = [published()];
const history = given(
  ...given(...given().when((account) => receiveRecharge(account, aRecharge('r1', '10', 0), rules)).soFar).when(
    (account) => grantCredit(account, aGrant('g1', '3', 0, at(5)), rules),
  ).soFar,
).when((account) => grantCredit(account, aGrant('g2', '4', 0, at(7)), rules));
const expiredAt = (hour: number, account = history.account) =>
  lapsedPostings(lapsedAt(account, at(hour)), account.currency, 'acct-1').map(
    ({ ledgerAccount, commodity, amount }) => [ledgerAccount, commodity, toText(amount)],
  );

describe('expired lots', () => {
  it('leave the wallet at their expiry and take their promotion back', () => {
    expect(expiredAt(4.99)).toEqual([]);
    expect(expiredAt(5)).toEqual([
      ['liabilities:wallet:acct-1', 'USD', '3'],
      ['expenses:promotions', 'USD', '-3'],
    ]);
    expect(expiredAt(7)).toEqual([
      ['liabilities:wallet:acct-1', 'USD', '7'],
      ['expenses:promotions', 'USD', '-7'],
    ]);
  });

  it('leave no more than usage booked late has left of them', () => {
    const { account } = given(...history.soFar).when((before) => {
      const { event } = chargeUsage(before ?? history.account, [usage('u1', 2, 4)], rules);
      if (event === null) throw new Error('nothing was charged');
      return accepted(event);
    });
    expect(expiredAt(5, account)).toEqual([
      ['liabilities:wallet:acct-1', 'USD', '1'],
      ['expenses:promotions', 'USD', '-1'],
    ]);
  });
});

describe('what time alone changes', () => {
  const lapsed = (wallet: string) => ({ ...nothingLapsed, wallet: decimal(wallet) });

  it('happens at the expiry of each lot that has something left, once an instant', () => {
    const hours = (from: number, to: number) =>
      lapsesBetween(history.account, at(from), at(to)).map((ms) => at(0) - ms);
    const expected = (...list: number[]) => list.map((hour) => at(0) - at(hour));
    expect(hours(0, 24)).toEqual(expected(5, 7));
    expect(hours(5, 7)).toEqual(expected(7));
    expect(hours(4, 5)).toEqual(expected(5));
    expect(hours(5, 6.99)).toEqual([]);
    expect(hours(7, 24)).toEqual([]);
  });

  it('is told as what lapsed and what came back', () => {
    const more = lapsedSince(lapsed('3'), lapsed('7'));
    expect(toText(more.wallet)).toBe('4');
    expect(lapsedAndBack(more)).toMatchObject({ lapsed: more, back: nothingLapsed });
    const less = lapsedSince(lapsed('7'), lapsed('3'));
    expect(lapsedAndBack(less)).toMatchObject({ lapsed: nothingLapsed, back: less });
    expect([isNothing(more), isNothing(nothingLapsed)]).toEqual([false, true]);
  });
});
