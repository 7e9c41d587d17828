import { add, decimal, isZero, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { KeptAmount, Measures } from './charge-row';

/** Sums of measures. What was added once only is kept as it came, since most of it is. */
export class AddedMeasures {
  private second: Adding | null = null;

  constructor(private readonly first: Measures) {}

  add(more: Measures): void {
    this.second ??= new Adding(this.first);
    this.second.add(more);
  }

  told(): Measures {
    return this.second ? this.second.told() : this.first;
  }
}

const AMOUNTS_FROM = 2;
const UNITS_AT = 9;

class Adding {
  private charges = 0;
  private reversals = 0;
  private readonly amounts: Decimal[] = Array.from({ length: UNITS_AT - AMOUNTS_FROM }, () => zero);
  private readonly units = new Map<string, Decimal>();

  constructor(first: Measures) {
    this.add(first);
  }

  add(more: Measures): void {
    this.charges += more[0];
    this.reversals += more[1];
    for (let at = AMOUNTS_FROM; at < UNITS_AT; at++) {
      const amount = more[at] as KeptAmount;
      const index = at - AMOUNTS_FROM;
      if (amount !== 0) this.amounts[index] = add(this.amounts[index] ?? zero, decimal(amount));
    }
    const units = more[UNITS_AT];
    if (units === 0) return;
    for (const name in units) {
      const unit = units[name];
      if (unit !== undefined) this.units.set(name, add(this.units.get(name) ?? zero, decimal(unit)));
    }
  }

  told(): Measures {
    const kept = this.amounts.map((amount): KeptAmount => (isZero(amount) ? 0 : toText(amount)));
    const [amount = 0, cost = 0, main = 0, backup = 0, wallet = 0, receivable = 0, revenue = 0] = kept;
    const units = [...this.units].filter(([, unit]) => !isZero(unit)).map(([name, unit]) => [name, toText(unit)]);
    return [
      ...([this.charges, this.reversals, amount, cost, main, backup, wallet, receivable, revenue] as const),
      units.length === 0 ? 0 : (Object.fromEntries(units) as Record<string, string>),
    ];
  }
}
