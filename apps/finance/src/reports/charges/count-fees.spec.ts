import { toText } from '@meterbook/domain/amount/decimal';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { feeSchema } from '../../projections/charges/fee-rows';
import { declarationOf } from '../grouped/declared-reports';
import { Groups } from '../grouped/groups';
import { Grouping, type Question } from '../grouped/question';
import { countFees } from './count-fees';

const at = (text: string): number => Date.parse(`2026-${text}:00.000Z`);

const insertInto =
  'INSERT INTO fees (platform, account, number, plan, price, begins, ends, scale, booked, occurred, switched, switch_booked, credited, revision, switch_revision)';

interface FeePaid {
  readonly booked: string;
  /** When it was paid, and when it begins. */
  readonly occurred: string;
  readonly ends: string;
  readonly switched?: { readonly occurred: string; readonly booked: string; readonly credited: string };
}

describe('what is earned of fees', () => {
  let database: Database;
  beforeEach(() => {
    database = openDatabase(':memory:');
    database.exec(feeSchema);
  });
  afterEach(() => {
    database.close();
  });

  /** A fee of 96: one an hour where it is for four days. */
  const pay = ({ booked, occurred, ends, switched }: FeePaid): void => {
    const { occurred: left = null, booked: leftBooked = null, credited = null } = switched ?? {};
    const columns = [
      at(occurred),
      at(ends),
      6,
      at(booked),
      at(occurred),
      left && at(left),
      leftBooked && at(leftBooked),
    ];
    database
      .prepare(`${insertInto} VALUES ('shop', 'a', 0, 'basic', '96', ?, ?, ?, ?, ?, ?, ?, ?, 1, 2)`)
      .run(...columns, credited);
  };

  const earned = async (asked: Partial<Question> & Pick<Question, 'from' | 'end'>): Promise<Record<string, string>> => {
    const derivedAt = asked.derivedAt ?? asked.end ?? at('12-31T00:00');
    const common = {
      report: 'revenue',
      platform: 'shop',
      basis: 'booked',
      zone: 'UTC',
      filters: [],
      page: null,
    } as const;
    const question: Question = { ...common, groupBy: ['day'], ...asked, derivedAt };
    const groups = new Groups(declarationOf('revenue').measures);
    await countFees(database, question, new Grouping(question), groups, new SystemClock());
    const told = [...groups.inOrder()].map(({ values, sums }): [string, string] => [
      values[0] ?? '',
      toText(sums.amountOf(2)),
    ]);
    groups.close();
    return Object.fromEntries(told);
  };
  const fourDays = { booked: '11-02T00:00', occurred: '11-02T00:00', ends: '11-06T00:00' };

  it('is earned day by day, and no day of it is told outside the period', async () => {
    pay(fourDays);
    expect(await earned({ from: at('11-03T06:00'), end: at('11-04T12:00') })).toEqual({
      '2026-11-03': '18',
      '2026-11-04': '12',
    });
  });

  it('is all of it where no bound is asked for, as of when it is derived', async () => {
    pay(fourDays);
    expect(await earned({ from: null, end: null, derivedAt: at('11-03T06:00') })).toEqual({
      '2026-11-02': '24',
      '2026-11-03': '6',
    });
    expect(await earned({ from: null, end: null, groupBy: [] })).toEqual({ '': '96' });
  });

  it('is on the day on which it was booked, where that was later than it was earned', async () => {
    pay({ ...fourDays, booked: '11-05T12:00' });
    expect(await earned({ from: null, end: null })).toEqual({ '2026-11-05': '96' });
    // The payment is booked at this very instant, which is not in the period any more.
    expect(await earned({ from: null, end: at('11-05T12:00') })).toEqual({});
    expect(await earned({ from: at('11-05T12:00'), end: at('11-05T12:15') })).toEqual({ '2026-11-05': '84.25' });
  });

  it('is all of it on the day on which it was booked, where it had been earned by then', async () => {
    pay({ ...fourDays, booked: '11-09T12:00' });
    expect(await earned({ from: null, end: null })).toEqual({ '2026-11-09': '96' });
  });

  it('is the rest of it at a switch, that instant not in the period that ends there', async () => {
    pay({ ...fourDays, switched: { occurred: '11-03T12:00', booked: '11-03T12:00', credited: '40' } });
    expect(await earned({ from: null, end: at('11-03T12:00') })).toEqual({ '2026-11-02': '24', '2026-11-03': '12' });
    expect(await earned({ from: null, end: at('11-03T12:15') })).toEqual({ '2026-11-02': '24', '2026-11-03': '32' });
    expect(await earned({ from: at('11-03T12:00'), end: null })).toEqual({ '2026-11-03': '20' });
  });

  it('is not changed by a switch that is booked after the end of the period, on the same day or later', async () => {
    pay({ ...fourDays, switched: { occurred: '11-03T06:00', booked: '11-03T18:00', credited: '40' } });
    expect(await earned({ from: null, end: at('11-03T12:00') })).toEqual({ '2026-11-02': '24', '2026-11-03': '12' });
    expect(await earned({ from: null, end: at('11-03T18:00') })).toEqual({ '2026-11-02': '24', '2026-11-03': '18' });
    expect(await earned({ from: null, end: null })).toEqual({ '2026-11-02': '24', '2026-11-03': '32' });
    // By when it occurred the switch is in it.
    expect(await earned({ basis: 'occurred', from: null, end: at('11-03T12:00') })).toEqual({
      '2026-11-02': '24',
      '2026-11-03': '32',
    });
  });

  it('is given back on the day on which a switch is booked that was earlier than what was earned', async () => {
    pay({ ...fourDays, switched: { occurred: '11-02T12:00', booked: '11-09T00:00', credited: '60' } });
    expect(await earned({ from: at('11-06T00:00'), end: null })).toEqual({ '2026-11-09': '-60' });
  });

  it('of a period that waits and is switched away from is nothing, whenever that was booked', async () => {
    database
      .prepare(`${insertInto} VALUES ('shop', 'a', 1, 'basic', '96', ?, ?, 6, ?, ?, ?, ?, '96', 1, 2)`)
      .run(
        at('11-06T00:00'),
        at('11-10T00:00'),
        at('11-03T00:00'),
        at('11-03T00:00'),
        at('11-04T00:00'),
        at('11-07T00:00'),
      );
    // Until the switch was booked the first of it had been earned.
    expect(await earned({ from: null, end: null })).toEqual({ '2026-11-06': '24', '2026-11-07': '-24' });
    expect(await earned({ basis: 'occurred', from: null, end: null })).toEqual({});
  });

  it('is of the days of a zone, also those of 23 and of 25 hours', async () => {
    pay({ booked: '10-31T00:00', occurred: '10-31T00:00', ends: '11-04T00:00' });
    const zone = 'America/New_York';
    expect(await earned({ zone, from: null, end: at('11-03T00:00') })).toEqual({
      '2026-10-30': '4',
      '2026-10-31': '24',
      '2026-11-01': '25',
      '2026-11-02': '19',
    });
    database.exec('DELETE FROM fees');
    pay({ booked: '03-07T05:00', occurred: '03-07T05:00', ends: '03-11T05:00' });
    expect(await earned({ zone, from: null, end: at('03-10T04:00') })).toEqual({
      '2026-03-07': '24',
      '2026-03-08': '23',
      '2026-03-09': '24',
    });
  });
});
