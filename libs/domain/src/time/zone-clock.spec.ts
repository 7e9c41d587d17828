import fc from 'fast-check';
import { isZone, ZoneClock } from './zone-clock';

const at = (text: string) => Date.parse(text);
const clockText = (minutes: number) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;

describe('the clock of a zone', () => {
  it.each([
    ['UTC', '2026-10-01T00:00:00Z', '0:00'],
    ['UTC', '2026-10-01T23:59:59.999Z', '23:59'],
    ['Asia/Shanghai', '2026-10-01T16:30:00Z', '0:30'],
    ['Asia/Kolkata', '2026-10-01T00:00:00Z', '5:30'],
    ['Asia/Kathmandu', '2026-10-01T00:00:00Z', '5:45'],
    ['America/New_York', '2026-03-08T06:59:59.999Z', '1:59'],
    ['America/New_York', '2026-03-08T07:00:00Z', '3:00'],
    ['America/New_York', '2026-11-01T05:30:00Z', '1:30'],
    ['America/New_York', '2026-11-01T06:30:00Z', '1:30'],
    ['Australia/Lord_Howe', '2026-04-04T14:59:00Z', '1:59'],
    ['Australia/Lord_Howe', '2026-04-04T15:00:00Z', '1:30'],
    ['America/St_Johns', '2010-03-14T03:30:59Z', '0:00'],
    ['America/St_Johns', '2010-03-14T03:31:00Z', '1:01'],
    ['Europe/Berlin', '1969-12-31T23:30:00Z', '0:30'],
  ])('in %s at %s shows %s', (zone, instant, expected) => {
    expect(clockText(new ZoneClock(zone).minuteOfDay(at(instant)))).toBe(expected);
  });

  it('shows what the platform’s own formatting shows, in any order of asking', () => {
    const zones = ['America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'America/St_Johns', 'Asia/Kathmandu'];
    const clocks = new Map(zones.map((zone) => [zone, new ZoneClock(zone)]));
    const instants = fc.oneof(
      fc.integer({ min: at('1975-01-01T00:00:00Z'), max: at('2037-12-31T00:00:00Z') }),
      fc.integer({ min: at('2026-03-08T06:00:00Z'), max: at('2026-03-08T08:00:00Z') }),
      fc.integer({ min: at('2010-03-14T03:00:00Z'), max: at('2010-03-14T04:00:00Z') }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, (zone, instant) => {
        const parts = new Intl.DateTimeFormat('en-US', {
          timeZone: zone,
          hourCycle: 'h23',
          hour: 'numeric',
          minute: 'numeric',
        }).formatToParts(instant);
        const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
        expect(clocks.get(zone)?.minuteOfDay(instant)).toBe(part('hour') * 60 + part('minute'));
      }),
      { numRuns: 500 },
    );
  });

  it('counts the days of the local calendar', () => {
    const day = (zone: string, text: string): number => new ZoneClock(zone).day(at(text));
    expect(day('UTC', '1970-01-01T23:59:59Z')).toBe(0);
    expect(day('Asia/Shanghai', '1970-01-01T16:00:00Z')).toBe(1);
    expect(day('America/New_York', '1970-01-01T04:59:59Z')).toBe(-1);
    expect(day('Pacific/Apia', '2011-12-30T10:00:00Z') - day('Pacific/Apia', '2011-12-30T09:59:59Z')).toBe(2);
  });

  it('forgets rather than grows, and stays right', () => {
    const clock = new ZoneClock('Asia/Shanghai');
    for (let hour = 0; hour < 10_050; hour++) clock.minuteOfDay(hour * 3_600_000);
    expect(clockText(clock.minuteOfDay(at('2026-10-01T16:30:00Z')))).toBe('0:30');
  });
});

describe('the name of a zone', () => {
  it.each(['UTC', 'Asia/Shanghai', 'America/Argentina/Buenos_Aires'])('%s is one', (name) => {
    expect(isZone(name)).toBe(true);
  });

  it.each(['', '+08:00', '-05', 'Mars/Olympus', 'Asia/Shanghai ', '__proto__', 'x'.repeat(1_000_000)])(
    '%.20s is none',
    (name) => {
      expect(isZone(name)).toBe(false);
    },
  );
});
