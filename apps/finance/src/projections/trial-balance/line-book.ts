import type { Database, Statement } from '@meterbook/runtime/sqlite';
import { add, isPositive, negate, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { noTimedItems, type TimedItems } from '@meterbook/domain/entries/timed-items';
import type { Rollup } from './line-names';
import { LineShifts } from './line-shifts';
import { lineColumns, type LineKey, type LineRow, type LineState, toState } from './line-state';
import { timedToText } from './timed-text';

/** Lines kept in memory; two generations of at most this many each. */
const MAX_CACHED_LINES = 60_000;

/** A line while it is being folded. */
interface Cell extends LineKey {
  readonly key: string;
  /** Null while nothing was booked on it: a look at a line leaves no trace, so a restart counts as this book does. */
  line: number | null;
  readonly rollup: Rollup;
  day: number | null;
  debit: Decimal;
  credit: Decimal;
  timed: TimedItems;
  touched: boolean;
}

/** A line that is written. */
type BookedCell = Cell & { line: number };

type DayRow = [
  day: number,
  line: number,
  previousDay: number | null,
  debit: string,
  credit: string,
  timed: string | null,
];

/** What a line stood at before the first event of this book; for a book that continues another. */
export type Opening = (key: LineKey) => LineState | undefined;

/**
 * The lines of a trial balance while events are folded into them: moved in memory, written once per fold in the order of
 * their keys. The first change on a day keeps what the line was before it, so that the start of every day can be told.
 */
export class LineBook {
  private readonly find: Statement<[string, string, string], LineRow>;
  private readonly save: Statement<
    [string, string, string, number, number, number | null, string, string, string | null]
  >;
  private readonly saveDay: Statement<DayRow>;
  private young = new Map<string, Cell>();
  private old = new Map<string, Cell>();
  private readonly shifts: LineShifts;
  private touched: BookedCell[] = [];
  private days: DayRow[] = [];
  /** The number of the next line that is booked on. */
  private nextLine: number;
  private day = 0;

  constructor(
    database: Database,
    private readonly opening: Opening = () => undefined,
  ) {
    this.find = database.prepare(
      `SELECT ${lineColumns} FROM lines WHERE platform = ? AND ledger_account = ? AND commodity = ?`,
    );
    this.save = database.prepare(
      `INSERT INTO lines (platform, ledger_account, commodity, line, rollup, day, debit, credit, timed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET day = excluded.day, debit = excluded.debit, credit = excluded.credit, timed = excluded.timed`,
    );
    this.saveDay = database.prepare(
      'INSERT INTO line_days (day, line, previous_day, debit, credit, timed) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.shifts = new LineShifts(database);
    this.nextLine = database.prepare<[], number>('SELECT coalesce(max(line), -1) + 1 FROM lines').pluck().get() ?? 0;
  }

  /** Everything booked from here on is booked on this day, counted from 1970. */
  startDay(day: number): void {
    this.day = day;
  }

  /** Books an amount on a line: positive as a debit, negative as a credit. */
  post(key: LineKey, rollup: Rollup, amount: Decimal): void {
    const cell = this.touch(key, rollup);
    if (isPositive(amount)) cell.debit = add(cell.debit, amount);
    else cell.credit = add(cell.credit, negate(amount));
  }

  /** Says of an amount that is booked on a line that it occurred on another day than this. */
  shift(key: LineKey, rollup: Rollup, occurredAtMs: number, amount: Decimal): void {
    this.shifts.add(this.numbered(this.cell(key, rollup)).line, this.day, occurredAtMs, amount);
  }

  /** What time alone changes of a line. To look at it leaves no trace. */
  timedOf(key: LineKey, rollup: Rollup): TimedItems {
    return this.cell(key, rollup).timed;
  }

  setTimed(key: LineKey, rollup: Rollup, timed: TimedItems): void {
    this.touch(key, rollup).timed = timed;
  }

  /** Writes what was touched since the last time, inside the caller's transaction. */
  write(): void {
    this.touched.sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const cell of this.touched) {
      const { platform, ledgerAccount, commodity, line, rollup, day, debit, credit, timed } = cell;
      this.save.run(
        platform,
        ledgerAccount,
        commodity,
        line,
        rollup,
        day,
        toText(debit),
        toText(credit),
        timedToText(timed),
      );
      cell.touched = false;
    }
    this.days.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    for (const row of this.days) this.saveDay.run(...row);
    this.shifts.write();
    this.touched = [];
    this.days = [];
    if (this.young.size <= MAX_CACHED_LINES) return;
    this.old = this.young;
    this.young = new Map();
  }

  private touch(key: LineKey, rollup: Rollup): BookedCell {
    const cell = this.numbered(this.cell(key, rollup));
    if (cell.day !== this.day) {
      this.days.push([this.day, cell.line, cell.day, toText(cell.debit), toText(cell.credit), timedToText(cell.timed)]);
      cell.day = this.day;
    }
    if (!cell.touched) {
      cell.touched = true;
      this.touched.push(cell);
    }
    return cell;
  }

  /** Numbered in the order of the first booking, which the events alone determine. */
  private numbered(cell: Cell): BookedCell {
    return Object.assign(cell, { line: cell.line ?? this.nextLine++ });
  }

  private cell(lineKey: LineKey, rollup: Rollup): Cell {
    const { platform, ledgerAccount, commodity } = lineKey;
    // A tab is in no name and sorts before everything that is: the order of the keys is that of the primary key.
    const key = `${platform}\t${ledgerAccount}\t${commodity}`;
    const young = this.young.get(key);
    if (young) return young;
    const cell = this.old.get(key) ?? this.read(lineKey, key, rollup);
    this.young.set(key, cell);
    return cell;
  }

  private read({ platform, ledgerAccount, commodity }: LineKey, key: string, rollup: Rollup): Cell {
    const row = this.find.get(platform, ledgerAccount, commodity);
    const known = row ? toState(row, row) : this.opening({ platform, ledgerAccount, commodity });
    const { debit, credit, timed } = known ?? { debit: zero, credit: zero, timed: noTimedItems };
    return {
      platform,
      ledgerAccount,
      commodity,
      key,
      line: row?.line ?? null,
      rollup,
      day: row?.day ?? null,
      debit,
      credit,
      timed,
      touched: false,
    };
  }
}
