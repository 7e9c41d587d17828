import fc from 'fast-check';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { formatInstant } from '@meterbook/domain/time/instant';
import { monthIn } from '@meterbook/domain/time/zone-month';
import { lateEventsIn, LateEvents, lateSchema } from './late-events';

const QUARTER_MS = 900_000;
const zones = ['UTC', 'Asia/Shanghai', 'America/New_York', 'Pacific/Kiritimati', 'Etc/GMT+12', 'Asia/Kathmandu'];
const begin = Date.UTC(2026, 7, 30);

/** An instant near the turn of a month, or anywhere. */
const instants = fc.oneof(
  fc.integer({ min: begin, max: begin + 90 * 86_400_000 }),
  fc.integer({ min: -70, max: 70 }).map((quarters) => Date.UTC(2026, 9, 1) + quarters * QUARTER_MS),
);

describe('the note of what came late', () => {
  it('names every event of a month that was booked after it, in any zone, and no more than those that straddle a month', () => {
    const happened = fc
      .tuple(instants, instants)
      .map(([a, b]) => ({ occurred: Math.min(a, b), booked: Math.max(a, b) }));
    fc.assert(
      fc.property(fc.array(happened, { maxLength: 30 }), fc.constantFrom(...zones), (events, zone) => {
        const database = openDatabase('');
        database.exec(lateSchema);
        const notes = new LateEvents(database);
        const booked = [...events].sort((a, b) => a.booked - b.booked);
        booked.forEach(({ occurred, booked: bookedAt }, revision) => {
          const event = { type: 'ReceivableWrittenOff', occurredAt: formatInstant(occurred), wallet: '0' } as never;
          const where = { stream: 'account-shop/a', platform: 'shop', account: 'a', position: String(revision) };
          notes.take({ ...where, revision, bookedAt, event });
        });
        notes.write();
        for (const month of ['2026-08', '2026-09', '2026-10', '2026-11']) {
          const { from, to } = monthIn(month, zone);
          const expected = booked.flatMap(({ occurred, booked: bookedAt }, revision) =>
            occurred >= from && occurred < to && bookedAt >= to ? [revision] : [],
          );
          const told = [...lateEventsIn(database, 'shop', { from, to })].map(({ revision }) => revision);
          expect(told).toEqual(expected);
        }
        database.close();
      }),
      { numRuns: 300 },
    );
  });

  it('names what occurred in the first and in the last instant of a month, and was booked when it was just over', () => {
    const database = openDatabase('');
    database.exec(lateSchema);
    const notes = new LateEvents(database);
    const { from, to } = monthIn('2026-10', 'America/New_York');
    for (const [revision, occurred] of [from - 1, from, to - 1, to].entries()) {
      const event = { type: 'ReceivableWrittenOff', occurredAt: formatInstant(occurred), wallet: '0' } as never;
      const where = { stream: 'account-shop/a', platform: 'shop', account: 'a', position: String(revision) };
      notes.take({ ...where, revision, bookedAt: to + QUARTER_MS * Math.floor(revision / 3), event });
    }
    notes.write();
    expect([...lateEventsIn(database, 'shop', { from, to })].map(({ revision }) => revision)).toEqual([1, 2]);
    database.close();
  });

  it('takes no room for what is booked within its quarter of an hour, or within its month', () => {
    const database = openDatabase('');
    database.exec(lateSchema);
    const notes = new LateEvents(database);
    const take = (occurredAt: string, bookedAt: string): void => {
      const event = { type: 'ReceivableWrittenOff', occurredAt, wallet: '0' } as never;
      const where = { stream: 'account-shop/a', platform: 'shop', account: 'a', position: '0', revision: 0 };
      notes.take({ ...where, bookedAt: Date.parse(bookedAt), event });
    };
    take('2026-10-31T23:50:00.000Z', '2026-10-31T23:59:00.000Z');
    take('2026-10-02T00:00:00.000Z', '2026-10-30T00:00:00.000Z');
    notes.write();
    expect(database.prepare('SELECT count(*) FROM late_events').pluck().get()).toBe(0);
    database.close();
  });
});
