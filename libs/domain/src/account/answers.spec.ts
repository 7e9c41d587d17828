import { chargeAnswer, chargeDraws, grantAnswer, keyAnswer, rechargeAnswer, reversalAnswer } from './answers';
import { chargeUsage } from './charging/charge';
import type { UsageReversed } from './charging/events';
import type { CreditGranted, WalletRecharged } from './wallet/events';
import { grantCredit } from './wallet/grant';
import { receiveRecharge } from './wallet/recharge';
import { given } from '../testing/given';
import { aGrant, aRecharge, at, atText, chargesOf, usage } from '../testing/commands';
import { published } from '../testing/rulebooks';

const rules = [published({ fx: [{ pair: 'USD/CNY', rate: '7.3' }] })];
const recharged = given().when((account) => receiveRecharge(account, aRecharge('r1', '14.6', 1, 'CNY'), rules));

describe('answers', () => {
  it('say what a recharge came to', () => {
    expect(rechargeAnswer(recharged.events[1] as WalletRecharged)).toEqual({
      rechargeId: 'r1',
      credited: '2',
      currency: 'USD',
      paid: { amount: '14.6', currency: 'CNY' },
      fxRate: '0.13698630137',
      receivableSettled: '0',
    });
  });

  it('say what a grant came to', () => {
    const { events } = given(...recharged.soFar).when((account) =>
      grantCredit(account, aGrant('g1', '3', 2, at(9)), rules),
    );
    expect(grantAnswer(events[0] as CreditGranted)).toEqual({
      grantId: 'g1',
      granted: '3',
      currency: 'USD',
      expiresAt: atText(9),
      receivableSettled: '0',
    });
  });

  it('say what a reversal brought back, before it settled anything', () => {
    const event: UsageReversed = {
      type: 'UsageReversed',
      occurredAt: atText(3),
      reversalId: 'x1',
      source: 'gateway',
      id: 'u1',
      reason: 'upstream failed',
      charge: { revision: 2, index: 0 },
      chargeOccurredAt: atText(1),
      currency: 'USD',
      amount: '10',
      lots: [
        [0, '1'],
        [1, '2'],
      ],
      forgiven: '2.5',
      granted: { lot: 2, settledBack: '3', promoted: '1.5' },
      settledFrom: [[0, '1']],
      wallet: '6.5',
      receivable: '0',
      digest: 'd',
    };
    expect(reversalAnswer(event)).toEqual({
      reversalId: 'x1',
      source: 'gateway',
      id: 'u1',
      amount: '10',
      returned: [
        { from: 'wallet', amount: '7.5' },
        { from: 'receivable', amount: '2.5' },
      ],
    });
  });

  it('never hold the secret of a key', () => {
    const key = { keyId: 'k1', name: 'main', group: null, secretHash: 'h', digest: 'd' };
    expect(keyAnswer(key)).toEqual({ keyId: 'k1', name: 'main', group: null, labels: {} });
  });

  it('say what a charge came to, what paid it, and how it was computed', () => {
    const [charge] = chargesOf(chargeUsage(recharged.account, [usage('u1', 3, 2)], rules).event);
    if (charge === undefined) throw new Error('nothing was charged');
    const answer = chargeAnswer(charge, 'USD', false);
    expect(answer).toMatchObject({
      source: 'gateway',
      id: 'u1',
      occurredAt: atText(2),
      model: 'one',
      amount: '3',
      unrounded: '3',
      currency: 'USD',
      tier: 'default',
      group: 'default',
      channel: null,
      apiKeyId: null,
      rulebookVersion: 1,
      cost: '3',
      plan: null,
      labels: {},
      limitedBy: 'insufficient_credits',
      reversed: false,
      draws: [
        { from: 'wallet', amount: '2' },
        { from: 'receivable', amount: '1' },
      ],
    });
    expect(answer.explain).toContain('3');
    expect(answer.explain).not.toContain('wallet');
    const paid = { ...charge, plan: 'starter', credits: [0, '50', '0'], limitedBy: 'daily_cap' } as const;
    expect(chargeAnswer(paid, 'USD', false).explain).toMatch(
      / = 3 USD \[main 50 credits, wallet 2 USD, receivable 1 USD; limited by daily_cap\]$/,
    );
    expect(chargeAnswer(charge, 'USD', true).reversed).toBe(true);
    const free = chargesOf(chargeUsage(recharged.account, [usage('u2', 0, 2)], rules).event);
    expect(free.map(chargeDraws)).toEqual([[]]);
  });
});
