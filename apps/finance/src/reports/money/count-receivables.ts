import type { Database } from '@meterbook/runtime/sqlite';
import { decimal } from '@meterbook/domain/amount/decimal';
import type { Clock } from '@meterbook/runtime/clock';
import type { DebtRow } from '../../projections/recharges/debt-rows';
import type { Grouping, Question } from '../grouped/question';
import type { Groups } from '../grouped/groups';
import { allRows, rowsWithin, startOf, type RowRange } from '../grouped/row-range';
import type { ReportSource } from '../grouped/source';
import type { Sums } from '../grouped/sums';
import { OpenDebts, type ShownDebt } from './open-debts';

/** Rows read at a time, between which others have their turn. */
const DEBTS_PER_TURN = 1000;

const DAY_MS = 86_400_000;
/** Whole days up to which something is of an age; what is older stands behind them. */
const AGE_DAYS = [30, 60, 90];

/** What accounts owe, in the order of the measures: the total, then the ages. */
export function receivablesSource(clock: Clock): ReportSource {
  return async ({ database }, question, grouping, groups) => {
    let account: string | undefined;
    let debts = new OpenDebts();
    const count = (): void => {
      if (account !== undefined) countAccount(account, debts, question, grouping, groups);
    };
    for await (const rows of debtsOf(database, question.platform, clock)) {
      for (const row of rows) {
        if (row.account !== account) {
          count();
          [account, debts] = [row.account, new OpenDebts()];
        }
        takeDebt(debts, row, question);
      }
      groups.settle();
    }
    count();
  };
}

/** Takes a row into the debts of its account. */
export function takeDebt(debts: OpenDebts, row: DebtRow, { basis, end }: Question): void {
  const at = basis === 'booked' ? row.booked : row.occurred;
  const isShown = at <= (end ?? Infinity);
  const amount = decimal(row.amount);
  if (row.kind === 'owed') debts.owe(`${row.revision} ${row.place}`, row.occurred, amount, isShown);
  else if (row.kind === 'settled') debts.settle(amount, isShown);
  else debts.forgive(`${row.ofRevision} ${row.ofPlace}`, amount, isShown);
}

function countAccount(
  account: string,
  debts: OpenDebts,
  { derivedAt }: Question,
  grouping: Grouping,
  groups: Groups,
): void {
  const values = grouping.valuesOf(() => account);
  if (!values) return;
  for (const debt of debts.shown()) addDebt(groups.of(values), debt, derivedAt);
}

/** Adds what is shown of a debt to the measures of the report, by its age at an instant. */
export function addDebt(sums: Sums, { occurred, shown }: ShownDebt, derivedAt: number): void {
  const days = Math.floor((derivedAt - occurred) / DAY_MS);
  const age = AGE_DAYS.findIndex((most) => days <= most);
  sums.add(0, shown);
  sums.add(1 + (age < 0 ? AGE_DAYS.length : age), shown);
}

/** What accounts came to owe, and what became of it, by account and in the order of its events, some at a time. */
export async function* debtsOf(
  database: Database,
  platform: string,
  clock: Clock,
  range: RowRange = allRows,
): AsyncIterable<readonly DebtRow[]> {
  const next = database.prepare<[string, string, string, number, string, number, number, number], DebtRow>(
    `SELECT account, revision, place, kind, booked, occurred, amount, of_revision AS ofRevision, of_place AS ofPlace FROM debts
     WHERE platform = ? AND (account > ? OR (account = ? AND revision > ?) OR (account = ? AND revision = ? AND place > ?))
     ORDER BY account, revision, place LIMIT ?`,
  );
  for (let [account, revision, place] = [...startOf(range), -1] as [string, number, number]; ;) {
    const rows = next.all(platform, account, account, revision, account, revision, place, DEBTS_PER_TURN);
    const within = rowsWithin(range, rows);
    yield within;
    const last = rows.at(-1);
    if (!last || within.length < DEBTS_PER_TURN) return;
    [account, revision, place] = [last.account, last.revision, last.place];
    await clock.sleep(0);
  }
}
