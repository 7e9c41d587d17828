import fc from 'fast-check';
import { formatInstant, instantMs } from './instant';

describe('an instant', () => {
  it.each([
    ['2026-11-21T10:00:00Z', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21t10:00:00z', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T10:00:00.5Z', '2026-11-21T10:00:00.500Z'],
    ['2026-11-21T10:00:00.123456789Z', '2026-11-21T10:00:00.123Z'],
    ['2026-11-21T18:00:00+08:00', '2026-11-21T10:00:00.000Z'],
    ['2026-11-20T22:30:00.001-11:30', '2026-11-21T10:00:00.001Z'],
    ['2026-11-21T10:00:00-00:00', '2026-11-21T10:00:00.000Z'],
    ['2024-02-29T23:59:59+23:59', '2024-02-29T00:00:59.000Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(formatInstant(instantMs(text))).toBe(expected);
  });

  it.each([
    '',
    '2026-11-21',
    '2026-11-21T10:00:00',
    '2026-11-21T10:00Z',
    '2026-11-21 10:00:00Z',
    '2026-11-21T10:00:00.Z',
    '2026-11-21T10:00:00,5Z',
    '2026-11-21T10:00:00Zx',
    '2026-11-21T10:00:00+0800',
    '2026-11-21T10:00:00+24:00',
    '2026-11-21T10:00:00+08:60',
    '2026-11-21T10:00:00+08:0x',
    '2026-11-21T24:00:00Z',
    '2026-11-21T10:60:00Z',
    '2026-11-21T23:59:60Z',
    '2026-02-29T10:00:00Z',
    '2100-02-29T10:00:00Z',
    '2026-04-31T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-00-01T10:00:00Z',
    '2026-01-00T10:00:00Z',
    '-026-11-21T10:00:00Z',
    '2026-11-2١T10:00:00Z',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '2026-11-21T10:00:00.0000000000000000000000Z',
  ])('%s is refused', (text) => {
    expect(instantMs(text)).toBeNaN();
  });

  it('comes back from its own spelling at every millisecond of the calendar', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (atMs) => {
        expect(instantMs(formatInstant(atMs))).toBe(atMs);
        expect(formatInstant(atMs)).toBe(new Date(atMs).toISOString());
      }),
      { numRuns: 2000 },
    );
  });

  it('is written as the language writes it also where it is no whole millisecond or lies outside the calendar', () => {
    for (const atMs of [0.9, -0.9, 1.5e12 + 0.25, -33_799_836_748_552.082, -62_167_219_200_001, 253_402_300_800_000])
      expect(formatInstant(atMs)).toBe(new Date(atMs).toISOString());
    expect(() => formatInstant(Number.NaN)).toThrow(RangeError);
  });
});
