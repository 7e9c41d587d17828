const SECONDS_PER_DAY = 86_400;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Hours that a clock remembers the offset of: more than a year. */
const MAX_REMEMBERED_HOURS = 10_000;
/** Longest name of a zone, in characters; the longest there is has 32. */
const MAX_ZONE_LENGTH = 64;

/** Whether the name is a time zone that the platform knows. Bare offsets are none: they know no daylight saving. */
export function isZone(name: string): boolean {
  if (name.length > MAX_ZONE_LENGTH || !/^[A-Za-z]/.test(name)) return false;
  try {
    Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Of the local calendar, from 0 for Sunday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** As the platform's formatting abbreviates them. */
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
/** 1970-01-01 was a Thursday. */
const WEEKDAY_OF_1970 = 4;

/**
 * Minutes after midnight, the weekday and the day, on the wall clocks of one zone. Formatting an instant costs microseconds, so the offset is
 * remembered for every hour that begins and ends with the same one.
 */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsetOfHour = new Map<number, number | null>();

  /** Throws where the zone is unknown. */
  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  minuteOfDay(atMs: number): number {
    return Math.floor(positiveRemainder(this.#localSeconds(atMs), SECONDS_PER_DAY) / 60);
  }

  weekday(atMs: number): Weekday {
    const days = Math.floor(this.#localSeconds(atMs) / SECONDS_PER_DAY);
    return positiveRemainder(days + WEEKDAY_OF_1970, 7) as Weekday;
  }

  /** The day of the local calendar, counted from 1970-01-01. */
  day(atMs: number): number {
    return Math.floor(this.#localSeconds(atMs) / SECONDS_PER_DAY);
  }

  /** What the wall clocks show, in milliseconds since 1970 as they count them. */
  localMs(atMs: number): number {
    const whole = Math.floor(atMs / 1000);
    return this.#localSeconds(atMs) * 1000 + (atMs - whole * 1000);
  }

  /**
   * The instant at which the wall clocks show something, in milliseconds since 1970. What they show twice is the first time; what
   * they leave out counts as if they had not yet been put forward.
   */
  instantOf(localMs: number): number {
    const [before, after] = [localMs - DAY_MS, localMs + DAY_MS].map((near) => this.localMs(near) - near);
    const first = localMs - Math.max(before ?? 0, after ?? 0);
    const second = localMs - Math.min(before ?? 0, after ?? 0);
    if (this.localMs(first) === localMs) return first;
    return this.localMs(second) === localMs ? second : localMs - (before ?? 0);
  }

  /** Seconds since 1970 as the wall clocks count them. */
  #localSeconds(atMs: number): number {
    const hour = Math.floor(atMs / HOUR_MS);
    const offset = this.#rememberedOffset(hour) ?? this.#offsetSeconds(Math.floor(atMs / MINUTE_MS) * 60);
    return Math.floor(atMs / 1000) + offset;
  }

  /** The offset of a whole hour since 1970, null where it changes within. */
  #rememberedOffset(hour: number): number | null {
    const known = this.#offsetOfHour.get(hour);
    if (known !== undefined) return known;
    const start = this.#offsetSeconds(hour * 3600);
    const offset = start === this.#offsetSeconds(hour * 3600 + 3599) ? start : null;
    if (this.#offsetOfHour.size >= MAX_REMEMBERED_HOURS) this.#offsetOfHour.clear();
    this.#offsetOfHour.set(hour, offset);
    return offset;
  }

  /** What the wall clocks are ahead of UTC, in seconds. */
  #offsetSeconds(atSeconds: number): number {
    const shown = this.#format.format(atSeconds * 1000);
    const [hours = 0, minutes = 0, seconds = 0] = (/\d\d:\d\d:\d\d/.exec(shown)?.[0] ?? '').split(':').map(Number);
    const ofDay = hours * 3600 + minutes * 60 + seconds - positiveRemainder(atSeconds, SECONDS_PER_DAY);
    const utcDay = Math.floor(atSeconds / SECONDS_PER_DAY) + WEEKDAY_OF_1970;
    // It is the same day, the next, or the one before.
    const ahead = positiveRemainder(weekdays.indexOf(shown.slice(0, 3)) - utcDay, 7);
    return ofDay + (ahead === 6 ? -1 : ahead) * SECONDS_PER_DAY;
  }
}

function positiveRemainder(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
