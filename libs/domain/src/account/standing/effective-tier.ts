import type { Rulebook } from '../../rulebook/rulebook';
import type { Standing } from '../account';

/** The tier that counts: the highest rank of what was earned and what was pinned. One the rulebook does not know is its first. */
export function effectiveTier(
  { earnedTier, pinnedTier }: Pick<Standing, 'earnedTier' | 'pinnedTier'>,
  rulebook: Rulebook,
): string {
  return highestTier(rulebook, earnedTier, pinnedTier);
}

/** The highest of some tiers by a rulebook's ranks; its first where it knows none of them. */
export function highestTier({ tiers }: Rulebook, ...candidates: readonly (string | null)[]): string {
  for (let index = tiers.length - 1; index > 0; index--) {
    const tier = tiers[index];
    if (tier !== undefined && candidates.includes(tier.id)) return tier.id;
  }
  return tiers[0].id;
}

/** Whether the wallet pays: always, but where the rulebook asks the account to turn pay-as-you-go on first. */
export function mayDrawWallet({ payAsYouGo }: Pick<Standing, 'payAsYouGo'>, { wallet }: Rulebook): boolean {
  return !wallet.requiresOptIn || payAsYouGo === true;
}
