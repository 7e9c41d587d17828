import type { Rulebook } from '../../rulebook/rulebook';
import { highestTier } from '../../rulebook/tiers';
import type { Standing } from '../account';

/** The tier that counts: the highest rank of what was earned and what was pinned. One the rulebook does not know is its first. */
export function effectiveTier(
  { earnedTier, pinnedTier }: Pick<Standing, 'earnedTier' | 'pinnedTier'>,
  rulebook: Rulebook,
): string {
  return highestTier(rulebook, earnedTier, pinnedTier);
}

/** Whether the wallet pays: always, but where the rulebook asks the account to turn pay-as-you-go on first. */
export function mayDrawWallet({ payAsYouGo }: Pick<Standing, 'payAsYouGo'>, { wallet }: Rulebook): boolean {
  return !wallet.requiresOptIn || payAsYouGo === true;
}
