import { changeTier } from './change-tier';
import { effectiveTier, mayDrawWallet } from './effective-tier';
import { openAccount } from './open';
import { accountAfter, given } from '../../testing/given';
import { at, atText, nowAt } from '../../testing/commands';
import { published } from '../../testing/rulebooks';

const tiers = [
  { id: 'default', rank: 1 },
  { id: 'vip', rank: 2 },
  { id: 'svip', rank: 3 },
];
const version = published({ tiers });
const history = given().when((account) => openAccount(account, nowAt(0), [version])).soFar;
const promotion = { from: 'default', to: 'vip', tierRevision: 4, occurredAt: at(1) };

describe('the tier of an account', () => {
  it('follows a promotion, which does not count as a command', () => {
    const outcome = given(...history).when((account) => changeTier(account, promotion));
    outcome.thenEvents({ type: 'TierChanged', from: 'default', to: 'vip', tierRevision: 4, occurredAt: atText(1) });
    expect(outcome.account).toMatchObject({ standing: { earnedTiers: ['vip'] }, lastCommandAt: at(0) });
  });

  it('keeps whatever was earned, in whichever order its promotions are heard', () => {
    const gold = { from: 'default', to: 'gold', earned: ['silver', 'gold'], tierRevision: 7, occurredAt: at(2) };
    const orders = [
      [promotion, gold],
      [gold, promotion],
    ];
    for (const changes of orders) {
      const soFar = changes.reduce(
        (told, change) => given(...told).when((account) => changeTier(account, change)).soFar,
        history,
      );
      const standing = accountAfter(soFar)?.standing;
      expect([standing?.earnedTiers.toSorted(), standing?.tierRevision]).toEqual([['gold', 'silver', 'vip'], 7]);
      for (const change of changes)
        given(...soFar)
          .when((account) => changeTier(account, change))
          .thenNothing();
    }
  });

  it('ignores a promotion that was heard before or is older', () => {
    const heard = given(...given(...history).when((account) => changeTier(account, promotion)).soFar);
    heard.when((account) => changeTier(account, promotion)).thenNothing();
    heard.when((account) => changeTier(account, { ...promotion, tierRevision: 3 })).thenNothing();
    heard
      .when((account) => changeTier(account, { ...promotion, to: 'svip', tierRevision: 5 }))
      .thenEvents({ to: 'svip' });
    given()
      .when((account) => changeTier(account, promotion))
      .thenRefused('unknown_account');
  });

  it('is the highest of what was earned and pinned, and the first where the rulebook knows neither', () => {
    const tierOf = (earnedTiers: readonly string[], pinnedTier: string | null) =>
      effectiveTier({ earnedTiers, pinnedTier }, version.rulebook);
    expect(tierOf([], null)).toBe('default');
    expect(tierOf(['vip'], null)).toBe('vip');
    expect(tierOf(['vip'], 'default')).toBe('vip');
    expect(tierOf(['vip'], 'svip')).toBe('svip');
    expect(tierOf(['gone'], null)).toBe('default');
    expect(tierOf(['gone'], 'vip')).toBe('vip');
    expect(tierOf(['svip', 'vip', 'gone'], null)).toBe('svip');
    const many = Array.from({ length: 500 }, (_, i) => `gone-${i}`);
    expect([tierOf([...many, 'vip'], null), tierOf(many, null), tierOf(many, 'svip')]).toEqual([
      'vip',
      'default',
      'svip',
    ]);
  });
});

describe('the wallet', () => {
  it('is drawn unless the rulebook wants pay-as-you-go turned on first', () => {
    const optIn = published({ wallet: { requiresOptIn: true } }).rulebook;
    expect(mayDrawWallet({ payAsYouGo: null }, version.rulebook)).toBe(true);
    expect(mayDrawWallet({ payAsYouGo: null }, optIn)).toBe(false);
    expect(mayDrawWallet({ payAsYouGo: false }, optIn)).toBe(false);
    expect(mayDrawWallet({ payAsYouGo: true }, optIn)).toBe(true);
  });
});
