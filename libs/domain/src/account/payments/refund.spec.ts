import { refundRecharge } from './refund';
import { disputeRecharge } from './dispute';
import type { Account } from '../account';
import { chargeUsage } from '../charging/charge';
import { reverseCharge } from '../charging/reverse';
import type { Decision } from '../decision';
import { accepted, alreadySo } from '../decision';
import type { AccountEvent } from '../events';
import { receiveRecharge } from '../wallet/recharge';
import { given } from '../../testing/given';
import {
  aDispute,
  aRecharge,
  aRefund,
  aReversal,
  at,
  atText,
  chargeIn,
  rechargeIn,
  usage,
} from '../../testing/commands';
import { decimal } from '../../amount/decimal';
import { published } from '../../testing/rulebooks';

const sections = { fx: [{ pair: 'USD/CNY', rate: '7.3' }], refund: { windowDays: 2 } };
const rules = [published(sections)];
type Step = (history: readonly AccountEvent[]) => (account: Account | undefined) => Decision;

const after = (...steps: readonly Step[]): readonly AccountEvent[] =>
  steps.reduce<readonly AccountEvent[]>((history, step) => given(...history).when(step(history)).soFar, []);
const recharge =
  (id: string, amount: string, hour: number, currency = 'USD'): Step =>
  () =>
  (account) =>
    receiveRecharge(account, aRecharge(id, amount, hour, currency), rules);
const charge =
  (id: string, requests: number, hour: number): Step =>
  () =>
  (account) => {
    const { event } = chargeUsage(account as Account, [usage(id, requests, hour)], rules);
    return event === null ? alreadySo : accepted(event);
  };
const dispute =
  (id: string, rechargeId: string, hour: number, amount: string | null = null): Step =>
  (history) =>
  (account) =>
    disputeRecharge(account, aDispute(id, rechargeId, hour, amount), rechargeIn(history, rechargeId), rules);
const reverse =
  (id: string, usageId: string, hour: number): Step =>
  (history) =>
  (account) =>
    reverseCharge(account, aReversal(id, usageId, hour), chargeIn(history, usageId));
const refund =
  (id: string, rechargeId: string, hour: number, versions = rules): Step =>
  (history) =>
  (account) =>
    refundRecharge(account, aRefund(id, rechargeId, hour), rechargeIn(history, rechargeId), versions);
const when = (history: readonly AccountEvent[], step: Step) => given(...history).when(step(history));

describe('a refund', () => {
  const paid = after(recharge('r1', '10', 0), charge('u1', 4, 1));

  it('pays back what is left of the recharge', () => {
    const outcome = when(paid, refund('f1', 'r1', 2));
    outcome.thenEvents({
      type: 'RechargeRefunded',
      occurredAt: atText(2),
      rulebook: 1,
      refundId: 'f1',
      rechargeId: 'r1',
      provider: 'manual',
      lot: 0,
      refunded: '6',
      paidBack: { amount: '6', currency: 'USD' },
      wallet: '0',
      receivable: '0',
    });
    expect(outcome.account.burnOrder).toEqual([]);
    expect(outcome.account.recharges).toMatchObject({ count: 1, cumulative: { coefficient: 10n } });
  });

  it('leaves frozen money, and what settled a receivable is spent', () => {
    when(after(recharge('r1', '10', 0), dispute('d1', 'r1', 1, '4')), refund('f1', 'r1', 2)).thenEvents({
      refunded: '6',
      wallet: '4',
    });
    const settled = after(recharge('r0', '1', 0), charge('u1', 4, 1), recharge('r1', '10', 2));
    when(settled, refund('f1', 'r1', 3)).thenEvents({ refunded: '7' });
  });

  it('happens once: a repeat is the same, and the id is taken for another recharge', () => {
    const refunded = after(recharge('r1', '10', 0), recharge('r2', '5', 0), refund('f1', 'r1', 1));
    when(refunded, refund('f1', 'r1', 60)).thenRepeats(3);
    when(refunded, refund('f1', 'r2', 1)).thenRefused('idempotency_conflict');
  });

  it('is refused in this order: for its time, without rules, of no recharge, out of the window, with nothing left', () => {
    const dated = (occurredAt: number, now: number, versions = rules): Step => {
      const asked = { ...aRefund('f1', 'r9', 0), time: { occurredAt: at(occurredAt), now: at(now) } };
      return () => (account) => refundRecharge(account, asked, undefined, versions);
    };
    given()
      .when((account) => refundRecharge(account, aRefund('f1', 'r1', 1), undefined, rules))
      .thenRefused('unknown_account');
    when(paid, dated(3, 2, [])).thenRefused('occurred_at_in_future');
    when(paid, dated(-1, 2, [])).thenRefused('occurred_at_out_of_order');
    when(paid, dated(1, 2, [])).thenRefused('no_rulebook');
    when(paid, dated(1, 2)).thenRefused('unknown_recharge');
    const spent = after(recharge('r1', '10', 0), charge('u1', 10, 1));
    when(spent, refund('f1', 'r1', 49)).thenRefused('refund_window_closed');
    when(spent, refund('f1', 'r1', 48)).thenRefused('nothing_to_refund');
    when(after(recharge('r1', '10', 0), dispute('d1', 'r1', 1)), refund('f1', 'r1', 2)).thenRefused(
      'nothing_to_refund',
    );
  });

  it('pays back no more than was set aside for it, and tells the hold that did', () => {
    const [event] = given(...paid).when((account) =>
      refundRecharge(
        account,
        { ...aRefund('f1', 'r1', 2), atMost: decimal('2.5'), authorizationId: 'a1' },
        rechargeIn(paid, 'r1'),
        rules,
      ),
    ).events;
    expect(event).toMatchObject({ refunded: '2.5', wallet: '3.5', authorizationId: 'a1' });
  });

  it('in the currency of the wallet is what is left, to the last digit', () => {
    const fine = [
      published({ ...sections, models: [{ id: 'one', group: 'default', price: { mode: 'request', unit: '0.001' } }] }),
    ];
    const used = after(recharge('r1', '10', 0), () => (account) => {
      const { event } = chargeUsage(account as Account, [usage('u1', 1, 1)], fine);
      return event === null ? alreadySo : accepted(event);
    });
    when(used, refund('f1', 'r1', 2)).thenEvents({ refunded: '9.999', paidBack: { amount: '9.999', currency: 'USD' } });
  });

  it('may be asked for until the last millisecond of its window, by the rules in force then', () => {
    const at48 = { ...aRefund('f1', 'r1', 0), time: { occurredAt: null, now: at(48) } };
    const late = { ...at48, time: { occurredAt: null, now: at(48) + 1 } };
    const whenAsked = (asked: typeof at48, versions = rules) =>
      given(...paid).when((account) => refundRecharge(account, asked, rechargeIn(paid, 'r1'), versions));
    whenAsked(at48).thenEvents({ refunded: '6' });
    whenAsked(late).thenRefused('refund_window_closed');
    const longer = [...rules, published({ ...sections, refund: { windowDays: 3 } }, 2, atText(40))];
    whenAsked(late, longer).thenEvents({ refunded: '6', rulebook: 2 });
    const without = [...rules, published({ fx: sections.fx }, 2, atText(40))];
    whenAsked(at48, without).thenRefused('refund_window_closed');
  });
});

