import { isZero, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { ExactSum } from '@meterbook/domain/amount/exact-sum';
import { compareByCodePoint } from './code-points';
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

/** What has the same values of all that a report is grouped by. */
export interface Group {
  readonly values: GroupValues;
  readonly sums: Sums;
}
