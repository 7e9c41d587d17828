import { pin, promote } from './promote';
import type { TierEvent, TierPromoted } from './events';
import type { RechargeFact, TierState } from './tier';
import { evolveTier, foldRecharge, rechargeFact } from './tier';
import { viewTier } from './view-tier';
import { decimal } from '../amount/decimal';
import type { AccountEvent } from '../account/events';
import { receiveRecharge } from '../account/wallet/recharge';
import { given } from '../testing/given';
import { aRecharge, at, atText } from '../testing/commands';
import { published } from '../testing/rulebooks';

const tiers = [
  { id: 'default', rank: 1 },
  { id: 'vip', rank: 2 },
  { id: 'svip', rank: 3 },
];
const promotion = [
  { tier: 'vip', anyOf: [{ anyRecharge: true }] },
  { tier: 'svip', anyOf: [{ singleRechargeAtLeast: '500' }, { cumulativeRechargeAtLeast: '1000' }] },
];
const version = published({ tiers, promotion });
const rules = [version];

/** The recharges of an account, in order, as its stream would have them. */
function recharges(...amounts: readonly string[]): RechargeFact[] {
  let history: readonly AccountEvent[] = [];
  for (const [index, amount] of amounts.entries()) {
    history = given(...history).when((account) =>
      receiveRecharge(account, aRecharge(`r${index}`, amount, index), rules),
    ).soFar;
  }
  return history.flatMap((event, revision) =>
    event.type === 'WalletRecharged' ? [rechargeFact(event, revision)] : [],
  );
}

/** The tier service: every recharge as it comes in. */
function hear(
  facts: readonly RechargeFact[],
  versions = rules,
  start?: TierState,
): { state: TierState | undefined; events: TierEvent[] } {
  let state = start;
  const events: TierEvent[] = [];
  for (const fact of facts) {
    const promoted = promote(state, fact, versions);
    if (promoted !== null) {
      events.push(promoted);
      state = evolveTier(state, promoted, (state?.revision ?? -1) + 1);
    }
    state = foldRecharge(state, fact);
  }
  return { state, events };
}
const tierAfter = (...amounts: readonly string[]) => viewTier(hear(recharges(...amounts)).state, version.rulebook).tier;

