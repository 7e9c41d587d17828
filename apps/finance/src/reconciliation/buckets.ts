import { formatInstant, instantMs } from '@meterbook/domain/time/instant';
import { ZoneClock } from '@meterbook/domain/time/zone-clock';
import type { Granularity } from './question';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** A time without a zone: seconds and their fraction may be left out, and the time of day where days or months are compared. */
const local = /^(\d{4}-\d\d(?:-\d\d)?)(?:[Tt ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?)?$/;

/** When something of a bill was. */
export interface BillTime {
  /** Milliseconds since 1970; of a bare date when it begins. */
  readonly atMs: number;
  /** What it is compared under. */
  readonly bucket: string;
}

/** Which bucket of time an instant falls into, and what a bill's times mean. */
export class Buckets {
  private readonly clock: ZoneClock;

  constructor(
    private readonly granularity: Granularity,
    zone: string,
  ) {
    this.clock = new ZoneClock(zone);
  }

  /** The bucket of an instant: the local day or month, or the instant at which the local hour begins; empty where requests are compared. */
  of(atMs: number): string {
    if (this.granularity === 'request') return '';
    const localMs = this.clock.localMs(atMs);
    if (this.granularity === 'hour') return formatInstant(atMs - (((localMs % HOUR_MS) + HOUR_MS) % HOUR_MS));
    const day = dayText(localMs);
    return this.granularity === 'day' ? day : day.slice(0, -'-02'.length);
  }

  /** What a time of a bill means: RFC 3339, or local to the zone; undefined for any other text. */
  read(text: string): BillTime | undefined {
    const spelled = text.trim();
    const atMs = instantMs(spelled.charAt(10) === ' ' ? `${spelled.slice(0, 10)}T${spelled.slice(11)}` : spelled);
    if (!Number.isNaN(atMs)) return { atMs, bucket: this.of(atMs) };
    return this.readLocal(spelled);
  }

  private readLocal(text: string): BillTime | undefined {
    const [, date, minute, second = ':00'] = local.exec(text) ?? [];
    if (date === undefined || (minute === undefined ? !this.takesDates(date) : date.length < 'yyyy-mm-dd'.length))
      return undefined;
    const whole = date.length < 'yyyy-mm-dd'.length ? `${date}-01` : date;
    const localMs = instantMs(`${whole}T${minute ?? '00:00'}${second}Z`);
    if (Number.isNaN(localMs)) return undefined;
    const atMs = this.clock.instantOf(localMs);
    // A day that has no midnight is still the day that it says.
    return { atMs, bucket: minute === undefined ? this.dated(whole) : this.of(atMs) };
  }

  /** A bare date says which day, and a bare month which month: no more and no less. */
  private takesDates(date: string): boolean {
    if (this.granularity === 'month') return true;
    return this.granularity === 'day' && date.length === 'yyyy-mm-dd'.length;
  }

  private dated(date: string): string {
    return this.granularity === 'day' ? date : date.slice(0, -'-02'.length);
  }
}

function dayText(localMs: number): string {
  return new Date(Math.floor(localMs / DAY_MS) * DAY_MS).toISOString().slice(0, 'yyyy-mm-dd'.length);
}
