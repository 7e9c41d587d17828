import { Calendar, QUARTER_MS } from './calendar';

const quarterAt = (instant: string): number => Date.parse(instant) / QUARTER_MS;
const instantOf = (quarter: number): string => new Date(quarter * QUARTER_MS).toISOString();

describe('the days of a zone', () => {
  it.each([
    ['UTC', '2026-11-02T00:00Z', '2026-11-02', '2026-11-02T00:00:00.000Z', '2026-11-03T00:00:00.000Z'],
    ['UTC', '2026-11-02T23:45Z', '2026-11-02', '2026-11-02T00:00:00.000Z', '2026-11-03T00:00:00.000Z'],
    ['Asia/Kathmandu', '2026-11-02T18:00Z', '2026-11-02', '2026-11-01T18:15:00.000Z', '2026-11-02T18:15:00.000Z'],
    ['Asia/Kathmandu', '2026-11-02T18:15Z', '2026-11-03', '2026-11-02T18:15:00.000Z', '2026-11-03T18:15:00.000Z'],
    // 25 hours, from its first quarter and from its last.
    ['America/New_York', '2026-11-01T04:00Z', '2026-11-01', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z'],
    ['America/New_York', '2026-11-02T04:45Z', '2026-11-01', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z'],
    // 23 hours.
    ['Europe/Berlin', '2026-03-29T12:00Z', '2026-03-29', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    // Clocks that go back by half an hour.
    ['Australia/Lord_Howe', '2026-04-05T12:00Z', '2026-04-05', '2026-04-04T13:00:00.000Z', '2026-04-05T13:30:00.000Z'],
    // A day that the calendar there left out stands between the two.
    ['Pacific/Apia', '2011-12-30T09:45Z', '2011-12-29', '2011-12-29T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
    ['Pacific/Apia', '2011-12-30T10:00Z', '2011-12-31', '2011-12-30T10:00:00.000Z', '2011-12-31T10:00:00.000Z'],
  ])('in %s at %s it is %s, from %s to %s', (zone, at, day, from, to) => {
    const calendar = new Calendar(zone);
    const quarter = quarterAt(at);
    expect([calendar.day(quarter), calendar.value('month', quarter)]).toEqual([day, day.slice(0, 7)]);
    expect([calendar.startOfDay(quarter), calendar.nextDay(quarter)].map(instantOf)).toEqual([from, to]);
  });
});
