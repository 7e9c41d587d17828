import type { Rulebook } from '../../rulebook/rulebook';
import type { Account } from '../account';
import { runningPeriod } from '../subscription/periods';
import { effectiveTier } from './effective-tier';

/** The tier that counts at an instant (milliseconds since 1970): the highest of what was earned, what was pinned, and what the plan that runs then lifts to. */
export function tierAt({ standing, subscription }: Account, rulebook: Rulebook, atMs: number): string {
  return effectiveTier(standing, rulebook, runningPeriod(subscription, atMs)?.tier ?? null);
}
