import type { Decimal } from '../../amount/decimal';
import { add, isZero, zero } from '../../amount/decimal';
import type { Period } from './subscription';

const DAY_MS = 86_400_000;
const DAYS_PER_WEEK = 7;
/** 1970-01-01 was a Thursday, the fourth day of its ISO week. */
const DAYS_BEFORE_1970 = 3;

/** The UTC day that an instant (milliseconds since 1970) lies in, in days since 1970. */
export function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS);
}

/** The Monday of the ISO week that a day lies in, both in days since 1970. */
export function mondayOf(day: number): number {
  return Math.floor((day + DAYS_BEFORE_1970) / DAYS_PER_WEEK) * DAYS_PER_WEEK - DAYS_BEFORE_1970;
}

/** Credits that a subscription drew on a UTC day. */
export function drawnOnDay({ drawnByDay }: Pick<Period, 'drawnByDay'>, day: number): Decimal {
  return drawnByDay.get(day) ?? zero;
}

/** Credits that a subscription drew in the ISO week of a UTC day. */
export function drawnInWeek(period: Pick<Period, 'drawnByDay'>, day: number): Decimal {
  const monday = mondayOf(day);
  let sum = zero;
  for (let each = monday; each < monday + DAYS_PER_WEEK; each++) sum = add(sum, drawnOnDay(period, each));
  return sum;
}

/** Counts credits of a UTC day; less than zero are given back. */
export function countDrawn({ drawnByDay }: Pick<Period, 'drawnByDay'>, day: number, credits: Decimal): void {
  const sum = add(drawnByDay.get(day) ?? zero, credits);
  if (isZero(sum)) drawnByDay.delete(day);
  else drawnByDay.set(day, sum);
}
