import type { AppliedPrice } from '../account/charging/events';
import type { Decimal } from '../amount/decimal';
import type { ByName } from '../rulebook/price';
import type { Units } from '../usage/usage';
import type { Fields } from './conditions';
import type { WindowTerm } from './windows';

/** A price made ready for many uses. */
export interface Tariff {
  /** Units that mean something to this price. */
  readonly knownUnits: readonly string[];
  /** Those of them that are extras of some rows only: under another row they would be given away. */
  readonly extrasOfRows: readonly string[];
  /** Units that it cannot do without. */
  readonly neededUnits: readonly string[];
  readonly windows: readonly WindowTerm[];
  /** The extras of the row that holds. */
  extrasAt(units: Units, fields: Fields): ByName;
  /** What the units come to before any factor, exactly. */
  amount(units: Units, fields: Fields): Sum;
  /** The same with how it came about. */
  measure(units: Units, fields: Fields): Measured;
}

export interface Sum {
  /** What field multipliers and windows multiply. */
  readonly base: Decimal;
  /** What they leave alone; null where no extra was used. */
  readonly extras: Decimal | null;
}

export interface Measured extends Sum {
  readonly applied: AppliedPrice;
}

/** An applied price while it is put together. */
export type PriceDraft = { -readonly [K in keyof AppliedPrice]: AppliedPrice[K] };
