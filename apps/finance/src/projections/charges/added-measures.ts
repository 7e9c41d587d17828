import { isZero, toText } from '@meterbook/domain/amount/decimal';
import { ExactSum } from '@meterbook/domain/amount/exact-sum';
import type { KeptAmount, KeptUnits, Measures } from './charge-row';

const AMOUNTS_FROM = 2;
const UNITS_AT = 9;

/** Sums of measures. What was added once only is kept as it came, since most of it is. */
export class AddedMeasures {
  private sums: Adding | null = null;

  constructor(private readonly first: Measures) {}

  add(more: Measures): void {
    if (this.sums === null) {
      this.sums = new Adding();
      this.sums.add(this.first);
    }
    this.sums.add(more);
  }

  told(): Measures {
    return this.sums === null ? this.first : this.sums.told();
  }
}

class Adding {
  private charges = 0;
  private reversals = 0;
  private readonly amounts: (ExactSum | undefined)[] = [];
  private readonly units = new Map<string, ExactSum>();

  add(more: Measures): void {
    this.charges += more[0];
    this.reversals += more[1];
    for (let at = AMOUNTS_FROM; at < UNITS_AT; at++) {
      const amount = more[at] as KeptAmount;
      if (amount !== 0) (this.amounts[at] ??= new ExactSum()).add(amount);
    }
    const units = more[UNITS_AT];
    if (units !== 0) for (const name in units) this.addUnit(name, units[name] ?? 0);
  }

  told(): Measures {
    const at = (measure: number): KeptAmount => kept(this.amounts[measure]);
    return [this.charges, this.reversals, at(2), at(3), at(4), at(5), at(6), at(7), at(8), this.toldUnits()];
  }

  private addUnit(name: string, unit: string | number): void {
    const known = this.units.get(name);
    const sum = known ?? new ExactSum();
    if (!known) this.units.set(name, sum);
    sum.add(String(unit));
  }

  private toldUnits(): KeptUnits | 0 {
    const told = [...this.units].map(([name, sum]) => [name, kept(sum)]).filter(([, unit]) => unit !== 0);
    return told.length === 0 ? 0 : (Object.fromEntries(told) as KeptUnits);
  }
}

function kept(sum: ExactSum | undefined): KeptAmount {
  const amount = sum?.value();
  return amount === undefined || isZero(amount) ? 0 : toText(amount);
}
