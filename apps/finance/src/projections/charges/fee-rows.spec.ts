import type { AccountEvent } from '@meterbook/domain/account/events';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import { FeeRows, feeSchema } from './fee-rows';

const HOUR_MS = 3_600_000;
const start = Date.parse('2026-11-02T00:00:00.000Z');
const textAt = (hour: number): string => new Date(start + hour * HOUR_MS).toISOString();

describe('the fees of an account', () => {
  let database: Database;
  let fees: FeeRows;
  beforeEach(() => {
    database = openDatabase(':memory:');
    database.exec(feeSchema);
    fees = new FeeRows(database);
  });
  afterEach(() => {
    database.close();
  });

  /** A period is paid for at an hour, and lasts from one to another. */
  const pay = (type: AccountEvent['type'], number: number, at: number, from: number, to: number, more = {}): void => {
    const period = { number, plan: 'basic', price: '10', from: textAt(from), to: textAt(to), scale: 6 };
    const event = { type, occurredAt: textAt(at), period, ...more } as unknown as AccountEvent;
    const where = { platform: 'shop', account: 'a', revision: number + 1, bookedAt: start + at * HOUR_MS };
    fees.take({ ...where, event, stream: 'account-shop/a', position: String(number) });
  };
  const switchAt = (number: number, at: number, credit: string, renewals = '0'): void => {
    pay('PlanSwitched', number, at, at, at + 24, { credit, proration: { renewals } });
  };
  /** Of each fee by number the hour of its switch, and what that credited. */
  const ended = (): unknown[] =>
    database
      .prepare<[], { number: number; switched: number | null; credited: string | null }>(
        'SELECT number, switched, credited FROM fees ORDER BY number',
      )
      .all()
      .map(({ number, switched, credited }) => [number, switched && (switched - start) / HOUR_MS, credited]);

  it('end at a switch: the one that runs with what is credited of it, those that wait with all of theirs', () => {
    pay('SubscriptionStarted', 0, 0, 0, 24);
    pay('SubscriptionRenewed', 1, 1, 24, 48);
    switchAt(2, 6, '14', '10');
    expect(ended()).toEqual([
      [0, 6, '4'],
      [1, 6, '10'],
      [2, null, null],
    ]);
  });

  it('are over at their end: a switch then ends only the one that begins', () => {
    pay('SubscriptionStarted', 0, 0, 0, 24);
    pay('SubscriptionRenewed', 1, 1, 24, 48);
    switchAt(2, 24, '3');
    expect(ended()).toEqual([
      [0, null, null],
      [1, 24, '3'],
      [2, null, null],
    ]);
  });

  it('wait until the very instant at which they begin', () => {
    pay('SubscriptionStarted', 0, 0, 0, 24);
    pay('SubscriptionRenewed', 1, 1, 24, 48);
    pay('PlanSwitched', 2, 24 - 1 / HOUR_MS, 24, 48, { credit: '11', proration: { renewals: '10' } });
    expect(ended().slice(0, 2)).toEqual([
      [0, 24 - 1 / HOUR_MS, '1'],
      [1, 24 - 1 / HOUR_MS, '10'],
    ]);
  });

  it('end once: the next switch ends the plan of the one before', () => {
    pay('SubscriptionStarted', 0, 0, 0, 24);
    switchAt(1, 6, '4');
    switchAt(2, 12, '5');
    expect(ended()).toEqual([
      [0, 6, '4'],
      [1, 12, '5'],
      [2, null, null],
    ]);
  });
});
