import { isZero, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { ExactSum } from '@meterbook/domain/amount/exact-sum';
import type { Measure } from './declaration';
import type { GroupValues } from './question';

/** What the measures of a report come to, in the order in which they are declared. */
export class Sums {
  private readonly counts: number[] = [];
  private readonly amounts: (ExactSum | undefined)[] = [];
  private readonly byName: (Map<string, ExactSum> | undefined)[] = [];

  count(measure: number, things: number): void {
    this.counts[measure] = this.countOf(measure) + things;
  }

  add(measure: number, amount: Decimal): void {
    this.addText(measure, toText(amount));
  }

  /** Adds a canonical decimal as it stands in a file; the same, but faster. */
  addText(measure: number, amount: string): void {
    (this.amounts[measure] ??= new ExactSum()).add(amount);
  }

  /** Adds to the amount of a name. */
  addTo(measure: number, name: string, amount: Decimal): void {
    this.addTextTo(measure, name, toText(amount));
  }

  addTextTo(measure: number, name: string, amount: string): void {
    const sums = (this.byName[measure] ??= new Map<string, ExactSum>());
    const known = sums.get(name);
    const sum = known ?? new ExactSum();
    if (!known) sums.set(name, sum);
    sum.add(amount);
  }

  countOf(measure: number): number {
    return this.counts[measure] ?? 0;
  }

  amountOf(measure: number): Decimal {
    return this.amounts[measure]?.value() ?? zero;
  }

  /** Those that are not zero, by code point of their names. */
  amountsOf(measure: number): (readonly [name: string, amount: Decimal])[] {
    const all = [...(this.byName[measure] ?? [])].map(([name, sum]) => [name, sum.value()] as const);
    return all.filter(([, amount]) => !isZero(amount)).sort(([a], [b]) => compareByCodePoint(a, b));
  }

  /** Adds another one's. */
  addAll(other: Sums, measures: readonly Measure[]): void {
    for (const [at, { kind }] of measures.entries()) {
      if (kind === 'count') this.count(at, other.countOf(at));
      else if (kind === 'amount') this.add(at, other.amountOf(at));
      else for (const [name, amount] of other.amountsOf(at)) this.addTo(at, name, amount);
    }
  }

  isZero(measures: readonly Measure[]): boolean {
    return measures.every(({ kind }, at) => {
      if (kind === 'count') return this.countOf(at) === 0;
      return kind === 'amount' ? isZero(this.amountOf(at)) : this.amountsOf(at).length === 0;
    });
  }
}

export interface Group {
  readonly values: GroupValues;
  readonly sums: Sums;
}

/** The groups of a report while they are added up. */
export class Groups {
  private readonly byKey = new Map<string, Group>();
  private readonly capped = new Set<string>();

  /** The sums of a group. */
  of(values: GroupValues): Sums {
    const key = JSON.stringify(values);
    const known = this.byKey.get(key);
    if (known) return known.sums;
    const group = { values, sums: new Sums() };
    this.byKey.set(key, group);
    return group.sums;
  }

  /** Notes that of a label something is counted whose values were too many to tell apart. */
  noteCapped(label: string): void {
    this.capped.add(label);
  }

  get cappedLabels(): string[] {
    return [...this.capped].sort(compareByCodePoint);
  }

  /** Those that are not zero in all, in the order of an answer. */
  inOrder(measures: readonly Measure[]): readonly Group[] {
    const groups = [...this.byKey.values()].filter(({ sums }) => !sums.isZero(measures));
    return groups.sort((a, b) => compareValues(a.values, b.values));
  }
}

/** The order of groups: value by value, null first, then by code point. */
export function compareValues(a: GroupValues, b: GroupValues): number {
  for (const [at, one] of a.entries()) {
    const other = b[at] ?? null;
    if (one === other) continue;
    if (one === null) return -1;
    if (other === null) return 1;
    return compareByCodePoint(one, other);
  }
  return 0;
}

/** Texts by code point, as bytes of UTF-8 sort: JavaScript's own order puts what lies beyond the first 65,536 too early. */
export function compareByCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one !== other) return codePointRank(one) - codePointRank(other);
  }
  return a.length - b.length;
}

const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const PAST_UNITS = 0x10000;

/** A half of a pair stands for something beyond every single unit. */
function codePointRank(unit: number): number {
  return unit >= FIRST_SURROGATE && unit <= LAST_SURROGATE ? unit + PAST_UNITS : unit;
}
