import type { ChargedFor } from '../account/charging/charged-factor';
import type { AppliedPrice, ChargedFactor } from '../account/charging/events';
import type { Units } from '../usage/usage';

/** What a stored charge holds of its derivation. Amounts are canonical strings. */
export interface Explainable extends ChargedFor {
  /** Which rules of rating it follows; left out by the first. */
  readonly rating?: number | undefined;
  readonly price: AppliedPrice;
  readonly factors: readonly ChargedFactor[];
  /** Left out where it equals `amount`. */
  readonly unrounded?: string | undefined;
  readonly amount: string;
  readonly currency: string;
  readonly units: Units;
}
