import { ZoneClock } from '@meterbook/domain/time/zone-clock';

export const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
/** Quarters of an hour whose days are remembered: more than a year. */
const MAX_REMEMBERED = 40_000;

/** Days and months of a zone. Every zone's midnight lies on a quarter of an hour, so a whole quarter is of one day. */
export class Calendar {
  private readonly clock: ZoneClock;
  private readonly dayOfQuarter = new Map<number, string>();

  constructor(zone: string) {
    this.clock = new ZoneClock(zone);
  }

  /** The day that a quarter of an hour lies in, quarters counted from 1970: `2026-11-02`. */
  day(quarter: number): string {
    const known = this.dayOfQuarter.get(quarter);
    if (known !== undefined) return known;
    if (this.dayOfQuarter.size >= MAX_REMEMBERED) this.dayOfQuarter.clear();
    const day = dayText(this.clock.day(quarter * QUARTER_MS));
    this.dayOfQuarter.set(quarter, day);
    return day;
  }

  /** The value of the dimension `day` or `month` of a quarter. */
  value(dimension: 'day' | 'month', quarter: number): string {
    const day = this.day(quarter);
    return dimension === 'day' ? day : day.slice(0, -'-02'.length);
  }

  /** The first quarter of the day that a quarter lies in. */
  startOfDay(quarter: number): number {
    const day = this.clock.day(quarter * QUARTER_MS);
    return firstWhere(quarter - LONGEST_DAY_QUARTERS, quarter, (at) => this.clock.day(at * QUARTER_MS) >= day);
  }

  /** The first quarter of the day after it. */
  nextDay(quarter: number): number {
    const day = this.clock.day(quarter * QUARTER_MS);
    return firstWhere(quarter, quarter + LONGEST_DAY_QUARTERS, (at) => this.clock.day(at * QUARTER_MS) > day);
  }
}

/** The first whole number for which something holds that does not hold at `none`, does at `some`, and once it does goes on to. */
function firstWhere(none: number, some: number, holds: (at: number) => boolean): number {
  let [low, high] = [none, some];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** 26 hours. */
const LONGEST_DAY_QUARTERS = 104;

function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, '2026-11-02'.length);
}
