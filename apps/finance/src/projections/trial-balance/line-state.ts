import type { Database, Statement } from '@meterbook/runtime/sqlite';
import { decimal, type Decimal } from '@meterbook/domain/amount/decimal';
import type { TimedItems } from '@meterbook/domain/entries/timed-items';
import type { Rollup } from './line-names';
import { timedFromText } from './timed-text';

export interface LineKey {
  readonly platform: string;
  readonly ledgerAccount: string;
  readonly commodity: string;
}

/** A line of the trial balance as of some moment: what was booked on it in all. */
export interface LineState {
  readonly ledgerAccount: string;
  readonly commodity: string;
  readonly debit: Decimal;
  readonly credit: Decimal;
  /** Of a line of an account: what time alone changes. */
  readonly timed: TimedItems;
}

/** What time alone changes of a line. */
export type TimedLineState = Pick<LineState, 'ledgerAccount' | 'commodity' | 'timed'>;

/** What is kept of a line at some moment, as it is written. */
export interface LineValues {
  readonly debit: string;
  readonly credit: string;
  readonly timed: string | null;
}

/** A row of `lines`. */
export interface LineRow extends LineValues {
  readonly ledgerAccount: string;
  readonly commodity: string;
  readonly line: number;
  readonly rollup: Rollup;
  /** The UTC day, counted from 1970, on which it changed last. */
  readonly day: number;
}

/** A row of `line_days`: what a line stood at before it first changed on a day, and on which day it had changed before. */
interface DayRow extends LineValues {
  readonly previousDay: number | null;
}

export const DAY_MS = 86_400_000;

export const lineColumns = 'ledger_account AS ledgerAccount, commodity, line, rollup, day, debit, credit, timed';

/** Walks lines back in time, one step for each day on which they changed since. */
export class LinesAtStartOfDay {
  private readonly before: Statement<[number, number], DayRow>;

  constructor(
    database: Database,
    private readonly day: number,
  ) {
    this.before = database.prepare(
      'SELECT previous_day AS previousDay, debit, credit, timed FROM line_days WHERE day = ? AND line = ?',
    );
  }

  /** What a row held before anything was booked on the day; undefined where nothing was booked on it until then. */
  valuesOf(row: LineRow): LineValues | undefined {
    let values: LineValues = row;
    let day: number | null = row.day;
    while (day !== null && day >= this.day) {
      const earlier = this.before.get(day, row.line);
      if (!earlier) throw new Error(`line ${row.line} changed on day ${day}, but nothing says what it was before`);
      values = earlier;
      day = earlier.previousDay;
    }
    return day === null ? undefined : values;
  }
}

/** The same without what was booked on it, which is not even read. */
export function toTimed(
  { ledgerAccount, commodity }: { readonly ledgerAccount: string; readonly commodity: string },
  { timed }: LineValues,
): TimedLineState {
  return { ledgerAccount, commodity, timed: timedFromText(timed) };
}

export function toState(
  { ledgerAccount, commodity }: { readonly ledgerAccount: string; readonly commodity: string },
  { debit, credit, timed }: LineValues,
): LineState {
  return { ledgerAccount, commodity, debit: decimal(debit), credit: decimal(credit), timed: timedFromText(timed) };
}
