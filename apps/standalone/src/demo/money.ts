import { add, decimal, fromInteger, multiply, negate, toText, zero } from '@meterbook/domain/amount/decimal';

// Amounts travel as decimal strings. A client adds them up exactly or not at all: never as JS numbers.

/** The exact sum of amounts. */
export function sum(...amounts: readonly string[]): string {
  return toText(amounts.map(decimal).reduce(add, zero));
}

/** An amount with its sign turned. */
export function minus(amount: string): string {
  return toText(negate(decimal(amount)));
}

/** An amount, so many times. */
export function times(count: number, amount: string): string {
  return toText(multiply(fromInteger(count), decimal(amount)));
}

/** Adds up what each platform should have earned, to be held against its books at the end. */
export class Till {
  private readonly earned = new Map<string, string>();
  private count = 0;

  /** Usage events that were charged so far. */
  get charges(): number {
    return this.count;
  }

  /** A number of calls, each of the same amount. */
  charged(platform: string, amount: string, calls = 1): void {
    this.count += calls;
    this.earned.set(platform, sum(this.of(platform), times(calls, amount)));
  }

  reversed(platform: string, amount: string): void {
    this.earned.set(platform, sum(this.of(platform), minus(amount)));
  }

  /** What pools pay for is no revenue of usage: its money is the fee. */
  paidByPools(platform: string, amount: string): void {
    this.reversed(platform, amount);
  }

  of(platform: string): string {
    return this.earned.get(platform) ?? '0';
  }
}