describe('promotion', () => {
  it('lifts by any recharge, by a single one, and by all of them together', () => {
    expect(tierAfter()).toBe('default');
    expect(tierAfter('0.01')).toBe('vip');
    expect(tierAfter('499.99')).toBe('vip');
    expect(tierAfter('500')).toBe('svip');
    expect(tierAfter('400', '400')).toBe('vip');
    expect(tierAfter('400', '400', '200')).toBe('svip');
  });

  it('says which recharge and which condition it was', () => {
    const facts = recharges('400', '400', '200');
    const { events } = hear(facts);
    expect(events).toEqual([
      {
        type: 'TierPromoted',
        occurredAt: atText(0),
        from: 'default',
        to: 'vip',
        earned: ['vip'],
        rulebook: 1,
        rule: { anyRecharge: true },
        rechargeId: 'r0',
        rechargeRevision: 1,
        recharges: 1,
        single: '400',
        cumulative: '400',
      },
      {
        type: 'TierPromoted',
        occurredAt: atText(2),
        from: 'vip',
        to: 'svip',
        earned: ['svip'],
        rulebook: 1,
        rule: { cumulativeRechargeAtLeast: '1000' },
        rechargeId: 'r2',
        rechargeRevision: 3,
        recharges: 3,
        single: '400',
        cumulative: '1000',
      },
    ]);
  });

  it('counts a recharge that is seen twice once', () => {
    const [first, second] = recharges('400', '400') as [RechargeFact, RechargeFact];
    const { state, events } = hear([first, second, first, second, second]);
    expect(events).toHaveLength(1);
    expect(viewTier(state, version.rulebook)).toMatchObject({ recharges: 2, cumulativeRecharge: '800' });
  });

  it('does not look at a recharge again when the rules have changed since', () => {
    const [fact] = recharges('500');
    const plain = [published({ tiers })];
    const { state } = hear(recharges('500'), plain);
    const since = [...plain, published({ tiers, promotion }, 2, '2020-01-02T00:00:00.000Z')];
    expect(promote(undefined, there(fact), since)).toMatchObject({ to: 'svip' });
    expect(promote(state, there(fact), since)).toBeNull();
  });

  it('comes to the same from its stream alone and the recharges heard again', () => {
    const facts = recharges('10', '400', '600', '1');
    const { state, events } = hear(facts);
    const rebuilt = events.reduce<TierState | undefined>(
      (before, event, revision) => evolveTier(before, event, revision),
      undefined,
    );
    const again = hear(facts, rules, rebuilt);
    expect(again.events).toEqual([]);
    expect(again.state).toEqual(state);
  });

  it('takes the highest tier that holds, whatever the order of the rules', () => {
    const reversed = [published({ tiers, promotion: [...promotion].reverse() })];
    expect(hear(recharges('500'), reversed).events).toMatchObject([
      { from: 'default', to: 'svip', earned: ['vip', 'svip'], rule: { singleRechargeAtLeast: '500' } },
    ]);
  });

  it('keeps what was earned for the versions that know it, and tells of what is earned without a rise', () => {
    const gold = { id: 'gold', rank: 4 };
    const low = { id: 'low', rank: 1 };
    const versions = [
      version,
      published(
        { tiers: [...tiers, gold], promotion: [{ tier: 'gold', anyOf: [{ anyRecharge: true }] }] },
        2,
        atText(1),
      ),
      published(
        { tiers: [low, { ...gold, rank: 9 }], promotion: [{ tier: 'low', anyOf: [{ anyRecharge: true }] }] },
        3,
        atText(2),
      ),
    ];
    const { state, events } = hear(recharges('500', '1', '2'), versions);
    expect(events).toMatchObject([
      { from: 'default', to: 'svip', earned: ['vip', 'svip'], rulebook: 1 },
      { from: 'svip', to: 'gold', earned: ['gold'], rulebook: 2 },
      { from: 'gold', to: 'gold', earned: ['low'], rulebook: 3, single: '500', cumulative: '503' },
    ]);
    const tierUnder = (...ids: readonly string[]) =>
      viewTier(state, published({ tiers: ids.map((id, i) => ({ id, rank: i + 1 })) }).rulebook).tier;
    expect(tierUnder('default', 'vip', 'svip')).toBe('svip');
    expect(tierUnder('default', 'svip', 'vip')).toBe('vip');
    expect(tierUnder('default', 'vip')).toBe('vip');
    expect(tierUnder('default', 'bronze')).toBe('default');
    expect(tierUnder('default', 'bronze', 'low')).toBe('low');
  });

  it('takes an event that lists nothing for one that earned its tier alone, and what is no list for damage', () => {
    const [first] = hear(recharges('500')).events as [TierPromoted];
    const { earned, ...old } = first;
    expect(earned).toEqual(['vip', 'svip']);
    expect(evolveTier(undefined, old, 0).earned).toEqual(['svip']);
    expect(() => evolveTier(undefined, { ...first, earned: 'svip' as unknown as string[] }, 0)).toThrow('no list');
  });

  it('tells the first condition that holds, of rules of one tier too, with its own keys and no others', () => {
    const [told] = hear(recharges('1200')).events as [TierPromoted];
    expect(Object.entries(told.rule)).toEqual([['singleRechargeAtLeast', '500']]);
    const twice = [published({ tiers, promotion: [{ tier: 'svip', anyOf: [{ anyRecharge: true }] }, ...promotion] })];
    const [first] = hear(recharges('1200'), twice).events as [TierPromoted];
    expect(Object.entries(first.rule)).toEqual([['anyRecharge', true]]);
  });

  it('wants every key of an item to hold', () => {
    const both = [
      published({
        tiers,
        promotion: [{ tier: 'svip', anyOf: [{ singleRechargeAtLeast: '300', cumulativeRechargeAtLeast: '600' }] }],
      }),
    ];
    expect(hear(recharges('400', '199'), both).events).toEqual([]);
    expect(hear(recharges('299', '299', '299'), both).events).toEqual([]);
    expect(hear(recharges('400', '200'), both).events).toMatchObject([{ to: 'svip', rechargeId: 'r1' }]);
  });

  it('only rises', () => {
    const { state } = hear(recharges('500'));
    expect(promote(state, { ...last(recharges('500', '1')), revision: 9 }, rules)).toBeNull();
  });

  it('follows the rulebook in force when the recharge occurred', () => {
    const versions = [published({ tiers }), published({ tiers, promotion }, 2, atText(1))];
    expect(hear(recharges('500'), versions).events).toEqual([]);
    expect(hear(recharges('500', '1'), versions).events).toMatchObject([{ to: 'svip', rulebook: 2, single: '500' }]);
    expect(hear(recharges('500'), [published({ tiers, promotion }, 1, atText(1))]).events).toEqual([]);
  });
});

