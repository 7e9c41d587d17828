import type { AccountEvent } from './events';
import type { Charge, UsageCharged } from './charging/events';
import { startSubscription } from './subscription/start';
import type { CreditGranted, WalletRecharged } from './wallet/events';
import { evolve } from './evolve';
import { receiveRecharge } from './wallet/recharge';
import { accountAfter, given } from '../testing/given';
import { aRecharge, atText } from '../testing/commands';
import { aStart, withPlans } from '../testing/plans';
import { published } from '../testing/rulebooks';

const [opened, recharged] = given().when((account) => receiveRecharge(account, aRecharge('r1', '10', 1), [published()]))
  .events as readonly [AccountEvent, WalletRecharged];
const next =
  (event: AccountEvent, revision = 2) =>
  () =>
    evolve(accountAfter([opened, recharged]), event, revision);
const granted: CreditGranted = {
  type: 'CreditGranted',
  occurredAt: atText(2),
  rulebook: 1,
  grantId: 'g1',
  currency: 'USD',
  amount: '2',
  reason: 'goodwill',
  expiresAt: null,
  starter: false,
  lot: 1,
  settled: '0',
  wallet: '12',
  receivable: '0',
  digest: 'd',
};
const charged = (lots: UsageCharged['charges'][number]['lots'], wallet: string): UsageCharged => ({
  type: 'UsageCharged',
  charges: [
    {
      source: 'gateway',
      id: 'u1',
      occurredAt: atText(2),
      model: 'one',
      tier: 'default',
      group: 'default',
      rulebook: 1,
      units: {},
      price: { mode: 'request', unit: '1' },
      factors: [],
      amount: '1',
      ...(lots !== undefined && { lots }),
      digest: 'd',
    },
  ],
  currency: 'USD',
  wallet,
  receivable: '0',
});

describe('folding an account', () => {
  it('takes what can be', () => {
    expect(next(granted)().revision).toBe(2);
    expect(next(charged([[0, '1']], '9'))().charges).toBe(1);
  });

  it('throws on a gap or a repeat in the revisions, and on an opening that is not the first', () => {
    expect(next(granted, 3)).toThrow('revision 3 after 1');
    expect(next(granted, 1)).toThrow('revision 1 after 1');
    expect(next(opened)).toThrow('opened again');
    expect(() => evolve(undefined, granted, 0)).toThrow('before the opening');
  });

  it('throws on balances other than the events come to', () => {
    expect(next({ ...granted, wallet: '13' })).toThrow('states the wallet 13, its events come to 12');
    expect(next({ ...granted, receivable: '1' })).toThrow('states the receivable 1');
    expect(next({ ...granted, settled: '1', wallet: '11', receivable: '-1' })).toThrow('receivable');
  });

  it('throws on lots that are not there, are out of number, or give more than they have', () => {
    expect(next({ ...granted, lot: 2 })).toThrow('lot 2 after 1 lots');
    expect(next(charged([[1, '1']], '9'))).toThrow('no lot 1');
    expect(next(charged([[0, '11']], '-1'))).toThrow('lot 0 has 10, not 11');
  });

  it('throws on pools of an account without a plan, and on draws that its pools cannot have given', () => {
    expect(next({ ...charged([[0, '1']], '9'), pools: ['0', '0'] })).toThrow(
      'states pools of an account without a plan',
    );
    const rules = [withPlans()];
    const started = given(opened, recharged).when((account) =>
      startSubscription(account, aStart('p', 'starter', 2), rules),
    );
    const after = (event: AccountEvent) => () => evolve(accountAfter(started.soFar), event, 3);
    const drawn = (credits: Charge['credits'], pools: UsageCharged['pools']): UsageCharged => {
      const event = charged(undefined, '10');
      return {
        ...event,
        charges: event.charges.map((charge) => ({ ...charge, ...(credits && { credits }) })),
        ...(pools && { pools }),
      };
    };
    expect(after(drawn([0, '100', '0'], ['1100', '3000']))().charges).toBe(1);
    expect(after(drawn([0, '100', '0'], ['1200', '3000']))).toThrow('states the main pool 1200');
    expect(after(drawn([0, '1300', '0'], ['-100', '3000']))).toThrow('it draws more than period 0 has');
    expect(after(drawn([1, '100', '0'], ['1100', '3000']))).toThrow('it draws on period 1, which is not there');
    const [start] = started.events;
    if (start?.type !== 'SubscriptionStarted') throw new Error('not started');
    expect(after({ ...start, paymentRef: 'q' })).toThrow('it brings period 0');
  });

  it('throws on what was done twice, on unknown keys, and on instants that are none', () => {
    expect(next({ ...recharged, lot: 1, wallet: '20' })).toThrow('r1 was done twice');
    expect(next({ type: 'ApiKeyRevoked', occurredAt: atText(2), keyId: 'k1' })).toThrow('no key k1');
    expect(next({ ...granted, occurredAt: 'yesterday' })).toThrow('not an instant');
  });
});
