import { closeDispute } from './close-dispute';
import { disputeRecharge } from './dispute';
import { frozenOf } from './payments';
import { refundRecharge } from './refund';
import type { Account } from '../account';
import { disputeAnswer, disputeLostAnswer, disputeWonAnswer } from '../answers';
import { accountAsOf } from '../as-of';
import { chargeUsage } from '../charging/charge';
import { reverseCharge } from '../charging/reverse';
import type { Decision } from '../decision';
import { accepted, alreadySo } from '../decision';
import type { AccountEvent } from '../events';
import { changeSettings } from '../standing/settings';
import { viewAccount } from '../view';
import { grantCredit } from '../wallet/grant';
import { receiveRecharge } from '../wallet/recharge';
import type { DisputeClosed, RechargeDisputed } from './events';
import { toText } from '../../amount/decimal';
import { given } from '../../testing/given';
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
  chargeIn,
  rechargeIn,
  usage,
} from '../../testing/commands';
import { published } from '../../testing/rulebooks';

const sections = { fx: [{ pair: 'USD/CNY', rate: '7.3' }], refund: { windowDays: 2 } };
const rules = [published(sections)];
const optIn = [published({ ...sections, wallet: { requiresOptIn: true } })];
type Step = (history: readonly AccountEvent[]) => (account: Account | undefined) => Decision;

const after = (...steps: readonly Step[]): readonly AccountEvent[] =>
  steps.reduce<readonly AccountEvent[]>((history, step) => given(...history).when(step(history)).soFar, []);
const when = (history: readonly AccountEvent[], step: Step) => given(...history).when(step(history));
const recharge =
  (id: string, amount: string, hour: number, currency = 'USD'): Step =>
  () =>
  (account) =>
    receiveRecharge(account, aRecharge(id, amount, hour, currency), rules);
const charge =
  (id: string, requests: number, hour: number, versions = rules): Step =>
  () =>
  (account) => {
    const { event } = chargeUsage(account as Account, [usage(id, requests, hour)], versions);
    return event === null ? alreadySo : accepted(event);
  };
const dispute =
  (id: string, hour: number, amount: string | null = null, rechargeId = 'r1', versions = rules): Step =>
  (history) =>
  (account) =>
    disputeRecharge(account, aDispute(id, rechargeId, hour, amount), rechargeIn(history, rechargeId), versions);
const close =
  (id: string, outcome: 'won' | 'lost', hour: number, fee: string | null = null, versions = rules): Step =>
  (history) =>
  (account) =>
    closeDispute(account, aClosing(id, 'r1', outcome, hour, fee), rechargeIn(history, 'r1'), versions);
const money = (account: Account | undefined) =>
  account && [toText(account.wallet), toText(frozenOf(account)), toText(account.receivable)];