describe('a pin', () => {
  const pinned = (tier: string | null, settingsRevision: number) => ({ tier, settingsRevision, occurredAt: at(5) });

  it('is heard once', () => {
    const event = pin(undefined, pinned('svip', 4));
    expect(event).toEqual({ type: 'TierPinned', occurredAt: atText(5), tier: 'svip', settingsRevision: 4 });
    const state = evolveTier(undefined, there(event), 0);
    expect(pin(state, pinned('svip', 4))).toBeNull();
    expect(pin(state, pinned('vip', 3))).toBeNull();
    expect(pin(state, pinned(null, 7))).toMatchObject({ tier: null });
  });

  it('is raised by rules, never lowered, and neither helps nor hinders them', () => {
    const low = evolveTier(undefined, there(pin(undefined, pinned('vip', 0))), 0);
    expect(viewTier(low, version.rulebook)).toMatchObject({ tier: 'vip', pinned: true });
    const raised = hear(recharges('500'), rules, low);
    expect(raised.events).toMatchObject([{ from: 'default', to: 'svip' }]);
    expect(viewTier(raised.state, version.rulebook)).toMatchObject({ tier: 'svip', pinned: true });
    const freed = evolveTier(raised.state, there(pin(raised.state, pinned(null, 9))), 2);
    expect(viewTier(freed, version.rulebook)).toMatchObject({ tier: 'svip', pinned: false });
  });
});

describe('the view of a tier', () => {
  const viewAfter = (...amounts: readonly string[]) => viewTier(hear(recharges(...amounts)).state, version.rulebook);

  it('shows the recharges and what leads to the next tier', () => {
    expect(viewAfter()).toEqual({
      tier: 'default',
      pinned: false,
      recharges: 0,
      largestRecharge: '0',
      cumulativeRecharge: '0',
      next: { tier: 'vip', singleRechargeNeeded: null, cumulativeRechargeNeeded: null },
    });
    expect(viewAfter('400', '10.5')).toEqual({
      tier: 'vip',
      pinned: false,
      recharges: 2,
      largestRecharge: '400',
      cumulativeRecharge: '410.5',
      next: { tier: 'svip', singleRechargeNeeded: '500', cumulativeRechargeNeeded: '589.5' },
    });
    expect(viewAfter('500')).toMatchObject({ tier: 'svip', next: null });
  });

  it('passes over tiers that no recharge leads to', () => {
    const gap = published({
      tiers,
      promotion: [{ tier: 'svip', anyOf: [{ cumulativeRechargeAtLeast: '9' }] }],
    }).rulebook;
    expect(viewTier(undefined, gap).next).toEqual({
      tier: 'svip',
      singleRechargeNeeded: null,
      cumulativeRechargeNeeded: '9',
    });
  });

  it('shows the least of several thresholds, and that nothing is missing of one that is reached', () => {
    const nextAfter = (anyOf: readonly object[], ...amounts: readonly string[]) => {
      const versions = [published({ tiers, promotion: [{ tier: 'svip', anyOf }] })];
      return viewTier(hear(recharges(...amounts), versions).state, there(versions[0]).rulebook).next;
    };
    const choice = [{ cumulativeRechargeAtLeast: '800' }, { singleRechargeAtLeast: '500' }];
    expect(nextAfter([...choice, { cumulativeRechargeAtLeast: '1000' }], '300')).toEqual({
      tier: 'svip',
      singleRechargeNeeded: '500',
      cumulativeRechargeNeeded: '500',
    });
    expect(nextAfter([{ cumulativeRechargeAtLeast: '1000' }, ...choice], '300')).toMatchObject({
      cumulativeRechargeNeeded: '500',
    });
    const both = [{ singleRechargeAtLeast: '300', cumulativeRechargeAtLeast: '600' }];
    expect(nextAfter(both, '200', '200', '250')).toEqual({
      tier: 'svip',
      singleRechargeNeeded: '300',
      cumulativeRechargeNeeded: '0',
    });
  });

  it('throws on a gap in the stream', () => {
    const event = there(pin(undefined, { tier: 'vip', settingsRevision: 0, occurredAt: at(0) }));
    expect(() => evolveTier(undefined, event, 1)).toThrow('tier revision 1 after -1');
  });
});

it('counts in decimals', () => {
  expect(recharges('0.1', '0.2')[1]?.totals.cumulative).toEqual(decimal('0.3'));
});

function there<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('nothing there');
  return value;
}

function last(facts: readonly RechargeFact[]): RechargeFact {
  return there(facts.at(-1));
}
