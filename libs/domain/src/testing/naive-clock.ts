interface Hours {
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly days?: readonly string[];
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(zone, made);
  return made;
}

/** Whether a window holds, by what the platform's formatting shows of an instant, compared as text. */
export function isInWindow({ from, to, zone, days }: Hours, at: number): boolean {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const time = `${parts.get('hour') ?? ''}:${parts.get('minute') ?? ''}`;
  const day = (parts.get('weekday') ?? '').toLowerCase();
  const isInHours = from < to ? from <= time && time < to : time >= from || time < to;
  return isInHours && (days === undefined || days.includes(day));
}
