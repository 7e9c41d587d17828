import { toText } from '@meterbook/domain/amount/decimal';
import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { DamagedTable, damagedSchema } from '../../projections/damaged-table';
import { feeSchema } from '../../projections/charges/fee-rows';
import { debtsSchema } from '../../projections/recharges/debt-rows';
import { paymentsSchema } from '../../projections/recharges/payment-rows';
import { declarationOf } from '../grouped/declared-reports';
import { Groups } from '../grouped/groups';
import { Grouping, type Question } from '../grouped/question';
import type { ReportSource } from '../grouped/source';
import { deferredSource } from './count-deferred';
import { receivablesSource } from './count-receivables';
import { rechargesSource } from './count-recharges';

const DAY_MS = 86_400_000;
/** Some instant on a quarter of an hour. */
const then = Date.parse('2026-11-02T12:00:00.000Z');

describe('the edges of the reports of money', () => {
  let database: Database;
  beforeEach(() => {
    database = openDatabase(':memory:');
    for (const schema of [damagedSchema, feeSchema, debtsSchema, paymentsSchema]) database.exec(schema);
  });
  afterEach(() => {
    database.close();
  });

  /** The totals of a report by the names of its measures, without those that are zero. */
  const told = async (
    report: string,
    source: ReportSource,
    asked: Partial<Question> & Pick<Question, 'end'>,
  ): Promise<Record<string, string>> => {
    const common = { platform: 'shop', basis: 'booked', zone: 'UTC', from: null, filters: [], page: null } as const;
    const question: Question = { ...common, groupBy: [], report, derivedAt: asked.end ?? then + DAY_MS, ...asked };
    const { measures } = declarationOf(report);
    const groups = new Groups(measures);
    const progress = { position: 'end', bookedAt: 0, watermark: 0, events: 0 };
    const snapshot = { database, progress, damaged: new DamagedTable(database), close: () => undefined };
    await source(snapshot, question, new Grouping(question), groups);
    const figures: Record<string, string> = {};
    for (const { sums } of groups.inOrder())
      for (const [at, { name, kind }] of measures.entries()) {
        const text = kind === 'count' ? String(sums.countOf(at)) : kind === 'amount' ? toText(sums.amountOf(at)) : '0';
        if (text !== '0') figures[name] = text;
      }
    groups.close();
    return figures;
  };

  describe('recharges', () => {
    const recharges = (from: number | null, end: number | null): Promise<Record<string, string>> =>
      told('recharges', rechargesSource(new SystemClock()), { from, end });

    it('hold what is booked at their beginning, and not what is booked at their end', async () => {
      database
        .prepare(`INSERT INTO payments VALUES ('shop', 'a', 1, 'recharge', 'manual', 'USD', ?, 0, '5', '5', '1')`)
        .run(then);
      const all = { count: '1', credited: '5', receivableSettled: '1' };
      expect(await recharges(then, then + 1)).toEqual(all);
      expect(await recharges(then + 1, null)).toEqual({});
      expect(await recharges(null, then)).toEqual({});
      expect(await recharges(null, null)).toEqual(all);
    });
  });

  describe('deferred fees', () => {
    const deferred = (from: number | null, end: number | null): Promise<Record<string, string>> =>
      told('deferred', deferredSource(new SystemClock()), { from, end });
    const fee = `INSERT INTO fees (platform, account, number, plan, price, begins, ends, scale, booked, occurred, switched, switch_booked, credited, revision, switch_revision)
      VALUES ('shop', 'a', 0, 'basic', '96', ?, ?, 6, ?, ?, ?, ?, ?, 1, 2)`;

    it('are sold in the period in which they are booked, which its end is not in', async () => {
      database.prepare(fee).run(then, then + 4 * DAY_MS, then, then, null, null, null);
      expect(await deferred(null, then)).toEqual({});
      expect(await deferred(then, then + DAY_MS)).toEqual({ sold: '96', earned: '24', closing: '72' });
      expect(await deferred(then + 1, then + DAY_MS)).toMatchObject({ opening: '96', closing: '72' });
    });

    it('are credited in the period in which a switch is booked, which its end is not in', async () => {
      const switched = then + DAY_MS;
      database.prepare(fee).run(then, then + 4 * DAY_MS, then, then, switched, switched, '60');
      expect(await deferred(null, switched)).toEqual({ sold: '96', earned: '24', closing: '72' });
      expect(await deferred(switched, switched + 1)).toEqual({ opening: '72', earned: '12', credited: '60' });
    });
  });

  describe('receivables', () => {
    const receivables = (end: number | null, derivedAt = end ?? then): Promise<Record<string, string>> =>
      told('receivables', receivablesSource(new SystemClock()), { end, derivedAt });
    const note = (revision: number, kind: string, booked: number, amount: string, of: number | null = null): void => {
      database
        .prepare(`INSERT INTO debts VALUES ('shop', 'a', ?, 0, ?, ?, ?, ?, ?, ?)`)
        .run(revision, kind, booked, booked, amount, of, of === null ? null : 0);
    };

    it('hold what is booked at their instant', async () => {
      note(1, 'owed', then, '5');
      expect(await receivables(then)).toEqual({ total: '5', 'age.upTo30': '5' });
      expect(await receivables(then - 1)).toEqual({});
    });

    it.each([
      [31 * DAY_MS - 1, 'age.upTo30'],
      [31 * DAY_MS, 'age.upTo60'],
      [61 * DAY_MS - 1, 'age.upTo60'],
      [61 * DAY_MS, 'age.upTo90'],
      [91 * DAY_MS - 1, 'age.upTo90'],
      [91 * DAY_MS, 'age.older'],
    ])('are by whole days: what has been owed for %i ms is in %s', async (ageMs, age) => {
      note(1, 'owed', then, '5');
      expect(await receivables(null, then + ageMs)).toEqual({ total: '5', [age]: '5' });
    });

    it('lose by a reversal what its own charge came to owe, and by a payment the oldest', async () => {
      note(1, 'owed', then - 40 * DAY_MS, '5');
      note(2, 'owed', then - DAY_MS, '5');
      note(3, 'forgiven', then, '5', 2);
      expect(await receivables(then)).toEqual({ total: '5', 'age.upTo60': '5' });
      note(4, 'settled', then, '2');
      expect(await receivables(then)).toEqual({ total: '3', 'age.upTo60': '3' });
    });
  });
});