describe('a dispute', () => {
  const paid = after(recharge('r1', '100', 0), charge('u1', 30, 1));

  it('freezes what is left of the recharge, up to its amount', () => {
    const outcome = when(paid, dispute('d1', 2));
    outcome.thenEvents({
      type: 'RechargeDisputed',
      occurredAt: atText(2),
      disputed: { amount: '100', currency: 'USD' },
      amount: '100',
      lot: 0,
      frozen: '70',
      wallet: '70',
      receivable: '0',
      walletFrozen: '70',
    });
    expect(disputeAnswer(outcome.events[0] as RechargeDisputed)).toEqual({
      disputeId: 'd1',
      rechargeId: 'r1',
      disputed: { amount: '100', currency: 'USD' },
      amount: '100',
      frozen: '70',
      currency: 'USD',
    });
    when(paid, dispute('d1', 2, '40')).thenEvents({ frozen: '40', amount: '40', walletFrozen: '40' });
  });

  it('shows frozen money in the wallet, and not among what is available', () => {
    const { account } = when(paid, dispute('d1', 2, '40'));
    expect(viewAccount(account, published(sections).rulebook, at(3))).toMatchObject({
      wallet: '70',
      frozen: '40',
      available: '30',
      receivable: '0',
    });
  });

  it('lets frozen money pay for nothing and settle nothing', () => {
    const history = after(recharge('r1', '100', 0), dispute('d1', 1, '60'), charge('u1', 50, 2));
    expect(history.at(-1)).toMatchObject({
      charges: [{ lots: [[0, '40']], owed: '10' }],
      wallet: '60',
      receivable: '10',
    });
    const off = after(recharge('r1', '10', 0), dispute('d1', 1), charge('u1', 5, 2, optIn));
    expect(off.at(-1)).toMatchObject({ charges: [{ limitedBy: 'insufficient_credits' }] });
    const some = after(recharge('r1', '10', 0), dispute('d1', 1, '8'), charge('u1', 5, 2, optIn));
    expect(some.at(-1)).toMatchObject({ charges: [{ limitedBy: 'pay_as_you_go_off' }] });
    given(...some)
      .when((account) => changeSettings(account, aChange({ payAsYouGo: true }, 3), optIn))
      .thenEvents({ settled: [[0, '2']], wallet: '8', receivable: '3' });
  });

  it('does not freeze what comes back later, and keeps frozen what was', () => {
    const history = after(
      recharge('r1', '100', 0),
      charge('u1', 30, 1),
      dispute('d1', 2),
      (soFar) => (account) => reverseCharge(account, aReversal('x1', 'u1', 3), chargeIn(soFar, 'u1')),
    );
    const { account } = given(...history).when(() => alreadySo);
    expect(money(account)).toEqual(['100', '70', '0']);
    expect(account.burnOrder.map(({ left }) => toText(left))).toEqual(['30']);
  });

  it('never comes to more than the recharge, with refunds and other disputes that were not won', () => {
    when(paid, dispute('d1', 2, '100.01')).thenRefused('exceeds_recharge');
    const half = after(recharge('r1', '100', 0), dispute('d1', 1, '60'));
    when(half, dispute('d2', 2, '40.01')).thenRefused('exceeds_recharge');
    when(half, dispute('d2', 2)).thenEvents({ amount: '40', frozen: '40', walletFrozen: '100' });
    const lost = after(recharge('r1', '100', 0), dispute('d1', 1, '60'), close('d1', 'lost', 2));
    when(lost, dispute('d2', 3, '40.01')).thenRefused('exceeds_recharge');
    const won = after(recharge('r1', '100', 0), dispute('d1', 1, '60'), close('d1', 'won', 2));
    when(won, dispute('d2', 3)).thenEvents({ amount: '100', frozen: '100' });
    const refunded = after(
      recharge('r1', '100', 0),
      charge('u1', 30, 1),
      (history) => (account) => refundRecharge(account, aRefund('f1', 'r1', 2), rechargeIn(history, 'r1'), rules),
    );
    when(refunded, dispute('d1', 3, '30.01')).thenRefused('exceeds_recharge');
    when(refunded, dispute('d1', 3)).thenEvents({ amount: '30', frozen: '0', walletFrozen: '0' });
    when(after(recharge('r1', '100', 0), dispute('d1', 1)), dispute('d2', 2)).thenRefused('exceeds_recharge');
  });

  it('is refused in this order: conflict, time, rules, recharge, amount', () => {
    const disputed = after(recharge('r1', '100', 1), dispute('d1', 1, '60'));
    const dated = (id: string, occurredAt: number, versions = rules, rechargeId = 'r9'): Step => {
      const asked = { ...aDispute(id, rechargeId, 0, '999'), time: { occurredAt: at(occurredAt), now: at(2) } };
      return (history) => (account) => disputeRecharge(account, asked, rechargeIn(history, rechargeId), versions);
    };
    given()
      .when((account) => disputeRecharge(account, aDispute('d1', 'r1', 1), undefined, rules))
      .thenRefused('unknown_account');
    when(disputed, dispute('d1', 50, '60')).thenRepeats(2);
    when(disputed, dated('d1', 3, [])).thenRefused('idempotency_conflict');
    when(disputed, dated('d2', 3, [])).thenRefused('occurred_at_in_future');
    when(disputed, dated('d2', 0, [])).thenRefused('occurred_at_out_of_order');
    when(disputed, dated('d2', 2, [])).thenRefused('no_rulebook');
    when(disputed, dated('d2', 2)).thenRefused('unknown_recharge');
    when(disputed, dated('d2', 2, rules, 'r1')).thenRefused('exceeds_recharge');
  });

  it('of a foreign payment is measured in the currency paid, at the rate of the recharge', () => {
    const foreign = after(recharge('r1', '730', 0, 'CNY'), charge('u1', 40, 1));
    const later = [...rules, published({ ...sections, fx: [{ pair: 'USD/CNY', rate: '7' }] }, 2, atText(1))];
    when(foreign, dispute('d1', 2, '365', 'r1', later)).thenEvents({
      rulebook: 2,
      disputed: { amount: '365', currency: 'CNY' },
      amount: '50',
      frozen: '50',
    });
    // 5 / 7.3 = 0.684931506…
    when(after(recharge('r1', '10', 0, 'CNY')), dispute('d1', 1, '5')).thenEvents({ amount: '0.684932' });
    when(after(recharge('r1', '10', 0, 'CNY'), dispute('d1', 1, '5')), dispute('d2', 1, '5.01')).thenRefused(
      'exceeds_recharge',
    );
    when(after(recharge('r1', '10', 0, 'CNY')), dispute('d1', 1)).thenEvents({
      amount: '1.369863',
      frozen: '1.369863',
    });
  });
});

