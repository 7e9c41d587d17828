import type { Database } from '@meterbook/runtime/sqlite';
import { zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { earnedOf, type Fee } from '@meterbook/domain/account/subscription/fee';
import type { Clock } from '@meterbook/runtime/clock';
import { feeOf, type FeeRow } from '../../projections/charges/fee-rows';
import type { Question } from '../grouped/question';
import { allRows, rowsWithin, startOf, type RowRange } from '../grouped/row-range';

/** Fees read at a time, between which others have their turn. */
const FEES_PER_TURN = 1000;

/** The fees of a platform's accounts, some at a time. */
export async function* feesOf(
  database: Database,
  platform: string,
  clock: Clock,
  range: RowRange = allRows,
): AsyncIterable<readonly FeeRow[]> {
  const next = database.prepare<[string, string, string, number, number], FeeRow>(
    `SELECT account, number, plan, price, begins, ends, scale, booked, occurred, switched, switch_booked AS switchBooked, credited,
       revision, switch_revision AS switchRevision
     FROM fees WHERE platform = ? AND (account > ? OR (account = ? AND number > ?)) ORDER BY account, number LIMIT ?`,
  );
  for (let [account, number] = startOf(range); ;) {
    const rows = next.all(platform, account, account, number, FEES_PER_TURN);
    const within = rowsWithin(range, rows);
    yield within;
    const last = rows.at(-1);
    if (!last || within.length < FEES_PER_TURN) return;
    [account, number] = [last.account, last.number];
    await clock.sleep(0);
  }
}

/** What is earned of one fee by the events before an instant of the report's axis, derived as of that instant. */
export class EarnedFee {
  private readonly running: Fee;
  private readonly ended: Fee;
  /** When it was paid, and when it was switched away from (infinite for never), as instants of the axis. */
  readonly paid: number;
  readonly switched: number;

  constructor(
    row: FeeRow,
    private readonly question: Pick<Question, 'basis' | 'derivedAt'>,
  ) {
    this.running = feeOf(row, false);
    this.ended = feeOf(row, true);
    const isBooked = question.basis === 'booked';
    this.paid = isBooked ? row.booked : row.occurred;
    this.switched = (isBooked ? row.switchBooked : row.switched) ?? Infinity;
  }

  /** Before it nothing is earned, as instants of the axis. */
  get changesFrom(): number {
    return Math.max(this.paid, Math.min(this.running.from, this.switched));
  }

  /** After it nothing changes any more. */
  get changesTo(): number {
    const switched = this.switched === Infinity ? -Infinity : this.switched;
    return Math.max(this.paid, switched, Math.min(this.running.to, this.question.derivedAt));
  }

  earnedBefore(instant: number): Decimal {
    const then = this.then(instant);
    return then === null ? zero : earnedOf(then.fee, then.at);
  }

  /** The fee as it is known before an instant, and as of when it is earned; null where it is not paid yet. */
  then(instant: number): { readonly fee: Fee; readonly at: number } | null {
    if (this.paid >= instant) return null;
    const fee = this.switched < instant ? this.ended : this.running;
    return { fee, at: Math.min(instant, this.question.derivedAt) };
  }
}
