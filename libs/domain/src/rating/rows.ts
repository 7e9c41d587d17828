import type { Conditions } from '../rulebook/price';
import { byPrecedence, conditionOf, holds, type Condition, type Fields } from './conditions';

interface Entry<Band, Row> {
  readonly band: Band;
  readonly condition: Condition;
  row: Row | null;
}

const none: readonly never[] = [];

/** The rows of one price, each worked out when it holds for the first time: a list may have many, and a request needs one. */
export class Rows<Band extends { readonly conditions: Conditions }, Row> {
  private readonly entries: readonly Entry<Band, Row>[];
  private readonly base: Row;

  constructor(
    bands: readonly Band[],
    private readonly make: (band: Band | null, told: string | null) => Row,
  ) {
    this.entries = bands.length === 0 ? none : entriesOf(bands);
    this.base = make(null, null);
  }

  /** The one that fits best, else the base. Lengths are in tokens. */
  find(fields: Fields, promptTokens: number, outputTokens: number): Row {
    for (const entry of this.entries) {
      if (!holds(entry.condition, fields, promptTokens, outputTokens)) continue;
      entry.row ??= this.make(entry.band, entry.condition.told);
      return entry.row;
    }
    return this.base;
  }
}

function entriesOf<Band extends { readonly conditions: Conditions }, Row>(
  bands: readonly Band[],
): readonly Entry<Band, Row>[] {
  return [...bands]
    .sort((a, b) => byPrecedence(a.conditions, b.conditions))
    .map((band) => ({ band, condition: conditionOf(band.conditions), row: null }));
}
