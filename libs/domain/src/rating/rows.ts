import type { Conditions } from '../rulebook/price';
import { byPrecedence, conditionOf, holds, type Condition, type Fields } from './conditions';

/** The rows of one price, each worked out when it holds for the first time: a list may have many, and a request needs one. */
export interface Rows<Row> {
  readonly base: Row;
  /** The one that fits best, else the base. Lengths are in tokens. */
  find(fields: Fields, promptTokens: number, outputTokens: number): Row;
}

interface Entry<Band, Row> {
  readonly band: Band;
  readonly condition: Condition;
  row: Row | null;
}

export function rowsOf<Band extends { readonly conditions: Conditions }, Row>(
  bands: readonly Band[],
  make: (band: Band | null, told: string | null) => Row,
): Rows<Row> {
  const entries = [...bands]
    .sort((a, b) => byPrecedence(a.conditions, b.conditions))
    .map((band): Entry<Band, Row> => ({ band, condition: conditionOf(band.conditions), row: null }));
  const base = make(null, null);
  return {
    base,
    find: (fields, promptTokens, outputTokens) => {
      for (const entry of entries) {
        if (!holds(entry.condition, fields, promptTokens, outputTokens)) continue;
        entry.row ??= make(entry.band, entry.condition.told);
        return entry.row;
      }
      return base;
    },
  };
}