describe('a dispute that is won', () => {
  it('thaws its money, which settles what is owed first', () => {
    const history = after(recharge('r1', '100', 0), dispute('d1', 1, '60'), charge('u1', 50, 2));
    const outcome = when(history, close('d1', 'won', 3));
    outcome.thenEvents({
      outcome: 'won',
      thawed: '60',
      settled: '10',
      wallet: '50',
      receivable: '0',
      walletFrozen: '0',
    });
    expect(outcome.account.burnOrder.map(({ left }) => toText(left))).toEqual(['50']);
    expect(disputeWonAnswer(outcome.events[0] as DisputeClosed)).toEqual({
      disputeId: 'd1',
      outcome: 'won',
      thawed: '60',
      receivableSettled: '10',
      currency: 'USD',
    });
  });

  it('settles even where the wallet may not be drawn, as every increase does', () => {
    const off = after(recharge('r1', '10', 0), dispute('d1', 1), charge('u1', 4, 2, optIn));
    when(off, close('d1', 'won', 3, null, optIn)).thenEvents({ settled: '4', wallet: '6', receivable: '0' });
  });

  it('shows as it was before, as of then', () => {
    const history = after(recharge('r1', '100', 0), dispute('d1', 1, '60'), charge('u1', 50, 2), close('d1', 'won', 3));
    const asOf = (hour: number) =>
      money(
        accountAsOf(
          history.map((event, revision) => ({ event, revision })),
          at(hour),
        ),
      );
    expect(asOf(0)).toEqual(['100', '0', '0']);
    expect(asOf(1)).toEqual(['100', '60', '0']);
    expect(asOf(2)).toEqual(['60', '60', '10']);
    expect(asOf(3)).toEqual(['50', '0', '0']);
  });
});

