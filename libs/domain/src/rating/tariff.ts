import type { AppliedPrice } from '../account/charging/events';
import type { Decimal } from '../amount/decimal';
import type { Units } from '../usage/usage';

/** A price made ready for many uses. */
export interface Tariff {
  /** Units that mean something to this price. */
  readonly knownUnits: readonly string[];
  /** Units that it cannot do without. */
  readonly neededUnits: readonly string[];
  /** What the units come to before any factor, exactly. */
  base(units: Units): Decimal;
  /** The same with how it came about. */
  measure(units: Units): Measured;
}

export interface Measured {
  readonly base: Decimal;
  readonly applied: AppliedPrice;
}

/** An applied price while it is put together. */
export type PriceDraft = { -readonly [K in keyof AppliedPrice]: AppliedPrice[K] };
