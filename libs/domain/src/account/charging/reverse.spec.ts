import { reverseCharge } from './reverse';
import { chargeUsage } from './charge';
import type { Account } from '../account';
import type { Decision } from '../decision';
import { accepted, alreadySo } from '../decision';
import type { AccountEvent } from '../events';
import { grantCredit } from '../wallet/grant';
import { reversalAnswer } from '../answers';
import { receiveRecharge } from '../wallet/recharge';
import { accountAfter, given } from '../../testing/given';
import { toText, zero } from '../../amount/decimal';
import { disputeRecharge } from '../payments/dispute';
import { frozenOf, writtenOffOf } from '../payments/payments';
import { refundRecharge } from '../payments/refund';
import { writeOff } from '../payments/write-off';
import type { Charge, UsageReversed } from './events';
import {
  aDispute,
  aGrant,
  aRecharge,
  aRefund,
  aReversal,
  at,
  atText,
  aWriteOff,
  chargeIn,
  rechargeIn,
  usage,
} from '../../testing/commands';
import { published } from '../../testing/rulebooks';

const rules = [published({ refund: { windowDays: 1 } })];
const step =
  (history: readonly AccountEvent[]) =>
  (decide: (account: Account | undefined) => Decision): readonly AccountEvent[] =>
    given(...history).when(decide).soFar;
const recharge = (id: string, amount: string, hour: number) => (account: Account | undefined) =>
  receiveRecharge(account, aRecharge(id, amount, hour), rules);
const charge = (id: string, requests: number, hour: number) => (account: Account | undefined) => {
  const { event } = chargeUsage(account as Account, [usage(id, requests, hour)], rules);
  return event === null ? alreadySo : accepted(event);
};
const after = (...steps: ((account: Account | undefined) => Decision)[]): readonly AccountEvent[] =>
  steps.reduce<readonly AccountEvent[]>((history, decide) => step(history)(decide), []);
const reverse = (history: readonly AccountEvent[], reversalId: string, id: string, hour: number) =>
  given(...history).when((account) => reverseCharge(account, aReversal(reversalId, id, hour), chargeIn(history, id)));

