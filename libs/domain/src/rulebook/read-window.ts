import type { Weekday } from '../time/zone-clock';
import type { Window } from './price';
import { checked, list, mapped, object, optional, required, type Reader } from './schema';
import { amount, endOfWindow, oneOf, timeOfDay, zone } from './values';

/** As `Date` counts them. */
export const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

const weekday: Reader<Weekday> = mapped(oneOf(...weekdayNames), (name) => weekdayNames.indexOf(name) as Weekday);

/** A day that stands there twice is taken for a mistake, as an id would be. */
const weekdays = checked(
  list(weekday, 1, weekdayNames.length),
  (days) => (new Set(days).size === days.length ? undefined : 'each day once'),
  { uniqueItems: true },
);

export const window = object<Window>({
  from: required('Local time it begins at, itself part of it.', timeOfDay),
  to: required(
    'Local time it ends at, itself no part of it; before `from` it crosses midnight, the same is the whole day.',
    endOfWindow,
  ),
  zone: required('The IANA time zone of times and days.', zone),
  multiplier: required('What multiplies the price meanwhile; extras are not multiplied.', amount),
  days: optional('Local weekdays on which it holds; every day where it is left out.', weekdays, null),
});
