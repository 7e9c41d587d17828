import type { Labels } from '@meterbook/domain/usage/labels';
import { AddedMeasures } from './added-measures';
import { fromLine } from './charge-line';
import type { ChargeRow, Dimensions, Measures } from './charge-row';

/** Charges of one block: enough that a report has few of them to open, and little enough to add up in one go. */
export const BLOCK_ROWS = 4096;

/** What a cell is about, where account, key and labels are told apart too. */
type DetailKey = readonly [dimensions: number, account: string, apiKey: string | null, labels: Labels | null];

/** A cell: quarters of an hour, the number of what it is about, and its measures. */
type Cell = readonly [bookedQuarter: number, occurredQuarter: number, of: number, measures: Measures];

/** The sums of a block without account, key and labels. */
export interface Summary {
  readonly dimensions: readonly Dimensions[];
  readonly cells: readonly Cell[];
}

/** The sums of a block with all that is told apart; `of` names one of its keys, and a key one of the summary's dimensions. */
export interface Detail {
  readonly keys: readonly DetailKey[];
  readonly cells: readonly Cell[];
}

/** Some charges of a platform that were booked one after the other, added up. */
export interface Block {
  readonly bookedFrom: number;
  readonly bookedTo: number;
  readonly occurredFrom: number;
  readonly occurredTo: number;
  readonly summary: Summary;
  readonly detail: Detail;
}

/** Numbers what it meets, in the order in which it does. */
class Numbered<T> {
  readonly list: T[] = [];
  private readonly numbers = new Map<string, number>();

  numberOf(value: T): number {
    const key = JSON.stringify(value);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.list.length);
    return this.list.push(value) - 1;
  }
}

class Cells {
  private readonly byKey = new Map<
    string,
    { readonly cell: readonly [number, number, number]; readonly sums: AddedMeasures }
  >();

  add({ bookedQuarter, occurredQuarter, measures }: ChargeRow, of: number): void {
    const key = `${bookedQuarter} ${occurredQuarter} ${of}`;
    const known = this.byKey.get(key);
    if (known) known.sums.add(measures);
    else this.byKey.set(key, { cell: [bookedQuarter, occurredQuarter, of], sums: new AddedMeasures(measures) });
  }

  list(): Cell[] {
    return [...this.byKey.values()].map(({ cell, sums }): Cell => [...cell, sums.told()]);
  }
}

/** Adds up charges, given as the lines in which they waited. The same lines give the same block, text for text. */
export function blockOf(lines: readonly string[]): Block {
  const dimensions = new Numbered<Dimensions>();
  const keys = new Numbered<DetailKey>();
  const [summary, detail] = [new Cells(), new Cells()];
  let [bookedFrom, bookedTo, occurredFrom, occurredTo] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const line of lines) {
    const { row } = fromLine(line);
    const number = dimensions.numberOf(row.dimensions);
    summary.add(row, number);
    detail.add(row, keys.numberOf([number, row.account, row.apiKey, row.labels]));
    bookedFrom = Math.min(bookedFrom, row.bookedQuarter);
    bookedTo = Math.max(bookedTo, row.bookedQuarter);
    occurredFrom = Math.min(occurredFrom, row.occurredQuarter);
    occurredTo = Math.max(occurredTo, row.occurredQuarter);
  }
  return {
    ...{ bookedFrom, bookedTo, occurredFrom, occurredTo },
    summary: { dimensions: dimensions.list, cells: summary.list() },
    detail: { keys: keys.list, cells: detail.list() },
  };
}
