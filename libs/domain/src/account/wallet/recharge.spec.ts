import { receiveRecharge } from './recharge';
import { chargeUsage } from '../charging/charge';
import type { Account } from '../account';
import type { Decision } from '../decision';
import { accepted, alreadySo } from '../decision';
import { openAccount } from '../standing/open';
import { given } from '../../testing/given';
import { aRecharge, at, atText, nowAt, usage } from '../../testing/commands';
import { published } from '../../testing/rulebooks';

const rules = [
  published({
    fx: [
      { pair: 'USD/CNY', rate: '7.3' },
      { pair: 'EUR/USD', rate: '1.1' },
      { pair: 'USD/GBP', rate: '0.8' },
    ],
    providers: { manual: {}, creem: { minimumRecharge: '5' } },
  }),
];
const recharge =
  (...args: Parameters<typeof aRecharge>) =>
  (account: Account | undefined): Decision =>
    receiveRecharge(account, aRecharge(...args), rules);
const charge =
  (requests: number, hour: number) =>
  (account: Account | undefined): Decision => {
    if (account === undefined) throw new Error('no account');
    const { event } = chargeUsage(account, [usage(`u${hour}`, requests, hour)], rules);
    return event === null ? alreadySo : accepted(event);
  };

describe('a recharge', () => {
  it('opens the account when it is the first, with the automatic starter grant', () => {
    const starter = [
      published({ starterGrant: { amount: '1', reason: 'starter', expiresAfterDays: null, automatic: true } }),
    ];
    given()
      .when((account) => receiveRecharge(account, aRecharge('r1', '10', 1), starter))
      .thenEvents(
        { type: 'AccountOpened' },
        { type: 'CreditGranted', lot: 0, wallet: '1' },
        { type: 'WalletRecharged', lot: 1, wallet: '11', occurredAt: atText(1) },
      );
  });

  it('opens nothing when it is refused', () => {
    given()
      .when(recharge('r1', '10', 1, 'USD', 'stripe'))
      .thenRefused('provider_unsupported');
  });

  it('credits the same currency as sent', () => {
    const [, event] = given().when(recharge('r1', '0.0000001', 1)).events;
    expect(event).toMatchObject({
      credited: '0.0000001',
      fxRate: null,
      paid: { amount: '0.0000001', currency: 'USD' },
    });
  });

  it('converts a foreign currency either way round, exactly, rounded once', () => {
    const [, back] = given().when(recharge('r1', '1', 1, 'CNY')).events;
    expect(back).toMatchObject({
      credited: '0.136986',
      fxRate: '0.13698630137',
      paid: { amount: '1', currency: 'CNY' },
    });
    const [, forth] = given().when(recharge('r1', '3', 1, 'EUR')).events;
    expect(forth).toMatchObject({ credited: '3.3', fxRate: '1.1', currency: 'USD' });
    const [, terminating] = given().when(recharge('r1', '4', 1, 'GBP')).events;
    expect(terminating).toMatchObject({ credited: '5', fxRate: '1.25' });
  });

  it('is refused by provider, then currency, then minimum', () => {
    given()
      .when(recharge('r1', '1', 1, 'XYZ', 'stripe'))
      .thenRefused('provider_unsupported');
    given()
      .when(recharge('r1', '1', 1, 'XYZ', 'creem'))
      .thenRefused('currency_unsupported');
    given()
      .when(recharge('r1', '36.4', 1, 'CNY', 'creem'))
      .thenRefused('below_minimum_recharge');
    given()
      .when(recharge('r1', '4.99', 1, 'USD', 'creem'))
      .thenRefused('below_minimum_recharge');
    expect(given().when(recharge('r1', '36.5', 1, 'CNY', 'creem')).events).toHaveLength(2);
  });

  it('is more than nothing', () => {
    given()
      .when(recharge('r1', '0', 1))
      .thenRefused('invalid_request');
    given()
      .when(recharge('r1', '-1', 1))
      .thenRefused('invalid_request');
  });

  it('is refused when nothing is left of it after the conversion', () => {
    given()
      .when(recharge('r1', '0.000001', 1, 'CNY'))
      .thenRefused('below_minimum_recharge');
  });

  it('settles what is owed before it fills the wallet', () => {
    const owing = given(...given(...given().when(recharge('r1', '2', 1)).soFar).when(charge(5, 2)).soFar);
    owing.when(recharge('r2', '1', 3)).thenEvents({ settled: '1', wallet: '0', receivable: '2', lot: 1 });
    const outcome = owing.when(recharge('r2', '10', 3));
    outcome.thenEvents({ settled: '3', wallet: '7', receivable: '0' });
    expect(outcome.account.lots[1]?.left).toEqual(expect.objectContaining({ coefficient: 7n }));
  });

  it('adds up the recharges of the account as credited', () => {
    const first = given().when(recharge('r1', '400', 1));
    given(...first.soFar)
      .when(recharge('r2', '73', 2, 'CNY'))
      .thenEvents({ recharges: { count: 2, largest: '400', cumulative: '410' } });
  });

  it('is done once: the same again repeats, other content conflicts, before all else is looked at', () => {
    const first = given(...given().when(recharge('r1', '10', 5)).soFar);
    first.when(recharge('r1', '10', 1)).thenRepeats(1);
    first.when(recharge('r1', '10.5', 1)).thenRefused('idempotency_conflict');
    first
      .when((account) =>
        receiveRecharge(account, { ...aRecharge('r1', '10', 5), time: { occurredAt: at(9), now: at(6) } }, []),
      )
      .thenRepeats(1);
  });

  it('may be asked again after a refusal', () => {
    const open = given(...given().when((account) => openAccount(account, nowAt(0), rules)).soFar);
    open.when(recharge('r1', '4', 1, 'USD', 'creem')).thenRefused('below_minimum_recharge');
    open.when(recharge('r1', '4', 1)).thenEvents({ type: 'WalletRecharged' });
  });

  it('never occurs before the last command, and by default at the later of now and that', () => {
    const first = given(...given().when(recharge('r1', '10', 5)).soFar);
    const timed = (occurredAt: number | null, now: number) => (account: Account | undefined) =>
      receiveRecharge(account, { ...aRecharge('r2', '1', 0), time: { occurredAt, now } }, rules);
    first.when(timed(at(4), at(9))).thenRefused('occurred_at_out_of_order');
    first.when(timed(at(10), at(9))).thenRefused('occurred_at_in_future');
    first.when(timed(at(5), at(9))).thenEvents({ occurredAt: atText(5) });
    first.when(timed(null, at(4))).thenEvents({ occurredAt: atText(5) });
    first.when(timed(null, at(9))).thenEvents({ occurredAt: atText(9) });
  });

  it('follows the rulebook in force when it occurred', () => {
    const versions = [
      published({ fx: [{ pair: 'USD/CNY', rate: '7' }] }),
      published({ fx: [{ pair: 'USD/CNY', rate: '8' }] }, 2, atText(4)),
    ];
    const on = (hour: number) =>
      given().when((account) =>
        receiveRecharge(
          account,
          { ...aRecharge('r1', '56', 0, 'CNY'), time: { occurredAt: at(hour), now: at(9) } },
          versions,
        ),
      ).events[1];
    expect(on(3)).toMatchObject({ credited: '8', rulebook: 1 });
    expect(on(4)).toMatchObject({ credited: '7', rulebook: 2 });
  });
});
