import { changeSettings } from './settings';
import { chargeUsage } from '../charging/charge';
import type { Account } from '../account';
import type { Decision } from '../decision';
import { accepted, alreadySo } from '../decision';
import type { SettingsChange } from './events';
import { grantCredit } from '../wallet/grant';
import { receiveRecharge } from '../wallet/recharge';
import { given } from '../../testing/given';
import { aChange, aGrant, aRecharge, at, atText, usage } from '../../testing/commands';
import { published } from '../../testing/rulebooks';

const rules = [
  published({
    tiers: [
      { id: 'default', rank: 1 },
      { id: 'pro', rank: 2 },
    ],
    wallet: { requiresOptIn: true },
  }),
];
const history = given().when((account) => receiveRecharge(account, aRecharge('r1', '5', 1), rules)).soFar;
const change =
  (settings: SettingsChange, hour = 2) =>
  (account: Account | undefined): Decision =>
    changeSettings(account, aChange(settings, hour), rules);
const charge =
  (requests: number, hour: number) =>
  (account: Account | undefined): Decision => {
    const { event } = chargeUsage(account as Account, [usage('u1', requests, hour)], rules);
    return event === null ? alreadySo : accepted(event);
  };

describe('settings', () => {
  it('write what changed and nothing else', () => {
    const [event] = given(...history).when(change({ suspended: true, payAsYouGo: false, tier: 'pro' })).events;
    expect(event).toMatchObject({
      type: 'AccountSettingsChanged',
      occurredAt: atText(2),
      wallet: '5',
      receivable: '0',
    });
    expect(event).toHaveProperty('changed', { suspended: true, tier: 'pro' });
  });

  it('are accepted whatever their time where they change nothing', () => {
    const pinned = given(...history).when(
      change({ tier: 'pro', customMultiplier: '0.5', limits: { requestsPerMinute: 5, requestsPerDay: null } }),
    );
    const again = { tier: 'pro', customMultiplier: '0.5', limits: { requestsPerDay: null, requestsPerMinute: 5 } };
    given(...pinned.soFar)
      .when((account) => changeSettings(account, { change: again, time: { occurredAt: at(99), now: at(0) } }, []))
      .thenNothing();
    given(...history)
      .when(change({ payAsYouGo: false, customMultiplier: null, limits: null, suspended: false, tier: null }))
      .thenNothing();
  });

  it('change a multiplier by its value, and limits where one of them is another', () => {
    const limits = { requestsPerMinute: 5, requestsPerDay: 9 };
    const before = given(...history).when(change({ customMultiplier: '0.5', limits }));
    const then = (settings: SettingsChange) => given(...before.soFar).when(change(settings, 3));
    then({ customMultiplier: '0.5', limits }).thenNothing();
    for (const other of [
      { customMultiplier: '0.51' },
      { customMultiplier: null },
      { limits: { requestsPerMinute: 6, requestsPerDay: 9 } },
      { limits: { requestsPerMinute: 5, requestsPerDay: 8 } },
      { limits: { requestsPerMinute: 5 } },
      { limits: { requestsPerDay: 9 } },
      { limits: null },
    ]) {
      const [event] = then(other).events;
      expect(event).toHaveProperty('changed', other);
    }
    then({ customMultiplier: 'a half' }).thenRefused('invalid_request');
  });

  it('settle nothing where pay-as-you-go is not among what changes', () => {
    const owing = given(...history).when(charge(2, 2));
    given(...owing.soFar)
      .when(change({ suspended: true }, 3))
      .thenEvents({ settled: [], wallet: '5', receivable: '2' });
  });

  it('obey the order of times where they change something', () => {
    given(...history)
      .when((account) =>
        changeSettings(account, { change: { suspended: true }, time: { occurredAt: at(0), now: at(9) } }, rules),
      )
      .thenRefused('occurred_at_out_of_order');
  });

  it('settle what is owed when pay-as-you-go is turned on', () => {
    const owing = given(...history).when(charge(2, 2));
    owing.thenEvents({ charges: [{ owed: '2', limitedBy: 'pay_as_you_go_off' }], wallet: '5', receivable: '2' });
    const on = given(...owing.soFar).when(change({ payAsYouGo: true }, 3));
    on.thenEvents({ settled: [[0, '2']], wallet: '3', receivable: '0' });
    given(...on.soFar)
      .when(change({ payAsYouGo: false }, 4))
      .thenEvents({ settled: [], wallet: '3' });
  });

  it('settle from lots that have not expired, and leave owed what they cannot cover', () => {
    const granted = given(...history).when((account) => grantCredit(account, aGrant('g1', '9', 2, at(3)), rules));
    const owing = given(...granted.soFar).when(charge(7, 2));
    given(...owing.soFar)
      .when(change({ payAsYouGo: true }, 4))
      .thenEvents({ settled: [[0, '5']], wallet: '9', receivable: '2' });
  });

  it('pin known tiers only', () => {
    given(...history)
      .when(change({ tier: 'gold' }))
      .thenRefused('unknown_tier');
    given(...history)
      .when(change({ tier: 'pro' }))
      .thenEvents({ changed: { tier: 'pro' } });
  });

  it('take a custom multiplier of zero or more', () => {
    given(...history)
      .when(change({ customMultiplier: '-0.5' }))
      .thenRefused('invalid_request');
    const custom = given(...history).when(change({ customMultiplier: '0' }));
    expect(custom.account.standing.customMultiplier).toEqual({ coefficient: 0n, scale: 0 });
  });

  it('belong to an account', () => {
    given()
      .when(change({ suspended: true }))
      .thenRefused('unknown_account');
  });
});
