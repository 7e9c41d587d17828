import { toText } from '../amount/decimal';
import type { Window } from '../rulebook/price';
import { weekdayNames } from '../rulebook/read-window';
import { ZoneClock } from '../time/zone-clock';
import type { Term } from './term';

export interface WindowTerm extends Term {
  readonly window: Window;
  readonly clock: ZoneClock;
}

const none: readonly WindowTerm[] = [];

/** The windows of a price, each with the clock of its zone; clocks are shared by zone. */
export function windowTerms(windows: readonly Window[], clocks: Map<string, ZoneClock>): readonly WindowTerm[] {
  return windows.length === 0 ? none : windows.map((window) => windowTerm(window, clocks));
}

function windowTerm(window: Window, clocks: Map<string, ZoneClock>): WindowTerm {
  const clock = clocks.get(window.zone) ?? new ZoneClock(window.zone);
  clocks.set(window.zone, clock);
  const hours = `${timeText(window.from)}-${timeText(window.to)} ${window.zone}`;
  const days = window.days === null ? '' : ` ${window.days.map((day) => weekdayNames[day]).join(',')}`;
  const factor = ['window', toText(window.multiplier), `${hours}${days}`] as const;
  return { window, clock, value: window.multiplier, factor };
}

/** The first window that holds at an instant. */
export function windowAt(windows: readonly WindowTerm[], atMs: number): WindowTerm | undefined {
  return windows.find(
    ({ window, clock }) =>
      includes(window, clock.minuteOfDay(atMs)) && (window.days === null || window.days.includes(clock.weekday(atMs))),
  );
}

/**
 * A window that ends no later than it starts goes on after midnight; so one from a time to itself is the whole day. The day
 * it has to be is that of the instant, also where the window began the day before.
 */
function includes({ from, to }: Window, minute: number): boolean {
  return from < to ? from <= minute && minute < to : minute >= from || minute < to;
}

function timeText(minutes: number): string {
  const digits = (value: number) => String(value).padStart(2, '0');
  return `${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}`;
}
