import type { Database, Statement } from '@meterbook/runtime/sqlite';
import { add, decimal, isPositive, negate, toText, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { DAY_MS } from './line-state';

/** Reports by occurred at lie on a quarter of an hour: every zone's midnight does. */
export const QUARTER_MS = 900_000;

/** Rows that may wait in memory to be written; a batch that shifts more writes in between. */
const MAX_WAITING_SHIFTS = 20_000;

export const shiftsSchema = `
    CREATE TABLE line_shifts (
      line INTEGER NOT NULL, booked_day INTEGER NOT NULL, quarter INTEGER NOT NULL, debit TEXT NOT NULL, credit TEXT NOT NULL,
      PRIMARY KEY (line, booked_day, quarter)
    ) WITHOUT ROWID;`;

/** The first quarter of an hour, counted from 1970, at whose instant something had occurred. */
export function quarterOf(occurredAtMs: number): number {
  return Math.ceil(occurredAtMs / QUARTER_MS);
}

/** The day on which something occurred, counted from 1970: what occurs at a midnight belongs to the day that it ends. */
export function occurredDay(occurredAtMs: number): number {
  return Math.ceil(occurredAtMs / DAY_MS) - 1;
}

interface Shift {
  readonly line: number;
  readonly bookedDay: number;
  readonly quarter: number;
  debit: Decimal;
  credit: Decimal;
}

interface Sums {
  readonly debit: string;
  readonly credit: string;
}

/**
 * What was booked on another day than the one on which it occurred, line by line: usage that came late, and history that is
 * imported. With it the books can be told by occurred at from what they were by booked at, and what is booked as it occurs costs nothing.
 */
export class LineShifts {
  private readonly find: Statement<[number, number, number], Sums>;
  private readonly save: Statement<[number, number, number, string, string]>;
  private waiting = new Map<string, Shift>();

  constructor(database: Database) {
    this.find = database.prepare(
      'SELECT debit, credit FROM line_shifts WHERE line = ? AND booked_day = ? AND quarter = ?',
    );
    this.save = database.prepare(
      `INSERT INTO line_shifts (line, booked_day, quarter, debit, credit) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET debit = excluded.debit, credit = excluded.credit`,
    );
  }

  /** An amount of a line that was booked on one day (counted from 1970) and occurred on another: positive as a debit, negative as a credit. */
  add(line: number, bookedDay: number, occurredAtMs: number, amount: Decimal): void {
    const quarter = quarterOf(occurredAtMs);
    const key = `${line} ${bookedDay} ${quarter}`;
    const shift = this.waiting.get(key) ?? { line, bookedDay, quarter, debit: zero, credit: zero };
    if (isPositive(amount)) shift.debit = add(shift.debit, amount);
    else shift.credit = add(shift.credit, negate(amount));
    this.waiting.set(key, shift);
    if (this.waiting.size >= MAX_WAITING_SHIFTS) this.write();
  }

  /** Adds what waits to what is written, inside the caller's transaction. */
  write(): void {
    if (this.waiting.size === 0) return;
    const shifts = [...this.waiting.values()];
    shifts.sort((a, b) => a.line - b.line || a.bookedDay - b.bookedDay || a.quarter - b.quarter);
    for (const { line, bookedDay, quarter, debit, credit } of shifts) {
      const before = this.find.get(line, bookedDay, quarter) ?? { debit: '0', credit: '0' };
      const sums = { debit: add(decimal(before.debit), debit), credit: add(decimal(before.credit), credit) };
      this.save.run(line, bookedDay, quarter, toText(sums.debit), toText(sums.credit));
    }
    this.waiting.clear();
  }
}
