import type { Rulebook } from '../../rulebook/rulebook';
import { highestEarned } from '../../rulebook/tiers';
import type { Standing } from '../account';

/** The tier that counts: the highest rank of all that was ever earned, what is pinned, and what a plan gives while it runs. One the rulebook does not know is its first. */
export function effectiveTier(
  { earnedTiers, pinnedTier }: Pick<Standing, 'earnedTiers' | 'pinnedTier'>,
  rulebook: Rulebook,
  planTier: string | null = null,
): string {
  return highestEarned(rulebook, earnedTiers, pinnedTier, planTier);
}

/** Whether the wallet pays: always, but where the rulebook asks the account to turn pay-as-you-go on first. */
export function mayDrawWallet({ payAsYouGo }: Pick<Standing, 'payAsYouGo'>, { wallet }: Rulebook): boolean {
  return !wallet.requiresOptIn || payAsYouGo === true;
}
