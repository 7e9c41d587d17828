import type { Labels } from '@meterbook/domain/usage/labels';
import { AddedMeasures } from './added-measures';
import type { ChargeLine } from './charge-line';
import type { Dimensions, Measures } from './charge-row';

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

/** Numbers what it meets by a key, in the order in which it does. */
class Numbered<T> {
  readonly list: T[] = [];
  private readonly numbers = new Map<string, number>();

  numberOf(key: string, value: T): number {
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.list.length);
    return this.list.push(value) - 1;
  }
}

class Cells {
  private readonly byKey = new Map<string, AddedMeasures>();
  private readonly order: { readonly cell: readonly [number, number, number]; readonly sums: AddedMeasures }[] = [];

  add(booked: number, occurred: number, of: number, measures: Measures): void {
    const key = `${of} ${booked} ${occurred}`;
    const known = this.byKey.get(key);
    if (known) {
      known.add(measures);
      return;
    }
    const sums = new AddedMeasures(measures);
    this.byKey.set(key, sums);
    this.order.push({ cell: [booked, occurred, of], sums });
  }

  list(): Cell[] {
    return this.order.map(({ cell: [booked, occurred, of], sums }): Cell => [booked, occurred, of, sums.told()]);
  }
}

/** A tab is in no name. */
function keyOf([model, tier, group, channel, plan]: Dimensions): string {
  return `${model}\t${tier}\t${group}\t${channel ?? '\t'}\t${plan ?? '\t'}`;
}

/** Adds up charges. The same ones give the same block, text for text. */
export function blockOf(lines: readonly ChargeLine[]): Block {
  const dimensions = new Numbered<Dimensions>();
  const keys = new Numbered<DetailKey>();
  const [summary, detail] = [new Cells(), new Cells()];
  let [bookedFrom, bookedTo, occurredFrom, occurredTo] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const line of lines) {
    const [booked, occurred, account, apiKey, labels, told, measures] = line;
    const number = dimensions.numberOf(keyOf(told), told);
    summary.add(booked, occurred, number, measures);
    const key = `${number}\t${account}\t${apiKey ?? '\t'}${labels === null ? '' : JSON.stringify(labels)}`;
    detail.add(booked, occurred, keys.numberOf(key, [number, account, apiKey, labels]), measures);
    bookedFrom = Math.min(bookedFrom, booked);
    bookedTo = Math.max(bookedTo, booked);
    occurredFrom = Math.min(occurredFrom, occurred);
    occurredTo = Math.max(occurredTo, occurred);
  }
  return {
    ...{ bookedFrom, bookedTo, occurredFrom, occurredTo },
    summary: { dimensions: dimensions.list, cells: summary.list() },
    detail: { keys: keys.list, cells: detail.list() },
  };
}