describe('a dispute that is lost', () => {
  it('takes the frozen money, then other money in burn order, and the rest is owed', () => {
    const history = after(
      recharge('r1', '100', 0),
      charge('u1', 30, 1),
      recharge('r2', '5', 2),
      () => (account) => grantCredit(account, aGrant('g1', '7', 2), rules),
      () => (account) => grantCredit(account, aGrant('g2', '9', 2, at(3)), rules),
      dispute('d1', 2),
    );
    const outcome = when(history, close('d1', 'lost', 4, '15'));
    outcome.thenEvents({
      outcome: 'lost',
      thawed: '70',
      // The grant before what was paid; the one that has expired gives nothing.
      lots: [
        [2, '7'],
        [1, '5'],
      ],
      owed: '18',
      fee: { paid: '15', amount: '15' },
      wallet: '9',
      receivable: '18',
      walletFrozen: '0',
    });
    expect(disputeLostAnswer(outcome.events[0] as DisputeClosed)).toEqual({
      disputeId: 'd1',
      outcome: 'lost',
      taken: '82',
      owed: '18',
      fee: '15',
      currency: 'USD',
    });
  });

  it('leaves what other disputes have frozen, and other money where the wallet may not be drawn', () => {
    const two = after(recharge('r1', '100', 0), dispute('d1', 1, '60'), dispute('d2', 1, '40'), charge('u1', 1, 2));
    when(two, close('d1', 'lost', 3)).thenEvents({
      thawed: '60',
      lots: [],
      owed: '0',
      wallet: '40',
      walletFrozen: '40',
    });
    const off = after(recharge('r1', '10', 0), charge('u1', 4, 1), dispute('d1', 1), recharge('r2', '5', 2));
    when(off, close('d1', 'lost', 3, null, optIn)).thenEvents({ thawed: '6', lots: [], owed: '4', wallet: '5' });
    when(off, close('d1', 'lost', 3)).thenEvents({ thawed: '6', lots: [[1, '4']], owed: '0', wallet: '1' });
  });

  it('takes what came back of the disputed recharge, too', () => {
    const history = after(
      recharge('r1', '10', 0),
      charge('u1', 4, 1),
      dispute('d1', 1),
      (soFar) => (account) => reverseCharge(account, aReversal('x1', 'u1', 2), chargeIn(soFar, 'u1')),
    );
    when(history, close('d1', 'lost', 3)).thenEvents({ thawed: '6', lots: [[0, '4']], owed: '0', wallet: '0' });
  });

  it('of a foreign payment has its fee in the currency paid', () => {
    const history = after(recharge('r1', '73', 0, 'CNY'), charge('u1', 8, 1), dispute('d1', 2));
    const outcome = when(history, close('d1', 'lost', 3, '14.6'));
    outcome.thenEvents({ thawed: '2', owed: '8', fee: { paid: '14.6', amount: '2' }, disputed: { amount: '73' } });
    expect(disputeLostAnswer(outcome.events[0] as DisputeClosed)).toMatchObject({ taken: '2', owed: '8', fee: '2' });
  });
});

describe('the closing of a dispute', () => {
  const disputed = after(recharge('r1', '100', 1), recharge('r2', '1', 1), dispute('d1', 1, '60'));

  it('happens once: the same again is a repeat, and any other is refused before all else', () => {
    const lost = after(recharge('r1', '100', 1), dispute('d1', 1, '60'), close('d1', 'lost', 2, '5'));
    when(lost, close('d1', 'lost', 0, '5')).thenRepeats(3);
    when(lost, close('d1', 'lost', 3, '6')).thenRefused('dispute_closed');
    when(lost, close('d1', 'won', 3, null, [])).thenRefused('dispute_closed');
    when(lost, dispute('d1', 9, '60')).thenRepeats(2);
  });

  it('is refused in this order: time, rules, recharge, dispute', () => {
    const dated = (id: string, rechargeId: string, occurredAt: number, versions = rules): Step => {
      const asked = { ...aClosing(id, rechargeId, 'won', 0), time: { occurredAt: at(occurredAt), now: at(2) } };
      return (history) => (account) => closeDispute(account, asked, rechargeIn(history, rechargeId), versions);
    };
    given()
      .when((account) => closeDispute(account, aClosing('d1', 'r1', 'won', 1), undefined, rules))
      .thenRefused('unknown_account');
    when(disputed, dated('d9', 'r9', 3, [])).thenRefused('occurred_at_in_future');
    when(disputed, dated('d9', 'r9', 0, [])).thenRefused('occurred_at_out_of_order');
    when(disputed, dated('d9', 'r9', 2, [])).thenRefused('no_rulebook');
    when(disputed, dated('d9', 'r9', 2)).thenRefused('unknown_recharge');
    when(disputed, dated('d9', 'r1', 2)).thenRefused('unknown_dispute');
    when(disputed, dated('d1', 'r2', 2)).thenRefused('unknown_dispute');
  });
});
