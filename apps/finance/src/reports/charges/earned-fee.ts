import type { Database } from '@meterbook/runtime/sqlite';
import { zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { earnedOf, type Fee } from '@meterbook/domain/account/subscription/fee';
import type { Clock } from '@meterbook/runtime/clock';
import { feeOf, type FeeRow } from '../../projections/charges/fee-rows';
import type { Question } from '../grouped/question';

/** Fees read at a time, between which others have their turn. */
const FEES_PER_TURN = 1000;

/** The fees of a platform's accounts. */
export async function* feesOf(database: Database, platform: string, clock: Clock): AsyncIterable<readonly FeeRow[]> {
  const next = database.prepare<[string, string, string, number, number], FeeRow>(
    `SELECT account, number, plan, price, begins, ends, scale, booked, occurred, switched, switch_booked AS switchBooked, credited
     FROM fees WHERE platform = ? AND (account > ? OR (account = ? AND number > ?)) ORDER BY account, number LIMIT ?`,
  );
  for (let [account, number] = ['', -1]; ;) {
    const rows = next.all(platform, account, account, number, FEES_PER_TURN);
    yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < FEES_PER_TURN) return;
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
    if (this.paid >= instant) return zero;
    return earnedOf(this.switched < instant ? this.ended : this.running, Math.min(instant, this.question.derivedAt));
  }
}
