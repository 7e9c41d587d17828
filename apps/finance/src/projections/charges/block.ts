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

/** Numbers what it meets, in the order in which it does; the same object costs nothing the second time. */
class Numbered<T extends object> {
  readonly list: T[] = [];
  private readonly byObject = new Map<T, number>();
  private readonly byText = new Map<string, number>();

  constructor(private readonly textOf: (value: T) => string) {}

  numberOf(value: T): number {
    const same = this.byObject.get(value);
    if (same !== undefined) return same;
    const text = this.textOf(value);
    const known = this.byText.get(text);
    const number = known ?? this.list.push(value) - 1;
    if (known === undefined) this.byText.set(text, number);
    this.byObject.set(value, number);
    return number;
  }
}

/** Larger than any quarter of an hour that can be told. */
const QUARTERS_SPAN = 2 ** 29;

/** Numbers pairs of quarters of an hour; most lines have those of the line before. */
class Times {
  private readonly numbers = new Map<number, number>();
  private last = { booked: Number.NaN, occurred: Number.NaN, number: 0 };

  numberOf(booked: number, occurred: number): number {
    const { last } = this;
    if (last.booked === booked && last.occurred === occurred) return last.number;
    const pair = booked * QUARTERS_SPAN + occurred;
    const number = this.numbers.get(pair) ?? this.numbers.size;
    this.numbers.set(pair, number);
    this.last = { booked, occurred, number };
    return number;
  }
}

class Cells {
  private readonly byKey = new Map<number, AddedMeasures>();
  private readonly order: { readonly cell: readonly [number, number, number]; readonly sums: AddedMeasures }[] = [];

  /** @param times how many times there may be */
  constructor(private readonly times: number) {}

  add(booked: number, occurred: number, time: number, of: number, measures: Measures): void {
    const key = of * this.times + time;
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

/** A key of the detail, and the others of the same account. */
interface KeyOfAccount {
  readonly number: number;
  readonly dimensions: number;
  readonly apiKey: string | null;
  readonly labels: number;
  readonly next: KeyOfAccount | undefined;
}

/** Numbers the keys of the detail in the order in which it meets them: an account has few of them, and most accounts one. */
class DetailKeys {
  readonly list: DetailKey[] = [];
  private readonly ofAccount = new Map<string, KeyOfAccount>();
  private readonly labels = new Numbered<Labels>(JSON.stringify);

  numberOf(dimensions: number, account: string, apiKey: string | null, labels: Labels | null): number {
    const labelsNumber = labels === null ? -1 : this.labels.numberOf(labels);
    const first = this.ofAccount.get(account);
    for (let key = first; key; key = key.next)
      if (key.dimensions === dimensions && key.labels === labelsNumber && key.apiKey === apiKey) return key.number;
    const number = this.list.push([dimensions, account, apiKey, labels]) - 1;
    this.ofAccount.set(account, { number, dimensions, apiKey, labels: labelsNumber, next: first });
    return number;
  }
}

/** A tab is in no name. */
function keyOf([model, tier, group, channel, plan]: Dimensions): string {
  return `${model}\t${tier}\t${group}\t${channel ?? '\t'}\t${plan ?? '\t'}`;
}

/** Adds up charges. The same ones give the same block, text for text. */
export function blockOf(lines: readonly ChargeLine[]): Block {
  const dimensions = new Numbered<Dimensions>(keyOf);
  const [times, keys] = [new Times(), new DetailKeys()];
  const [summary, detail] = [new Cells(lines.length), new Cells(lines.length)];
  let [bookedFrom, bookedTo, occurredFrom, occurredTo] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const line of lines) {
    const [booked, occurred, account, apiKey, labels, told, measures] = line;
    const time = times.numberOf(booked, occurred);
    const number = dimensions.numberOf(told);
    summary.add(booked, occurred, time, number, measures);
    detail.add(booked, occurred, time, keys.numberOf(number, account, apiKey, labels), measures);
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
