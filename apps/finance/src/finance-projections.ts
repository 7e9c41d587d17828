import type { Projection } from './projections/projection';
import { charges } from './projections/charges/charges';
import { recharges } from './projections/recharges/recharges';
import { trialBalance } from './projections/trial-balance/trial-balance';

/** The read models of finance: a file, a position and a version each. */
export const financeProjections: readonly Projection[] = [trialBalance, charges, recharges];
