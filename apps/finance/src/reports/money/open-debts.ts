import { isPositive, isZero, min, subtract, zero, type Decimal } from '@meterbook/domain/amount/decimal';

/** What is shown of what an account came to owe at one moment. */
export interface ShownDebt {
  /** Of what, as it was named. */
  readonly charge: string;
  /** Milliseconds since 1970. */
  readonly occurred: number;
  /** What came to be owed, as far as the report is about it. */
  readonly owed: Decimal;
  /** What of it is open by what the report is about; negative where it is about the payment only. */
  readonly shown: Decimal;
}

interface Debt extends ShownDebt {
  readonly number: number;
  /** What of it is open by all that is booked. */
  open: Decimal;
  shown: Decimal;
}

/**
 * What an account owes, debt by debt, while what is booked is taken in: whoever pays, pays the oldest first of what is open in the
 * books by then, and a report of another instant or by another time shows those of these that it is about.
 */
export class OpenDebts {
  private readonly debts: Debt[] = [];
  private readonly byCharge = new Map<string, Debt>();
  /** A heap of those that are open: the oldest stands first, and of two that occurred at once the one booked first. */
  private readonly oldest: Debt[] = [];

  owe(charge: string, occurred: number, amount: Decimal, isShown: boolean): void {
    const owed = isShown ? amount : zero;
    const debt = { charge, occurred, number: this.debts.length, owed, open: amount, shown: owed };
    this.debts.push(debt);
    this.byCharge.set(charge, debt);
    this.push(debt);
  }

  settle(amount: Decimal, isShown: boolean): void {
    let left = amount;
    for (let first = this.first(); first && isPositive(left); first = this.first())
      left = subtract(left, this.take(first, left, isShown));
  }

  /** What a reversal takes back is its own charge's first. */
  forgive(charge: string, amount: Decimal, isShown: boolean): void {
    const own = this.byCharge.get(charge);
    const taken = own ? this.take(own, amount, isShown) : zero;
    this.settle(subtract(amount, taken), isShown);
  }

  /** What is shown as open, in the order in which it came to be owed. */
  *shown(): Iterable<ShownDebt> {
    for (const debt of this.debts) if (!isZero(debt.shown)) yield debt;
  }

  private take(debt: Debt, amount: Decimal, isShown: boolean): Decimal {
    const taken = min(debt.open, amount);
    debt.open = subtract(debt.open, taken);
    if (isShown) debt.shown = subtract(debt.shown, taken);
    return taken;
  }

  private first(): Debt | undefined {
    for (let first = this.oldest[0]; first; first = this.oldest[0]) {
      if (isPositive(first.open)) return first;
      this.pop();
    }
    return undefined;
  }

  private push(debt: Debt): void {
    const heap = this.oldest;
    let at = heap.length;
    heap.push(debt);
    for (let above = (at - 1) >> 1; at > 0 && isOlder(debt, heap[above]); above = (at - 1) >> 1) {
      heap[at] = heap[above] ?? debt;
      heap[above] = debt;
      at = above;
    }
  }

  private pop(): void {
    const heap = this.oldest;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (isOlder(heap[below + 1], heap[below])) below += 1;
      const child = heap[below];
      if (!child || !isOlder(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}

function isOlder(a: Debt | undefined, b: Debt | undefined): boolean {
  if (!a || !b) return false;
  return a.occurred === b.occurred ? a.number < b.number : a.occurred < b.occurred;
}
