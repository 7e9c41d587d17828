import { decimal, fromInteger, type Decimal } from '../amount/decimal';
import type { Units } from '../usage/usage';

/**
 * A unit as usage reported it; undefined where it did not. Names come from outside, and what an object inherits (`toString`,
 * `constructor`) is nothing that was reported: it is neither a number nor a text.
 */
export function reportedUnit(units: Units, name: string): number | string | undefined {
  const reported: unknown = units[name];
  return typeof reported === 'number' || typeof reported === 'string' ? reported : undefined;
}

/** A reported unit as an exact number. Throws on what a checked usage event cannot hold. */
export function quantityOf(unit: number | string): Decimal {
  return typeof unit === 'number' && Number.isInteger(unit) ? fromInteger(unit) : decimal(String(unit));
}

/** A reported count of whole things, 0 where there is none. Throws on what a checked usage event cannot hold. */
export function countOf(unit: number | string | undefined): number {
  if (unit === undefined) return 0;
  if (typeof unit !== 'number' || !Number.isSafeInteger(unit)) throw new Error(`not a whole number: ${unit}`);
  return unit;
}
