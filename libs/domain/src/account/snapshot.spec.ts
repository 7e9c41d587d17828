import { changeApiKey, issueApiKey } from './standing/keys';
import { changeTier } from './standing/change-tier';
import { openAccount } from './standing/open';
import { asWrittenNow, fromSnapshot, toSnapshot } from './snapshot';
import { given } from '../testing/given';
import { accountAfter } from '../testing/given';
import { at, nowAt, usage } from '../testing/commands';
import { aCancellation, aRenewal, aStart, aSwitch, withPlans } from '../testing/plans';
import { published } from '../testing/rulebooks';
import type { Account } from './account';
import { chargeUsage } from './charging/charge';
import { accepted, alreadySo } from './decision';
import { cancelSubscription } from './subscription/cancel';
import { renewSubscription } from './subscription/renew';
import { startSubscription } from './subscription/start';
import { switchPlan } from './subscription/switch';

const rules = [published()];
const opened = given().when((account) => openAccount(account, nowAt(1), rules)).soFar;

describe('the snapshot of an account', () => {
  it('says nothing that is as it was at the opening', () => {
    const account = accountAfter(opened);
    expect(account && Object.keys(toSnapshot(account))).toEqual([
      'format',
      'revision',
      'currency',
      'openedAt',
      'lastCommandAt',
    ]);
  });

  it('is read where a later field is missing, which then means what it meant before there was one', () => {
    const account = accountAfter(opened);
    expect(fromSnapshot({ format: 2, revision: 0, currency: 'USD', openedAt: 5, lastCommandAt: 5 })).toEqual({
      ...account,
      openedAt: 5,
      lastCommandAt: 5,
    });
  });

  it('of the first format, which spelled out everything, is the same account', () => {
    const first = {
      format: 1,
      revision: 7,
      currency: 'USD',
      openedAt: 1,
      lastCommandAt: 9,
      earnedTier: null,
      tierRevision: -1,
      pinnedTier: null,
      payAsYouGo: null,
      customMultiplier: null,
      limits: null,
      suspended: false,
      lots: [[0, 'r1', 2, null, '3']],
      receivable: '0',
      starterGranted: false,
      recharges: [1, '3', '3'],
      rechargeIds: [['r1', 'digest-r', 1]],
      grantIds: [['g1', 'digest-g', 4]],
      reversalIds: [['x1', 'digest-x', 3]],
      reversed: ['2/0'],
      keys: [],
      charges: 1,
    };
    expect(asWrittenNow(first)).toEqual({
      format: 2,
      revision: 7,
      currency: 'USD',
      openedAt: 1,
      lastCommandAt: 9,
      lots: [[0, 'r1', 2, null, '3']],
      recharges: [1, '3', '3'],
      done: [
        ['recharge', 'r1', 'digest-r', 1],
        ['reversal', 'x1', 'digest-x', 3],
        ['grant', 'g1', 'digest-g', 4],
      ],
      reversed: ['2/0'],
      charges: 1,
    });
  });

  it.each([{ format: 4 }, { format: '1' }, { format: 0 }, {}, null, 'text', []])(
    'of a format from elsewhere is not known: %p',
    (value) => {
      expect(fromSnapshot(value)).toBeUndefined();
      expect(asWrittenNow(value)).toBeUndefined();
    },
  );

  it('says which tiers were earned, and is not read where it was written before that was kept and there may be more', () => {
    const promoted = (...changes: readonly { to: string; earned?: readonly string[]; tierRevision: number }[]) =>
      changes.reduce((soFar, change) => {
        const told = { from: 'default', occurredAt: nowAt(3).now, ...change };
        return given(...soFar).when((account) => changeTier(account, told)).soFar;
      }, opened);
    const read = (history: ReturnType<typeof promoted>) => {
      const account = accountAfter(history);
      const snapshot = JSON.parse(JSON.stringify(account && toSnapshot(account))) as Record<string, unknown>;
      expect(fromSnapshot(snapshot)?.standing).toEqual(account?.standing);
      return { earnedTier: snapshot['earnedTier'], earned: snapshot['earned'] };
    };
    expect(read(promoted({ to: 'vip', tierRevision: 0 }))).toEqual({ earnedTier: 'vip' });
    expect(read(promoted({ to: 'svip', earned: ['vip', 'svip'], tierRevision: 0 }))).toEqual({
      earnedTier: 'svip',
      earned: ['vip', 'svip'],
    });
    expect(read(promoted({ to: 'vip', tierRevision: 1 }))).toEqual({ earnedTier: 'vip', earned: ['vip'] });
    expect(
      read(
        promoted(
          { to: 'svip', earned: ['vip', 'svip'], tierRevision: 0 },
          { to: 'svip', earned: ['low'], tierRevision: 3 },
        ),
      ),
    ).toEqual({ earnedTier: 'svip', earned: ['vip', 'low', 'svip'] });
    const before = { format: 2, revision: 5, currency: 'USD', openedAt: 5, lastCommandAt: 5, earnedTier: 'svip' };
    expect(fromSnapshot({ ...before, tierRevision: 0 })?.standing.earnedTiers).toEqual(['svip']);
    expect(fromSnapshot({ ...before, tierRevision: 2 })).toBeUndefined();
  });

  it('holds the labels of a key, and says nothing of them where there are none', () => {
    const key = { name: 'k', group: null, secretHash: 'h', digest: 'd' };
    const issued = ['k1', 'k2'].reduce(
      (soFar, keyId) =>
        given(...soFar).when((account) =>
          issueApiKey(
            account,
            { keyId, ...key, labels: keyId === 'k1' ? { team: 'ads' } : null, time: nowAt(2) },
            rules,
          ),
        ).soFar,
      opened,
    );
    const account = accountAfter(issued);
    const text = JSON.stringify(account && toSnapshot(account));
    const snapshot = JSON.parse(text) as { readonly keys: readonly object[] };
    expect(snapshot.keys).toMatchObject([{ keyId: 'k1', labels: { team: 'ads' } }, { keyId: 'k2' }]);
    expect(snapshot.keys[1]).not.toHaveProperty('labels');
    expect(fromSnapshot(snapshot)?.standing.keys).toEqual(account?.standing.keys);
    expect(JSON.stringify(asWrittenNow(snapshot))).toBe(text);
  });

  it('holds all that a subscription has: limits, days, switches and what was cancelled', () => {
    const version = [
      withPlans({
        plans: [
          { id: 'a', models: ['*'], price: '10', baseCredits: '1000', bonus: '0', periodDays: 30, tier: 'plus' },
          {
            id: 'b',
            models: ['*'],
            price: '20',
            baseCredits: '5000',
            bonus: '0',
            periodDays: 30,
            caps: { daily: { requests: 70 }, weekly: { credits: '2000' } },
          },
        ],
      }),
    ];
    const charge = (hour: number) => (account: Account | undefined) => {
      const event = account && chargeUsage(account, [usage(`u${hour}`, 1, hour)], version).event;
      return event ? accepted(event) : alreadySo;
    };
    const steps = [
      (account: Account | undefined) => startSubscription(account, aStart('p', 'a', 2), version),
      charge(3),
      (account: Account | undefined) => switchPlan(account, aSwitch('q', 'b', 4), version),
      charge(77),
      charge(5),
      (account: Account | undefined) => renewSubscription(account, aRenewal('r', 78), version),
      (account: Account | undefined) => cancelSubscription(account, aCancellation(79)),
    ];
    const account = accountAfter(steps.reduce((soFar, step) => given(...soFar).when(step).soFar, opened));
    const text = JSON.stringify(account && toSnapshot(account));
    const snapshot = JSON.parse(text) as { readonly subscription: { readonly periods: readonly object[] } };
    expect(snapshot.subscription).toMatchObject({ cancelled: true, provider: 'manual', paymentRef: 'r' });
    const [first, second, third] = snapshot.subscription.periods;
    expect(first).toMatchObject({ plan: 'a', tier: 'plus', used: ['100', '0'], switched: [at(4), '9'] });
    expect(first).not.toHaveProperty('dailyRequests');
    expect(second).toMatchObject({ plan: 'b', dailyRequests: 70, weeklyCap: '2000', used: ['200', '0'] });
    expect(second).toMatchObject({
      drawnByDay: [
        [expect.anything(), '100'],
        [expect.anything(), '100'],
      ],
    });
    for (const key of ['tier', 'switched', 'budget', 'dailyCap']) expect(second).not.toHaveProperty(key);
    expect(third).not.toHaveProperty('used');
    expect(fromSnapshot(JSON.parse(text))?.subscription).toEqual(account?.subscription);
    expect(JSON.stringify(asWrittenNow(JSON.parse(text)))).toBe(text);
  });

  it('shares the standing of those of which nothing was said, and never changes it', () => {
    const one = accountAfter(opened);
    const other = fromSnapshot(JSON.parse(JSON.stringify(one && toSnapshot(one))));
    expect(other?.standing).toBe(one?.standing);
    const key = { keyId: 'k1', name: 'k', group: null, secretHash: 'h', digest: 'd', time: nowAt(2) };
    const issued = given(...opened).when((account) => issueApiKey(account, key, rules));
    given(...issued.soFar).when((account) =>
      changeApiKey(account, { keyId: 'k1', group: 'default', time: nowAt(3) }, rules),
    );
    expect(issued.account.standing).not.toBe(one?.standing);
    expect(one?.standing.keys).toBeNull();
  });
});
