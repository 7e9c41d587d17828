/** One for each zone: to make one takes longer than all that is asked of it. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** The day that the calendar of a zone shows at an instant (milliseconds since 1970): `2026-11-02`. */
export function dayIn(at: number, zone: string): string {
  return clockIn(at, zone).slice(0, '2026-11-02'.length);
}

/** How far the clocks of a zone are ahead of those of UTC at an instant, milliseconds. */
export function aheadIn(at: number, zone: string): number {
  const second = at - (at % 1000);
  return Date.parse(`${clockIn(second, zone).replace(' ', 'T')}Z`) - second;
}

function clockIn(at: number, zone: string): string {
  const known = formats.get(zone);
  const format = known ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  formats.set(zone, format);
  return format.format(at);
}