describe('reversing a charge', () => {
  const paid = after(recharge('r1', '10', 0), charge('u1', 4, 1), charge('u2', 1, 1));

  it('tells what was charged for, as far as the charge says so', () => {
    const found = chargeIn(paid, 'u1');
    if (found === undefined) throw new Error('no charge');
    const chargedFor = (more: Partial<Charge>) => {
      const [event] = given(...paid).when((account) =>
        reverseCharge(account, aReversal('x1', 'u1', 2), { ...found, charge: { ...found.charge, ...more } }),
      ).events;
      return event?.type === 'UsageReversed' ? event.charged : undefined;
    };
    const plain = { model: 'one', tier: 'default', group: 'default', units: { requests: 4 } };
    expect(chargedFor({})).toEqual(plain);
    const more = { apiKeyId: 'k1', channel: 'relay', plan: 'pro', labels: { team: 'a' } };
    expect(chargedFor(more)).toEqual({ ...plain, ...more });
  });

  it('refills the lots it drew', () => {
    const outcome = reverse(paid, 'x1', 'u1', 2);
    outcome.thenEvents({
      type: 'UsageReversed',
      occurredAt: atText(2),
      charge: { revision: 2, index: 0 },
      chargeOccurredAt: atText(1),
      amount: '4',
      lots: [[0, '4']],
      forgiven: '0',
      granted: null,
      settledFrom: [],
      wallet: '9',
      receivable: '0',
    });
    expect(outcome.account.burnOrder).toHaveLength(1);
  });

  it('happens once: a repeat is the same, another id is refused, and the charge stays spent', () => {
    const reversed = reverse(paid, 'x1', 'u1', 2).soFar;
    reverse(reversed, 'x1', 'u1', 3).thenRepeats(4);
    reverse(reversed, 'x1', 'u2', 3).thenRefused('idempotency_conflict');
    reverse(reversed, 'x2', 'u1', 3).thenRefused('already_reversed');
    reverse(paid, 'x1', 'u9', 3).thenRefused('unknown_charge');
    given()
      .when((account) => reverseCharge(account, aReversal('x', 'u1', 1), undefined))
      .thenRefused('unknown_account');
  });

  it('puts an emptied lot back into its place', () => {
    const history = after(recharge('r1', '4', 0), recharge('r2', '4', 1), charge('u1', 5, 2));
    const { account } = reverse(history, 'x1', 'u1', 3);
    expect(account.burnOrder.map(({ id }) => id)).toEqual(['r1', 'r2']);
  });

  it('shrinks what is owed as far as it is still owed', () => {
    const history = after(recharge('r1', '2', 0), charge('u1', 5, 1));
    const outcome = reverse(history, 'x1', 'u1', 2);
    outcome.thenEvents({ lots: [[0, '2']], forgiven: '3', granted: null, wallet: '2', receivable: '0' });
  });

  it('grants what was settled already', () => {
    const history = after(recharge('r1', '2', 0), charge('u1', 5, 1), recharge('r2', '2', 2));
    const outcome = reverse(history, 'x1', 'u1', 3);
    outcome.thenEvents({
      lots: [[0, '2']],
      forgiven: '1',
      granted: { lot: 2, settledBack: '2', promoted: '0' },
      wallet: '4',
      receivable: '0',
    });
    expect(outcome.account.lots[2]).toMatchObject({ kind: 'granted', id: 'x1', expiresAt: null, occurredAt: at(3) });
  });

  it('grants anew what came from a lot that has expired', () => {
    const history = after(
      recharge('r1', '2', 0),
      (account) => grantCredit(account, aGrant('g1', '3', 0, at(5)), rules),
      charge('u1', 4, 1),
    );
    reverse(history, 'x1', 'u1', 5).thenEvents({
      lots: [[0, '1']],
      granted: { lot: 2, settledBack: '0', promoted: '0', expired: '3' },
      wallet: '5',
    });
    reverse(history, 'x1', 'u1', 4).thenEvents({
      lots: [
        [1, '3'],
        [0, '1'],
      ],
      granted: null,
      wallet: '5',
    });
  });

  it('takes back what was written off before it grants what was settled, once', () => {
    const owing = after(recharge('r1', '1', 0), charge('u1', 6, 1), charge('u2', 5, 1));
    const lostOnce = step(owing)((account) => writeOff(account, aWriteOff('w1', '7', 2), rules));
    const history = step(lostOnce)(recharge('r2', '2', 3));
    // Of the 5 of u1 that were owed 1 still is, 4 were written off; of those of u2 3 were, and 2 had been paid.
    const first = reverse(history, 'x1', 'u1', 4);
    first.thenEvents({ lots: [[0, '1']], forgiven: '1', writtenOff: '4', granted: null, wallet: '1', receivable: '0' });
    const second = reverse(first.soFar, 'x2', 'u2', 5);
    second.thenEvents({ forgiven: '0', writtenOff: '3', granted: { settledBack: '2' }, wallet: '3', receivable: '0' });
    expect(writtenOffOf(second.account)).toEqual(zero);
    expect(reversalAnswer(second.events[0] as UsageReversed).returned).toEqual([{ from: 'wallet', amount: '2' }]);
  });

  it('refills a lot that was refunded, and one that is disputed without freezing what comes back', () => {
    const spent = after(recharge('r1', '10', 0), charge('u1', 4, 1));
    const refunded = step(spent)((account) =>
      refundRecharge(account, aRefund('f1', 'r1', 2), rechargeIn(spent, 'r1'), rules),
    );
    reverse(refunded, 'x1', 'u1', 3).thenEvents({ lots: [[0, '4']], granted: null, wallet: '4' });
    const disputed = step(spent)((account) =>
      disputeRecharge(account, aDispute('d1', 'r1', 2), rechargeIn(spent, 'r1'), rules),
    );
    const back = reverse(disputed, 'x1', 'u1', 3);
    back.thenEvents({ lots: [[0, '4']], wallet: '10' });
    expect(toText(frozenOf(back.account))).toBe('6');
    expect(back.account.lots.map(({ left }) => toText(left))).toEqual(['4']);
  });

  it('says what its charge was, for reports', () => {
    const keyed = after(recharge('r1', '10', 0), (account) => {
      const one = usage('u1', 2, 1, { channel: 'relay', labels: { team: 'search' } });
      const { event } = chargeUsage(account as Account, [one], [published({ channels: [{ id: 'relay' }] })]);
      return event === null ? alreadySo : accepted(event);
    });
    reverse(keyed, 'x1', 'u1', 2).thenEvents({
      charged: {
        model: 'one',
        channel: 'relay',
        tier: 'default',
        group: 'default',
        units: { requests: 2 },
        labels: { team: 'search' },
      },
    });
  });

  it('lets what comes back settle what else is owed, and says what came back before that', () => {
    const history = after(recharge('r1', '4', 0), charge('u1', 4, 1), charge('u2', 3, 2));
    const outcome = reverse(history, 'x1', 'u1', 3);
    outcome.thenEvents({ lots: [[0, '4']], forgiven: '0', settledFrom: [[0, '3']], wallet: '1', receivable: '0' });
    expect(reversalAnswer(outcome.events[0] as Parameters<typeof reversalAnswer>[0])).toEqual({
      reversalId: 'x1',
      source: 'gateway',
      id: 'u1',
      amount: '4',
      returned: [{ from: 'wallet', amount: '4' }],
    });
  });

  it('settles in burn order, whatever of it is granted anew', () => {
    const history = after(
      recharge('r1', '2', 0),
      (account) => grantCredit(account, aGrant('g1', '3', 0, at(5)), rules),
      charge('u1', 5, 1),
      charge('u2', 4, 2),
    );
    // The granted lot comes before the paid one, although the paid one is older.
    reverse(history, 'x1', 'u1', 5).thenEvents({
      lots: [[0, '2']],
      granted: { lot: 2, settledBack: '0', promoted: '0', expired: '3' },
      settledFrom: [
        [2, '3'],
        [0, '1'],
      ],
      wallet: '1',
      receivable: '0',
    });
  });

  it('says of what it knows nothing', () => {
    const said = (history: readonly AccountEvent[], reversalId: string, id: string): unknown => {
      return reverseCharge(accountAfter(history), aReversal(reversalId, id, 3), chargeIn(history, id));
    };
    expect(said(paid, 'x1', 'u9')).toMatchObject({ detail: 'The account has no charge u9 of gateway.' });
    const reversed = reverse(paid, 'x1', 'u1', 2).soFar;
    expect(said(reversed, 'x2', 'u1')).toMatchObject({ detail: 'The charge u1 of gateway was reversed before.' });
  });

  it('occurs no earlier than its charge', () => {
    const ahead = after(recharge('r1', '10', 1), charge('u1', 4, 3));
    reverse(ahead, 'x1', 'u1', 2).thenEvents({ occurredAt: atText(3), chargeOccurredAt: atText(3) });
    reverse(ahead, 'x1', 'u1', 4).thenEvents({ occurredAt: atText(4) });
    const dated = (occurredAt: number, now: number) =>
      given(...ahead).when((account) =>
        reverseCharge(
          account,
          { ...aReversal('x1', 'u1', 0), time: { occurredAt: at(occurredAt), now: at(now) } },
          chargeIn(ahead, 'u1'),
        ),
      );
    dated(2, 4).thenRefused('occurred_at_out_of_order');
    dated(3, 4).thenEvents({ occurredAt: atText(3) });
    dated(3, 2).thenRefused('occurred_at_in_future');
    dated(0.5, 4).thenRefused('occurred_at_out_of_order');
  });

  it('leaves nothing to command before it where its charge is dated ahead', () => {
    const reversed = reverse(after(recharge('r1', '10', 1), charge('u1', 4, 3)), 'x1', 'u1', 2).soFar;
    given(...reversed)
      .when(recharge('r2', '1', 2))
      .thenEvents({ occurredAt: atText(3) });
  });
});
