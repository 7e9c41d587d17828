import type { Decimal } from '../amount/decimal';
import type { AppliedPrice, Factor } from '../account/charging/events';
import type { Units } from '../usage/usage';

/** What is priced: one request to one model. */
export interface RatingRequest {
  readonly model: string;
  /** The usage's group, else its key's; null falls to the model's. */
  readonly group: string | null;
  readonly channel: string | null;
  readonly units: Units;
  readonly fields: Readonly<Record<string, string>>;
  /** Occurred at, milliseconds since 1970: windows look at it. */
  readonly at: number;
  /** What the provider says it took: the cost then, as it stands. */
  readonly upstreamCost?: Decimal | undefined;
}

/** The account's side of a price. A tier that the rulebook does not know counts as its first. */
export interface RatingTerms {
  readonly tier: string;
  /** Enterprise: replaces the user factor for every group. */
  readonly customMultiplier: Decimal | null;
}

export interface RatingRefusal {
  readonly kind: 'refused';
  readonly code: 'unknown_model' | 'unknown_group' | 'unknown_channel' | 'unknown_unit' | 'missing_units';
  readonly detail: string;
}

/** A price and where it comes from: all that a charge stores of it. */
export interface Rated {
  readonly kind: 'rated';
  readonly tier: string;
  readonly group: string;
  readonly price: AppliedPrice;
  /** In the order they are multiplied: fields, window, channel, user factor. */
  readonly factors: readonly Factor[];
  readonly unrounded: Decimal;
  readonly amount: Decimal;
  /** What the provider says it took, else what upstream takes: rated like a price, without channel and user factor, rounded once. */
  readonly cost: Decimal;
}
