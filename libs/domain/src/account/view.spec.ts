import { inDisplayCurrency, viewAccount } from './view';
import { grantCredit } from './wallet/grant';
import { receiveRecharge } from './wallet/recharge';
import { changeSettings } from './standing/settings';
import { given } from '../testing/given';
import { aChange, aGrant, aRecharge, at } from '../testing/commands';
import { published } from '../testing/rulebooks';

const optIn = published({
  wallet: { requiresOptIn: true },
  fx: [
    { pair: 'USD/CNY', rate: '7.3' },
    { pair: 'EUR/USD', rate: '1.1' },
  ],
  tiers: [
    { id: 'free', rank: 1, priority: { level: 7, name: 'low' } },
    { id: 'pro', rank: 2 },
  ],
});
const history = given().when((account) => receiveRecharge(account, aRecharge('r1', '5', 0), [optIn])).soFar;
const granted = given(...history).when((account) => grantCredit(account, aGrant('g1', '2', 1, at(9)), [optIn]));

describe('the view of an account', () => {
  it('shows everything, and null for what is not there', () => {
    expect(viewAccount(granted.account, optIn.rulebook, at(2))).toEqual({
      tier: 'free',
      priority: { level: 7, name: 'low' },
      currency: 'USD',
      wallet: '7',
      frozen: '0',
      held: '0',
      available: '0',
      receivable: '0',
      payAsYouGo: false,
      pools: {
        main: { granted: '0', used: '0', remaining: '0' },
        backup: { granted: '0', used: '0', remaining: '0' },
      },
      subscription: null,
      customMultiplier: null,
      limits: null,
      suspended: false,
      revision: 2,
    });
  });

  it('has what may be drawn available, and the settings of the account', () => {
    const change = {
      payAsYouGo: true,
      tier: 'pro',
      customMultiplier: '0.5',
      suspended: true,
      limits: { requestsPerDay: 3 },
    };
    const { account } = given(...granted.soFar).when((before) => changeSettings(before, aChange(change, 2), [optIn]));
    expect(viewAccount(account, optIn.rulebook, at(2))).toMatchObject({
      available: '7',
      payAsYouGo: true,
      tier: 'pro',
      priority: { level: 2, name: 'pro' },
      customMultiplier: '0.5',
      suspended: true,
      limits: { requestsPerDay: 3 },
    });
  });

  it('drops what has expired', () => {
    expect(viewAccount(granted.account, optIn.rulebook, at(9) - 1).wallet).toBe('7');
    expect(viewAccount(granted.account, optIn.rulebook, at(9)).wallet).toBe('5');
  });
});

describe('money in another currency', () => {
  const view = { currency: 'USD', wallet: '1.005', available: '1', receivable: '0.02' };

  it('is shown half-up to the cent at the rate per unit of the wallet, either way round', () => {
    expect(inDisplayCurrency(view, 'CNY', optIn.rulebook)).toEqual({
      currency: 'CNY',
      rate: '7.3',
      wallet: '7.34',
      available: '7.3',
      receivable: '0.15',
    });
    expect(inDisplayCurrency(view, 'EUR', optIn.rulebook)).toEqual({
      currency: 'EUR',
      rate: '0.909090909091',
      wallet: '0.91',
      available: '0.91',
      receivable: '0.02',
    });
    expect(inDisplayCurrency(view, 'USD', optIn.rulebook)).toMatchObject({ rate: '1', wallet: '1.01' });
  });

  it('is not shown where there is no rate', () => {
    expect(inDisplayCurrency(view, 'JPY', optIn.rulebook)).toBeUndefined();
  });
});