describe('a refund of a foreign payment', () => {
  it('pays all of it back as it was paid', () => {
    when(after(recharge('r1', '10', 0, 'CNY')), refund('f1', 'r1', 1)).thenEvents({
      refunded: '1.369863',
      paidBack: { amount: '10', currency: 'CNY' },
      wallet: '0',
    });
    when(after(recharge('r1', '10.005', 0, 'CNY')), refund('f1', 'r1', 1)).thenEvents({
      paidBack: { amount: '10.005' },
    });
  });

  it('pays a part back at what was credited for it, rounded down to the cent', () => {
    // 10 × 0.369863 / 1.369863 = 2.69999…
    when(after(recharge('r1', '10', 0, 'CNY'), charge('u1', 1, 1)), refund('f1', 'r1', 2)).thenEvents({
      refunded: '0.369863',
      paidBack: { amount: '2.69', currency: 'CNY' },
    });
    // 10 × 0.684931 / 1.369863 = 4.99999…
    const disputed = after(recharge('r1', '10', 0, 'CNY'), dispute('d1', 'r1', 1, '5'));
    when(disputed, refund('f1', 'r1', 2)).thenEvents({ refunded: '0.684931', paidBack: { amount: '4.99' } });
  });

  it('has nothing to pay back of less than a cent', () => {
    const history = after(recharge('r1', '7.305', 0, 'CNY'), charge('u1', 1, 1));
    // 0.000685 USD are left, which is half a cent of a yuan.
    when(history, refund('f1', 'r1', 2)).thenRefused('nothing_to_refund');
  });
});

describe('refunds and disputes of a recharge', () => {
  it('never come to more than was paid, whatever flows back into its lot', () => {
    const lost = after(
      recharge('r1', '10', 0),
      charge('u1', 6, 1),
      dispute('d1', 'r1', 2, '8'),
      reverse('x1', 'u1', 3),
    );
    // 4 of the lot are frozen and 6 came back; only 2 of the 10 are not disputed.
    when(lost, refund('f1', 'r1', 4)).thenEvents({ refunded: '2', paidBack: { amount: '2' }, wallet: '8' });
    const all = after(recharge('r1', '10', 0), charge('u1', 6, 1), dispute('d1', 'r1', 2), reverse('x1', 'u1', 3));
    when(all, refund('f1', 'r1', 4)).thenRefused('nothing_to_refund');
  });

  it('are measured in the currency paid', () => {
    const foreign = after(
      recharge('r1', '730', 0, 'CNY'),
      charge('u1', 80, 1),
      dispute('d1', 'r1', 2, '365'),
      reverse('x1', 'u1', 3),
    );
    // 80 of 100 are free, and only half of the 730 is not disputed.
    when(foreign, refund('f1', 'r1', 4)).thenEvents({ refunded: '50', paidBack: { amount: '365', currency: 'CNY' } });
  });

  it('are measured so where the wallet is kept in whole units', () => {
    const whole = [published({ ...sections, rounding: { scale: 0, mode: 'half-up' } })];
    const credited = given().when((account) => receiveRecharge(account, aRecharge('r1', '10', 0, 'CNY'), whole)).soFar;
    const disputed = given(...credited).when((account) =>
      disputeRecharge(account, aDispute('d1', 'r1', 1, '3'), rechargeIn(credited, 'r1'), whole),
    );
    // 3 of 10 CNY are not half a dollar: nothing is frozen of the one that was credited, and 7 CNY may be paid back.
    disputed.thenEvents({ amount: '0', frozen: '0' });
    when(disputed.soFar, refund('f1', 'r1', 2, whole)).thenEvents({ refunded: '1', paidBack: { amount: '7' } });
  });

  it('leave a refunded recharge to be refunded again where usage came back', () => {
    const twice = after(recharge('r1', '10', 0), charge('u1', 4, 1), refund('f1', 'r1', 2), reverse('x1', 'u1', 3));
    when(twice, refund('f2', 'r1', 4)).thenEvents({ refunded: '4', wallet: '0' });
    when(after(...[recharge('r1', '10', 0), refund('f1', 'r1', 1)]), refund('f2', 'r1', 2)).thenRefused(
      'nothing_to_refund',
    );
  });
});
