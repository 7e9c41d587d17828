import type { Database, Statement } from '@meterbook/runtime/sqlite';
import {
  lineColumns,
  LinesAtStartOfDay,
  toState,
  toTimed,
  type LineRow,
  type LineState,
  type LineValues,
  type TimedLineState,
} from './line-state';

/** `lines` shows every account's own lines, `control` adds up each kind of per-account line; `all` has the parts of wallets too, and no control line. */
export type View = 'lines' | 'control' | 'all';

/** A platform's lines at one moment, in the order of ledger account and commodity. */
export interface LinesSource {
  lines(view: View): Iterable<LineState>;
  /** The lines that time alone changes, or has changed. */
  timed(): Iterable<TimedLineState>;
}

/** Which rows of `lines` are in a view. */
export const viewConditions = {
  lines: 'rollup IN (0, 2)',
  control: 'rollup > 0',
  all: 'rollup <> 1',
  timed: 'timed IS NOT NULL',
};

/** The lines of one file: as they are, or as they were before anything was booked on a day (counted from 1970). */
export class StoredLines implements LinesSource {
  private readonly atStart: LinesAtStartOfDay | undefined;
  private one: Statement<[string, string, string], LineRow> | undefined;

  constructor(
    private readonly database: Database,
    private readonly platform: string,
    beforeDay: number | null,
  ) {
    this.atStart = beforeDay === null ? undefined : new LinesAtStartOfDay(database, beforeDay);
  }

  lines(view: View): Iterable<LineState> {
    return this.read(viewConditions[view], toState);
  }

  timed(): Iterable<TimedLineState> {
    return this.read(viewConditions.timed, toTimed);
  }

  /** One line; undefined where nothing was booked on it yet. */
  line(ledgerAccount: string, commodity: string): LineState | undefined {
    this.one ??= this.database.prepare(
      `SELECT ${lineColumns} FROM lines WHERE platform = ? AND ledger_account = ? AND commodity = ?`,
    );
    const row = this.one.get(this.platform, ledgerAccount, commodity);
    const values = row && this.valuesOf(row);
    return row && values && toState(row, values);
  }

  private *read<T>(condition: string, toLine: (row: LineRow, values: LineValues) => T): Iterable<T> {
    const rows = this.database.prepare<[string], LineRow>(
      `SELECT ${lineColumns} FROM lines WHERE platform = ? AND ${condition} ORDER BY platform, ledger_account, commodity`,
    );
    for (const row of rows.iterate(this.platform)) {
      const values = this.valuesOf(row);
      if (values) yield toLine(row, values);
    }
  }

  private valuesOf(row: LineRow): LineValues | undefined {
    return this.atStart ? this.atStart.valuesOf(row) : row;
  }
}

/** Lines of which some have gone on: those of `later` take the place of those of `earlier`. */
export class ContinuedLines implements LinesSource {
  constructor(
    private readonly earlier: LinesSource,
    private readonly later: LinesSource,
  ) {}

  lines(view: View): Iterable<LineState> {
    return merged(this.earlier.lines(view), this.later.lines(view));
  }

  timed(): Iterable<TimedLineState> {
    return merged(this.earlier.timed(), this.later.timed());
  }
}

function* merged<T extends LineName>(earlier: Iterable<T>, later: Iterable<T>): Iterable<T> {
  const rest = later[Symbol.iterator]();
  try {
    let next = rest.next();
    for (const line of earlier) {
      while (!next.done && compareLines(next.value, line) < 0) {
        yield next.value;
        next = rest.next();
      }
      if (!next.done && compareLines(next.value, line) === 0) {
        yield next.value;
        next = rest.next();
      } else {
        yield line;
      }
    }
    for (; !next.done; next = rest.next()) yield next.value;
  } finally {
    rest.return?.();
  }
}

type LineName = Pick<LineState, 'ledgerAccount' | 'commodity'>;

/** SQLite's order of texts: byte by byte. */
export function compareLines(a: LineName, b: LineName): number {
  if (a.ledgerAccount !== b.ledgerAccount)
    return Buffer.compare(Buffer.from(a.ledgerAccount), Buffer.from(b.ledgerAccount));
  return Buffer.compare(Buffer.from(a.commodity), Buffer.from(b.commodity));
}
