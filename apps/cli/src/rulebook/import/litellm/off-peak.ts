import { compare, isZero, multiply, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { exactNumber, quotient, written } from '../exact-number';
import type { Changes } from '../findings';
import type { ImportedPrice, ImportedWindow } from '../imported-model';
import { itemsOf, membersOf, textOf } from '../json-value';
import { priceKey } from './price-key';

const MINUTES_OF_HOUR = 60;
const MINUTES_OF_DAY = 24 * MINUTES_OF_HOUR;
const span = /^\s*([01]?[0-9]|2[0-3]):([0-5][0-9])\s*-\s*([01]?[0-9]|2[0-3]):([0-5][0-9])\s*$/;
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const million: Decimal = { coefficient: 1_000_000n, scale: 0 };

/** The hours of some zone's days that stand for hours of UTC. */
interface Hours {
  readonly zone: string;
  /** What is added to a time of UTC, minutes. */
  readonly shift: number;
}

/**
 * Cheap hours, as windows. A window multiplies every price alike, and a list tells prices one by one: where they are not all the same
 * part of the others, or the price has rows, they cannot be said, and the model costs what it costs at other times.
 */
export function offPeakWindows(
  entry: ReadonlyMap<string, unknown>,
  price: Omit<ImportedPrice, 'windows'>,
  changes: Changes,
): readonly ImportedWindow[] {
  const told = membersOf(entry.get('off_peak_pricing'));
  if (told === undefined) return [];
  const multiplier = multiplierOf(told, price);
  if (multiplier === null) {
    changes('left_out', 'off_peak_pricing: its prices are not one multiple of the others');
    return [];
  }
  const windows = [
    ...windowsOf(told.get('hours_utc'), null, { zone: 'UTC', shift: 0 }, multiplier),
    ...itemsOf(told.get('windows')).flatMap((item) => {
      const members = membersOf(item);
      const days = members?.get('weekdays') === undefined ? null : daysOf(members.get('weekdays'));
      const hours = days === null ? { zone: 'UTC', shift: 0 } : hoursOf(textOf(told.get('weekday_timezone')) ?? 'UTC');
      return hours === null ? [null] : windowsOf(members?.get('hours_utc'), days, hours, multiplier);
    }),
  ];
  const sound = windows.filter((window) => window !== null);
  if (sound.length < windows.length) changes('left_out', 'off_peak_pricing: hours that cannot be read');
  return sound;
}

/** What every price is multiplied by; null where they are not multiplied alike. */
function multiplierOf(
  told: ReadonlyMap<string, unknown>,
  { mode, base, rows }: Omit<ImportedPrice, 'windows'>,
): Decimal | null {
  if (mode !== 'token' || rows.length > 0) return null;
  const cheap = cheapPrices(told);
  const { input = zero, output = zero, kinds } = base;
  let multiplier: Decimal | null = null;
  for (const [name, value] of [['input', input] as const, ['output', output] as const, ...kinds]) {
    // What cheap hours do not price stays as it is.
    const then = cheap.get(name) ?? value;
    if (isZero(value) && isZero(then)) continue;
    const ratio = isZero(value) ? null : quotient(then, value);
    if (ratio === null || (multiplier !== null && compare(multiplier, ratio) !== 0)) return null;
    multiplier = ratio;
  }
  // A multiple that has to be rounded would be off in every charge.
  return multiplier !== null && written(multiplier, 'the multiple').text === toText(multiplier) ? multiplier : null;
}

function cheapPrices(told: ReadonlyMap<string, unknown>): ReadonlyMap<string, Decimal> {
  const prices = [...told].flatMap(([field, value]) => {
    const target = priceKey(field)?.target;
    const name = target?.kind === 'side' ? target.side : target?.kind === 'tokens' ? target.name : undefined;
    return name === undefined ? [] : [[name, multiply(exactNumber(value, field), million)] as const];
  });
  return new Map(prices);
}

function windowsOf(
  hours: unknown,
  days: readonly string[] | null,
  { zone, shift }: Hours,
  multiplier: Decimal,
): readonly (ImportedWindow | null)[] {
  const spans = typeof hours === 'string' ? [hours] : itemsOf(hours);
  return spans.map((text) => {
    const [, fromHour, fromMinute, toHour, toMinute] = (typeof text === 'string' ? span.exec(text) : null) ?? [];
    if (fromHour === undefined || days?.length === 0) return null;
    const time = (hour: string | undefined, minute: string | undefined) =>
      clock(Number(hour) * MINUTES_OF_HOUR + Number(minute) + shift);
    return { from: time(fromHour, fromMinute), to: time(toHour, toMinute), zone, multiplier, days };
  });
}

function clock(minutes: number): string {
  const ofDay = ((minutes % MINUTES_OF_DAY) + MINUTES_OF_DAY) % MINUTES_OF_DAY;
  const two = (count: number) => String(count).padStart(2, '0');
  return `${two(Math.floor(ofDay / MINUTES_OF_HOUR))}:${two(ofDay % MINUTES_OF_HOUR)}`;
}

/** Weekdays as names or from 1 for Monday; none where one of them is something else. */
function daysOf(value: unknown): readonly string[] {
  const days = itemsOf(value).map((day) =>
    typeof day === 'number' ? weekdays[day - 1] : weekdays.find((name) => textOf(day)?.toLowerCase().startsWith(name)),
  );
  const found = days.filter((day) => day !== undefined);
  return found.length === days.length ? found : [];
}

/** How a zone that never changes its clocks is ahead of UTC; null for any other, whose hours of UTC are no hours of its own. */
function hoursOf(zone: string): Hours | null {
  try {
    const [winter, summer] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 6, 1)].map((at) => aheadAt(zone, at));
    return winter !== undefined && winter === summer ? { zone, shift: winter } : null;
  } catch {
    return null;
  }
}

function aheadAt(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
  // The first of a month at midnight: a zone behind UTC has the last of the month before.
  const days = part('day') === 1 ? 0 : -1;
  return days * MINUTES_OF_DAY + part('hour') * MINUTES_OF_HOUR + part('minute');
}
