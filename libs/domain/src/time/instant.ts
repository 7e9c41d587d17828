const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Longest spelling that is read: nine fraction digits and an offset are 35 characters. */
const LONGEST_INSTANT = 40;
const EARLIEST_MS = -62_167_219_200_000;
/** The last instant that can be written, in milliseconds since 1970: the end of the year 9999. */
export const LATEST_MS = 253_402_300_799_999;

/** The number that `count` digits from `at` on spell, or NaN where one of them is no digit. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const daysOfMonth = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;

/** Days from 1970-01-01 to a date of the Gregorian calendar; years are counted from March, so that the leap day comes last. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((marchMonth * 153 + 2) / 5) + day - 719_469;
}

/** Milliseconds of the zone's offset that starts at `at` and ends the text, or NaN. */
function offsetMs(text: string, at: number): number {
  const sign = text[at];
  if (sign === 'Z' || sign === 'z') return text.length === at + 1 ? 0 : Number.NaN;
  if ((sign !== '+' && sign !== '-') || text.length !== at + 6 || text[at + 3] !== ':') return Number.NaN;
  const hours = digits(text, at + 1, 2);
  const minutes = digits(text, at + 4, 2);
  if (!(hours <= 23 && minutes <= 59)) return Number.NaN;
  return (hours * HOUR_MS + minutes * MINUTE_MS) * (sign === '-' ? -1 : 1);
}

/** Milliseconds from 1970 to the start of the date that begins the text, or NaN. */
function dateMs(text: string): number {
  if (text[4] !== '-' || text[7] !== '-') return Number.NaN;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)];
  const exists = year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month);
  return exists ? daysSince1970(year, month, day) * DAY_MS : Number.NaN;
}

/** Milliseconds after midnight of the whole seconds that stand behind the date, or NaN. */
function timeMs(text: string): number {
  if (text[13] !== ':' || text[16] !== ':') return Number.NaN;
  const [hour, minute, second] = [digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)];
  return hour <= 23 && minute <= 59 && second <= 59 ? hour * HOUR_MS + minute * MINUTE_MS + second * 1000 : Number.NaN;
}

/** How many digits stand from `at` on. */
function countDigits(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
  return end - at;
}

/**
 * Milliseconds since 1970 of an RFC 3339 date-time with a zone, NaN for any other text. Finer fractions are cut off; a
 * leap second (`:60`) is refused, since none is announced and no instant of its own would remain of it.
 */
export function instantMs(text: string): number {
  if (text.length < 20 || text.length > LONGEST_INSTANT) return Number.NaN;
  const separator = text[10];
  if (separator !== 'T' && separator !== 't') return Number.NaN;
  const hasFraction = text[19] === '.';
  const fractionDigits = hasFraction ? countDigits(text, 20) : 0;
  if (hasFraction && fractionDigits === 0) return Number.NaN;
  const kept = Math.min(fractionDigits, 3);
  const fractionMs = digits(text, 20, kept) * 10 ** (3 - kept);
  const zoneAt = hasFraction ? 20 + fractionDigits : 19;
  const atMs = dateMs(text) + timeMs(text) + fractionMs - offsetMs(text, zoneAt);
  return atMs >= EARLIEST_MS && atMs <= LATEST_MS ? atMs : Number.NaN;
}

/** The day that was written last: most instants of one run lie in few days, and asking the calendar for each is slow. */
let lastDay = Number.NaN;
let lastDayText = '';
/** The instant that was written last: what is decided in one go bears the same. */
let lastMs = Number.NaN;
let lastText = '';

const twoDigits = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** An instant as it is stored and shown: RFC 3339, UTC, milliseconds. Throws a `RangeError` on what is no instant. */
export function formatInstant(atMs: number): string {
  if (atMs === lastMs) return lastText;
  lastText = instantText(atMs);
  lastMs = atMs;
  return lastText;
}

function instantText(atMs: number): string {
  if (!(atMs >= EARLIEST_MS && atMs <= LATEST_MS)) return new Date(atMs).toISOString();
  const whole = Math.trunc(atMs);
  const day = Math.floor(whole / DAY_MS);
  if (day !== lastDay) {
    lastDayText = new Date(whole).toISOString().slice(0, 11);
    lastDay = day;
  }
  const ms = whole - day * DAY_MS;
  const seconds = Math.floor(ms / 1000);
  const [hour, minute, second] = [Math.floor(ms / HOUR_MS), Math.floor(ms / MINUTE_MS) % 60, seconds % 60];
  const thousandths = String(1000 + (ms - seconds * 1000)).slice(1);
  return `${lastDayText}${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(second)}.${thousandths}Z`;
}

/** Milliseconds since 1970 of an instant that stands in an event; throws on any other text, since stored text is always one. */
export function storedInstant(text: string): number {
  const at = instantMs(text);
  if (Number.isNaN(at)) throw new Error(`not an instant: ${text}`);
  return at;
}
