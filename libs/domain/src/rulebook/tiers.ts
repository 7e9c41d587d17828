import type { Rulebook, Tier } from './rulebook';

/** The tier as a version of the rules has it: one that it does not know counts as its first (SPEC §3). */
export function tierOf({ tiers }: Rulebook, id: string | null): Tier {
  return tiers.find((tier) => tier.id === id) ?? tiers[0];
}

/** The highest of some tiers by a rulebook's ranks; its first where it knows none of them. */
export function highestTier({ tiers }: Rulebook, ...candidates: readonly (string | null)[]): string {
  for (let index = tiers.length - 1; index > 0; index--) {
    const tier = tiers[index];
    if (tier !== undefined && candidates.includes(tier.id)) return tier.id;
  }
  return tiers[0].id;
}
