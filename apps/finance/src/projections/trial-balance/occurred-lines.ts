import type { Database, Statement } from '@meterbook/runtime/sqlite';
import { add, decimal, subtract, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { DAY_MS, lineColumns, LinesAtStartOfDay, toState, toTimed } from './line-state';
import type { LineRow, LineState, TimedLineState } from './line-state';
import { quarterOf } from './line-shifts';
import { viewConditions, type LinesSource, type StoredLines, type View } from './read-lines';

interface ShiftRow {
  readonly bookedDay: number;
  readonly quarter: number;
  readonly debit: string;
  readonly credit: string;
}

/**
 * The lines of a platform by what had occurred by an instant on a quarter of an hour (milliseconds since 1970; null for all): what was
 * booked before its day, less what of that occurred later, and with what occurred earlier and was booked later.
 */
export class OccurredLines implements LinesSource {
  private readonly atStart: LinesAtStartOfDay | undefined;
  private readonly shifts: Statement<[number], ShiftRow>;

  /** @param sameDay what was booked on the day of the instant and had occurred on it by then; undefined for nothing */
  constructor(
    private readonly database: Database,
    private readonly platform: string,
    private readonly atMs: number | null,
    private readonly sameDay: StoredLines | undefined,
  ) {
    this.atStart = atMs === null ? undefined : new LinesAtStartOfDay(database, Math.floor(atMs / DAY_MS));
    this.shifts = database.prepare(
      'SELECT booked_day AS bookedDay, quarter, debit, credit FROM line_shifts WHERE line = ?',
    );
  }

  *lines(view: View): Iterable<LineState> {
    for (const row of this.rows(viewConditions[view])) yield this.stateOf(row);
  }

  /** What time takes is told as of the instant from the items of all that is booked. */
  *timed(): Iterable<TimedLineState> {
    for (const row of this.rows(viewConditions.timed)) yield toTimed(row, row);
  }

  private rows(condition: string): IterableIterator<LineRow> {
    return this.database
      .prepare<[string], LineRow>(
        `SELECT ${lineColumns} FROM lines WHERE platform = ? AND ${condition} ORDER BY platform, ledger_account, commodity`,
      )
      .iterate(this.platform);
  }

  private stateOf(row: LineRow): LineState {
    if (this.atMs === null || !this.atStart) return toState(row, row);
    const { ledgerAccount, commodity } = row;
    const before = this.atStart.valuesOf(row);
    let debit = before ? decimal(before.debit) : zero;
    let credit = before ? decimal(before.credit) : zero;
    const sameDay = this.sameDay?.line(ledgerAccount, commodity);
    if (sameDay) [debit, credit] = [add(debit, sameDay.debit), add(credit, sameDay.credit)];
    for (const shift of this.shifts.all(row.line)) {
      const change = this.changeBy(shift, this.atMs);
      if (change) [debit, credit] = [change(debit, decimal(shift.debit)), change(credit, decimal(shift.credit))];
    }
    return { ...toTimed(row, row), debit, credit };
  }

  /** Whether a shift takes something out of what was booked before the day, or adds to it; undefined where it does neither. */
  private changeBy({ bookedDay, quarter }: ShiftRow, atMs: number): ((a: Decimal, b: Decimal) => Decimal) | undefined {
    const isBooked = bookedDay < Math.floor(atMs / DAY_MS);
    const hasOccurred = quarter <= quarterOf(atMs);
    if (isBooked === hasOccurred) return undefined;
    return isBooked ? subtract : add;
  }
}
