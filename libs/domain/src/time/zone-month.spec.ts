import { formatInstant } from './instant';
import { isMonth, monthIn } from './zone-month';

describe('a month of a zone', () => {
  it.each([
    ['2026-10', 'UTC', '2026-10-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z'],
    ['2026-12', 'UTC', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['2024-02', 'Asia/Shanghai', '2024-01-31T16:00:00.000Z', '2024-02-29T16:00:00.000Z'],
    ['2026-03', 'America/New_York', '2026-03-01T05:00:00.000Z', '2026-04-01T04:00:00.000Z'],
    ['2026-10', 'Asia/Kathmandu', '2026-09-30T18:15:00.000Z', '2026-10-31T18:15:00.000Z'],
    ['2026-10', 'Pacific/Kiritimati', '2026-09-30T10:00:00.000Z', '2026-10-31T10:00:00.000Z'],
    ['2026-10', 'Etc/GMT+12', '2026-10-01T12:00:00.000Z', '2026-11-01T12:00:00.000Z'],
    // The clocks went from 23:59:59 on 30 September to 01:00 on 1 October 2017.
    ['2017-10', 'America/Asuncion', '2017-10-01T04:00:00.000Z', '2017-11-01T03:00:00.000Z'],
  ])('%s in %s is from %s to %s', (month, zone, from, to) => {
    const { from: start, to: end } = monthIn(month, zone);
    expect([formatInstant(start), formatInstant(end)]).toEqual([from, to]);
  });

  it.each(['2026-13', '2026-00', '2026-1', '26-10', '2026-10-01', '', '9999-12', '0000-01'])('%s is none', (text) => {
    expect(isMonth(text)).toBe(false);
    expect(() => monthIn(text, 'UTC')).toThrow('not a month');
  });
});
