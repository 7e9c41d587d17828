import type { Database } from '@meterbook/runtime/sqlite';
import { decimal } from '@meterbook/domain/amount/decimal';
import type { Clock } from '@meterbook/runtime/clock';
import type { DebtRow } from '../../projections/recharges/debt-rows';
import type { Grouping, Question } from '../grouped/question';
import type { Groups } from '../grouped/groups';
import type { ReportSource } from '../grouped/source';
import { OpenDebts } from './open-debts';

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
        take(debts, row, question);
      }
      groups.settle();
    }
    count();
  };
}

function take(debts: OpenDebts, row: DebtRow, { basis, end }: Question): void {
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
  for (const [occurred, amount] of debts.list()) {
    const days = Math.floor((derivedAt - occurred) / DAY_MS);
    const age = AGE_DAYS.findIndex((most) => days <= most);
    const sums = groups.of(values);
    sums.add(0, amount);
    sums.add(1 + (age < 0 ? AGE_DAYS.length : age), amount);
  }
}

async function* debtsOf(database: Database, platform: string, clock: Clock): AsyncIterable<readonly DebtRow[]> {
  const next = database.prepare<[string, string, string, number, string, number, number, number], DebtRow>(
    `SELECT account, revision, place, kind, booked, occurred, amount, of_revision AS ofRevision, of_place AS ofPlace FROM debts
     WHERE platform = ? AND (account > ? OR (account = ? AND revision > ?) OR (account = ? AND revision = ? AND place > ?))
     ORDER BY account, revision, place LIMIT ?`,
  );
  for (let [account, revision, place] = ['', -1, -1]; ;) {
    const rows = next.all(platform, account, account, revision, account, revision, place, DEBTS_PER_TURN);
    yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < DEBTS_PER_TURN) return;
    [account, revision, place] = [last.account, last.revision, last.place];
    await clock.sleep(0);
  }
}
