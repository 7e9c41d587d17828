import type { Projection } from './projections/projection';
import { trialBalance } from './projections/trial-balance/trial-balance';

/** The projections that stand in one set: one file, one pass, one position. A rebuild of one renews the set. */
export const financeProjections: readonly Projection[] = [trialBalance];
