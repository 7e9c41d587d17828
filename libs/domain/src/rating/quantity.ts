import { decimal, fromInteger, type Decimal } from '../amount/decimal';

/** A reported unit as an exact number. Throws on what a checked usage event cannot hold. */
export function quantityOf(unit: number | string): Decimal {
  return typeof unit === 'number' ? fromInteger(unit) : decimal(unit);
}

/** A reported count of whole things, 0 where there is none. Throws on what a checked usage event cannot hold. */
export function countOf(unit: number | string | undefined): number {
  if (unit === undefined) return 0;
  if (typeof unit !== 'number' || !Number.isSafeInteger(unit)) throw new Error(`not a whole number: ${unit}`);
  return unit;
}
