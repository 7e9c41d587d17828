import type { Basis } from '../axes';

/** The values of a group, in the order of `groupBy`; null is what does not apply. */
export type GroupValues = readonly (string | null)[];

/** What is asked of a report by groups; plain data. Instants are milliseconds since 1970. */
export interface Question {
  readonly report: string;
  readonly platform: string;
  readonly basis: Basis;
  /** IANA name. */
  readonly zone: string;
  /** Of movements where they begin, itself included; null for the beginning. */
  readonly from: number | null;
  /** Of movements `to`, of which nothing counts any more; of balances `asOf`, whose own events count. Null for all that is booked. */
  readonly end: number | null;
  /** As of when is derived what time alone changes: the end, else when the first page was asked for. */
  readonly derivedAt: number;
  readonly groupBy: readonly string[];
  /** Dimensions with the values that are taken; an empty one takes what has none. */
  readonly filters: readonly (readonly [dimension: string, values: readonly string[]])[];
  /** What of the items is told; null for all, as CSV. */
  readonly page: { readonly after: GroupValues | null; readonly limit: number } | null;
}

/** Tells the group of something by its dimensions, or that it is filtered out. */
export class Grouping {
  private readonly filters: readonly (readonly [string, ReadonlySet<string | null>])[];
  /** The dimensions that have to be known of what is counted. */
  readonly needed: ReadonlySet<string>;

  constructor(private readonly question: Pick<Question, 'groupBy' | 'filters'>) {
    this.filters = question.filters.map(([dimension, values]) => [
      dimension,
      new Set(values.map((value) => (value === '' ? null : value))),
    ]);
    this.needed = new Set([...question.groupBy, ...this.filters.map(([dimension]) => dimension)]);
  }

  /** The values of its group; undefined where a filter leaves it out. */
  valuesOf(valueOf: (dimension: string) => string | null): GroupValues | undefined {
    for (const [dimension, values] of this.filters) if (!values.has(valueOf(dimension))) return undefined;
    return this.question.groupBy.map(valueOf);
  }
}
