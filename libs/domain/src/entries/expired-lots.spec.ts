import { expiredLotPostings } from './expired-lots';
import { chargeUsage } from '../account/charging/charge';
import { accepted } from '../account/decision';
import { grantCredit } from '../account/wallet/grant';
import { receiveRecharge } from '../account/wallet/recharge';
import { toText } from '../amount/decimal';
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
  expiredLotPostings(account, 'acct-1', at(hour)).map(({ ledgerAccount, commodity, amount }) => [
    ledgerAccount,
    commodity,
    toText(amount),
  ]);

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
