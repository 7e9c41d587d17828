import type { Decimal } from '@meterbook/domain/amount/decimal';
import type { UnitPrice } from '@meterbook/domain/rulebook/price';

/** Prices of one place of a list, in its own currency: of a million tokens, or of one of what the mode counts. */
export interface Rates {
  readonly input?: Decimal | undefined;
  readonly output?: Decimal | undefined;
  readonly unit?: Decimal | undefined;
  /** Kinds of tokens. */
  readonly kinds: ReadonlyMap<string, Decimal>;
  /** Units beside the price, of one each. */
  readonly extras: ReadonlyMap<string, Decimal>;
}

export interface PromptThreshold {
  readonly comparison: 'over' | 'at-least';
  readonly tokens: number;
}

/** Other prices under conditions. */
export interface ImportedRow {
  /** Field → the value that it has to have. */
  readonly when: ReadonlyMap<string, string>;
  readonly prompt: PromptThreshold | null;
  readonly rates: Rates;
}

/** A time of day at which everything costs another multiple. */
export interface ImportedWindow {
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly multiplier: Decimal;
  readonly days: readonly string[] | null;
}

export interface ImportedPrice {
  readonly mode: 'token' | UnitPrice['mode'];
  readonly base: Rates;
  readonly rows: readonly ImportedRow[];
  readonly windows: readonly ImportedWindow[];
}

export interface ImportedMultiplier {
  readonly field: string;
  readonly equals: string;
  readonly multiplier: Decimal;
}

/** An entry of a list, in the words of a rulebook. */
export interface ImportedModel {
  readonly id: string;
  /** Who serves it, as the list says; null where it does not. */
  readonly provider: string | null;
  readonly price: ImportedPrice;
  readonly fieldMultipliers: readonly ImportedMultiplier[];
}

export const noRates: Rates = { kinds: new Map(), extras: new Map() };
