import { add, decimal, zero, type Decimal } from './decimal';

/** Longest text whose digits are read as one whole number: 10^15 is well below 2^53, up to which whole numbers are exact. */
const MAX_SHORT_LENGTH = 15;
/** How large a running sum of whole numbers may be before it is put away: with one more of them it stays below 2^53. */
const MAX_RUNNING = 4e15;
const [MINUS, POINT, ZERO] = [45, 46, 48];

/**
 * Adds up very many canonical decimals exactly, several times as fast as one by one: short ones as whole numbers of their last digit,
 * for each number of fraction digits apart. No fraction is ever held in a JS number.
 */
export class ExactSum {
  private readonly running: number[] = [];
  private put: Decimal = zero;

  /** Adds a canonical decimal; the text is trusted to be one. */
  add(text: string): void {
    const { length } = text;
    if (length > MAX_SHORT_LENGTH) {
      this.put = add(this.put, decimal(text));
      return;
    }
    const isNegative = text.charCodeAt(0) === MINUS;
    let [units, scale] = [0, 0];
    for (let at = isNegative ? 1 : 0; at < length; at++) {
      const letter = text.charCodeAt(at);
      if (letter === POINT) scale = length - 1 - at;
      else units = units * 10 + (letter - ZERO);
    }
    this.addUnits(isNegative ? -units : units, scale);
  }

  /** The sum of what was added. */
  value(): Decimal {
    for (const [scale, units] of this.running.entries()) if (units) this.putAway(units, scale);
    return this.put;
  }

  private addUnits(units: number, scale: number): void {
    const sum = (this.running[scale] ?? 0) + units;
    this.running[scale] = sum;
    if (sum > MAX_RUNNING || sum < -MAX_RUNNING) this.putAway(sum, scale);
  }

  private putAway(units: number, scale: number): void {
    this.running[scale] = 0;
    this.put = add(this.put, { coefficient: BigInt(units), scale });
  }
}
