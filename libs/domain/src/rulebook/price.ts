import type { Decimal } from '../amount/decimal';
import type { Weekday } from '../time/zone-clock';

export type Price = TokenPrice | UnitPrice;

/** The name of a unit or a kind of tokens → a price each, or a multiple. */
export type ByName = ReadonlyMap<string, Decimal>;

interface PriceParts {
  readonly windows: readonly Window[];
  /** Unit name → price each, outside field multipliers and windows. */
  readonly extras: ByName;
}

/** What kinds of tokens (`cacheRead`, …) cost: a price of their own, or a multiple of their side's. */
export interface KindPrices {
  readonly inputPrices: ByName;
  readonly outputPrices: ByName;
  readonly inputMultiples: ByName;
  readonly outputMultiples: ByName;
}

export interface TokenPrice extends PriceParts, KindPrices {
  readonly mode: 'token';
  /** Tokens that every price is quoted for. */
  readonly per: 1 | 1000 | 1000000;
  readonly input: Decimal;
  readonly output: Decimal;
  readonly tokenCounts: 'inclusive' | 'exclusive';
  readonly bands: readonly TokenBand[];
}

export interface UnitPrice extends PriceParts {
  readonly mode: 'request' | 'second' | 'megapixel' | 'image' | 'unit';
  readonly unit: Decimal;
  readonly bands: readonly UnitBand[];
}

/** A length in tokens that has to be exceeded (`over`) or reached (`at-least`). */
export interface Threshold {
  readonly comparison: 'over' | 'at-least';
  readonly tokens: number;
}

/** When a row of a price list holds: all of it must. There is at least one condition. */
export interface Conditions {
  /** Field of the usage → the value that it has to have. */
  readonly when: ReadonlyMap<string, string>;
  readonly prompt: Threshold | null;
  readonly output: Threshold | null;
}

/** A row of a price list: it re-prices the whole request. What it leaves out (null, no member) stays that of the base. */
interface BandParts {
  readonly conditions: Conditions;
  readonly extras: ByName;
}

export interface TokenBand extends BandParts, KindPrices {
  readonly input: Decimal | null;
  readonly output: Decimal | null;
}

export interface UnitBand extends BandParts {
  readonly unit: Decimal | null;
}

/** Local time of day, start inclusive, end exclusive, in minutes after midnight; may cross midnight, equal is the whole day. */
export interface Window {
  readonly from: number;
  readonly to: number;
  /** IANA zone. */
  readonly zone: string;
  readonly multiplier: Decimal;
  /** Local days on which it holds, in the order listed; null for every day. */
  readonly days: readonly Weekday[] | null;
}
