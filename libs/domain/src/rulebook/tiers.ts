import type { Rulebook, Tier } from './rulebook';

/** The tier as a version of the rules has it: one that it does not know counts as its first (SPEC §3). */
export function tierOf({ tiers }: Rulebook, id: string | null): Tier {
  return tiers.find((tier) => tier.id === id) ?? tiers[0];
}

/** The highest of some tiers by a rulebook's ranks; its first where it knows none of them. */
export function highestTier(rulebook: Rulebook, ...candidates: readonly (string | null)[]): string {
  return highestEarned(rulebook, [], ...candidates);
}

/** The same of those that were ever earned, and of others beside them: which of them a version knows is the version's to say. */
export function highestEarned(
  { tiers }: Rulebook,
  earned: readonly string[],
  ...others: readonly (string | null)[]
): string {
  const wasEarned = earned.length > FEW_TIERS ? setOf(earned) : null;
  for (let index = tiers.length - 1; index > 0; index--) {
    const tier = tiers[index];
    if (tier === undefined) continue;
    if (others.includes(tier.id) || (wasEarned?.has(tier.id) ?? earned.includes(tier.id))) return tier.id;
  }
  return tiers[0].id;
}

/** What was ever earned, with what a promotion says: where it lists nothing, `to` alone was earned. The tier that it led to is the last. */
export function withEarned(
  before: readonly string[],
  { earned, to }: { readonly earned?: readonly string[]; readonly to: string },
): readonly string[] {
  const listed: unknown = earned;
  if (listed !== undefined && !Array.isArray(listed)) throw new Error('what was earned is no list');
  const all = new Set(before);
  for (const tier of earned ?? []) all.add(tier);
  all.delete(to);
  return [...all, to];
}

/** Tiers among which one is looked for one by one. An account that earned more has seen many versions come and go. */
const FEW_TIERS = 16;
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

function setOf(earned: readonly string[]): ReadonlySet<string> {
  const known = sets.get(earned) ?? new Set(earned);
  sets.set(earned, known);
  return known;
}
