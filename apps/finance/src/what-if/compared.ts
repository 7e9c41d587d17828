import type { Counted } from '@meterbook/domain/account/what-if/account-again';
import type { Charge } from '@meterbook/domain/account/charging/events';
import { add, decimal, isZero, negate, subtract, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Comparison, Side } from './question';

/** The amounts of one side, in the order in which they are kept. */
const [AMOUNT, COST, MAIN, BACKUP, WALLET, RECEIVABLE] = [0, 1, 2, 3, 4, 5] as const;
const AMOUNTS = 6;

/** One side of a comparison while it is added up. */
export class SideSum {
  private charges = 0;
  private readonly amounts: Decimal[] = Array.from({ length: AMOUNTS }, () => zero);

  /** A reversal takes back what was charged and what paid for it, and not what upstream took. */
  count({ charge, reversed }: Counted): void {
    if (!reversed) {
      this.charges += 1;
      this.add(COST, decimal(charge.cost ?? charge.amount));
    }
    const signed = reversed ? negate : same;
    this.add(AMOUNT, signed(decimal(charge.amount)));
    if (charge.credits !== undefined) {
      this.add(MAIN, signed(decimal(charge.credits[1])));
      this.add(BACKUP, signed(decimal(charge.credits[2])));
    }
    if (charge.lots !== undefined) this.add(WALLET, signed(fromLots(charge.lots)));
    if (charge.owed !== undefined) this.add(RECEIVABLE, signed(decimal(charge.owed)));
  }

  addAll(other: SideSum): void {
    this.charges += other.charges;
    for (const [at, amount] of other.amounts.entries()) this.add(at, amount);
  }

  get isNothing(): boolean {
    return this.charges === 0 && this.amounts.every(isZero);
  }

  get amount(): Decimal {
    return this.amounts[AMOUNT] ?? zero;
  }

  told(): Side {
    const text = (at: number): string => toText(this.amounts[at] ?? zero);
    const paidBy = { main: text(MAIN), backup: text(BACKUP), wallet: text(WALLET), receivable: text(RECEIVABLE) };
    return { charges: this.charges, amount: text(AMOUNT), cost: text(COST), paidBy };
  }

  /** The same again of what was kept as a text. */
  static kept(text: string): SideSum {
    const sum = new SideSum();
    const [charges = '0', ...amounts] = text.split(' ');
    sum.charges = Number(charges);
    for (const [at, amount] of amounts.entries()) sum.amounts[at] = decimal(amount);
    return sum;
  }

  toKeep(): string {
    return [this.charges, ...this.amounts.map(toText)].join(' ');
  }

  private add(at: number, amount: Decimal): void {
    this.amounts[at] = add(this.amounts[at] ?? zero, amount);
  }
}

/** What was charged, and what would have been, while they are added up. */
export class Compared {
  constructor(
    readonly actual = new SideSum(),
    readonly simulated = new SideSum(),
  ) {}

  addAll({ actual, simulated }: Compared): void {
    this.actual.addAll(actual);
    this.simulated.addAll(simulated);
  }

  get isNothing(): boolean {
    return this.actual.isNothing && this.simulated.isNothing;
  }

  told(): Comparison {
    const { actual, simulated } = this;
    return {
      actual: actual.told(),
      simulated: simulated.told(),
      difference: toText(subtract(simulated.amount, actual.amount)),
    };
  }
}

function same(amount: Decimal): Decimal {
  return amount;
}

function fromLots(lots: NonNullable<Charge['lots']>): Decimal {
  let sum = zero;
  for (const [, amount] of lots) sum = add(sum, decimal(amount));
  return sum;
}
