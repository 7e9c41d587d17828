import { ZoneClock } from './zone-clock';

const DAY_MS = 86_400_000;
/** Every zone's midnight lies on a quarter of an hour. */
const QUARTER_MS = 900_000;
/** No clock differs from that of UTC by as much. */
const MAX_OFFSET_MS = 16 * 3_600_000;

const monthPattern = /^((?:19|20|21)\d\d)-(0[1-9]|1[0-2])$/;

/** A month as the clocks of a zone count it, in milliseconds since 1970. */
export interface ZoneMonth {
  readonly from: number;
  /** The first instant of the next month. */
  readonly to: number;
}

/** Whether a text is a month: `2026-10`, of the years 1900 to 2199. */
export function isMonth(text: string): boolean {
  return monthPattern.test(text);
}

/** The instants of a month on the clocks of a zone. Throws where the text is no month, or the zone unknown. */
export function monthIn(text: string, zone: string): ZoneMonth {
  const [, year, month] = monthPattern.exec(text) ?? [];
  if (year === undefined || month === undefined) throw new Error(`not a month: ${text}`);
  const clock = new ZoneClock(zone);
  const [first, next] = [Number(month) - 1, Number(month)].map((index) => Date.UTC(Number(year), index, 1) / DAY_MS);
  return { from: beginningOf(first ?? 0, clock), to: beginningOf(next ?? 0, clock) };
}

/** The first quarter of an hour of a local day, counted from 1970-01-01. Where the clocks leave midnight out, the day begins later. */
function beginningOf(day: number, clock: ZoneClock): number {
  let [before, at] = [(day * DAY_MS - MAX_OFFSET_MS) / QUARTER_MS, (day * DAY_MS + MAX_OFFSET_MS) / QUARTER_MS];
  while (at - before > 1) {
    const middle = Math.floor((before + at) / 2);
    if (clock.day(middle * QUARTER_MS) < day) before = middle;
    else at = middle;
  }
  return at * QUARTER_MS;
}
