import type { Database } from '@meterbook/runtime/sqlite';
import { add, isZero, subtract, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Clock } from '@meterbook/runtime/clock';
import type { FeeRow } from '../../projections/charges/fee-rows';
import { EarnedFee, feesOf } from './earned-fee';
import { Calendar, QUARTER_MS } from '../grouped/calendar';
import type { Groups } from '../grouped/groups';
import type { Grouping, Question } from '../grouped/question';
import type { Sums } from '../grouped/sums';

const USAGE_AT = 0;
const SUBSCRIPTIONS_AT = USAGE_AT + 1;
const TOTAL_AT = SUBSCRIPTIONS_AT + 1;

/** Adds what was earned of subscription fees in each stretch of time that the report tells apart. */
export async function countFees(
  database: Database,
  question: Question,
  grouping: Grouping,
  groups: Groups,
  clock: Clock,
): Promise<void> {
  const stretches = new Stretches(question, grouping);
  const cells = new EarnedInCells(grouping, groups);
  for await (const rows of feesOf(database, question.platform, clock)) {
    for (const row of rows) {
      countFee(row, question, cells, stretches);
      // Otherwise fees of one plan share their cells, and a year of many fees is added up before it is put into them.
      if (grouping.needed.has('account')) cells.addUp();
    }
    cells.addUp();
    groups.settle();
  }
}

function countFee(row: FeeRow, question: Question, cells: EarnedInCells, stretches: Stretches): void {
  const fee = new EarnedFee(row, question);
  let before: Decimal | undefined;
  for (const { from, to, day } of stretches.between(fee.changesFrom, fee.changesTo)) {
    const after = fee.earnedBefore(to);
    const earned = subtract(after, before ?? fee.earnedBefore(from));
    before = after;
    if (!isZero(earned)) cells.add(row, day, earned);
  }
}

interface Cell {
  /** Undefined where a filter leaves the cell out. */
  readonly sums: Sums | undefined;
  earned: Decimal;
}

/** What fees that differ in nothing but the account earn on each day; not yet in the report's sums. */
class EarnedInCells {
  private readonly byPlan = new Map<string, Map<string | null, Cell>>();

  constructor(
    private readonly grouping: Grouping,
    private readonly groups: Groups,
  ) {}

  add(row: FeeRow, day: string | null, earned: Decimal): void {
    let byDay = this.byPlan.get(row.plan);
    if (!byDay) this.byPlan.set(row.plan, (byDay = new Map<string | null, Cell>()));
    const cell = byDay.get(day);
    if (cell) cell.earned = add(cell.earned, earned);
    else byDay.set(day, { sums: this.sumsOf(row, day), earned });
  }

  /** Puts all of it into the sums. */
  addUp(): void {
    for (const byDay of this.byPlan.values()) {
      for (const { sums, earned } of byDay.values()) {
        sums?.add(SUBSCRIPTIONS_AT, earned);
        sums?.add(TOTAL_AT, earned);
      }
    }
    this.byPlan.clear();
  }

  private sumsOf(row: FeeRow, day: string | null): Sums | undefined {
    const values = this.grouping.valuesOf((dimension) => valueOfFee(dimension, row, day));
    return values && this.groups.of(values);
  }
}

/** Stretches of time, those that follow each other being one, whose part of a fee is in a cell. */
export function* earnedStretches(
  row: FeeRow,
  question: Question,
  grouping: Grouping,
  stretches: Stretches,
): Iterable<{ readonly from: number; readonly to: number }> {
  const fee = new EarnedFee(row, question);
  let open: { from: number; to: number } | undefined;
  for (const { from, to, day } of stretches.between(fee.changesFrom, fee.changesTo)) {
    if (!grouping.valuesOf((dimension) => valueOfFee(dimension, row, day))) continue;
    if (open?.to === from) open.to = to;
    else {
      if (open) yield open;
      open = { from, to };
    }
  }
  if (open) yield open;
}

function valueOfFee(dimension: string, { plan, account }: FeeRow, day: string | null): string | null {
  if (dimension === 'day') return day;
  if (dimension === 'month') return day && day.slice(0, -'-02'.length);
  return dimension === 'plan' ? plan : dimension === 'account' ? account : null;
}

/** A stretch of time of one day, or of all days where they are not told apart. */
interface Stretch {
  /** Milliseconds since 1970; infinite where there is no bound. */
  readonly from: number;
  readonly to: number;
  readonly day: string | null;
}

/** The stretches of time that a report tells apart: its days, or all of it. */
export class Stretches {
  private readonly calendar: Calendar;
  private readonly cutsTime: boolean;
  private readonly days = new Map<number, Stretch>();

  constructor(
    private readonly question: Pick<Question, 'from' | 'end' | 'zone'>,
    grouping: Grouping,
  ) {
    this.calendar = new Calendar(question.zone);
    this.cutsTime = grouping.needed.has('day') || grouping.needed.has('month');
  }

  /** Those that lie between two instants, in order. */
  *between(first: number, last: number): Iterable<Stretch> {
    const { from, end } = this.question;
    const [lower, upper] = [from ?? -Infinity, end ?? Infinity];
    if (!this.cutsTime) {
      yield { from: lower, to: upper, day: null };
      return;
    }
    for (let at = Math.max(lower, first); at < upper && at <= last;) {
      const { from: start, to, day } = this.dayOf(Math.floor(at / QUARTER_MS));
      yield { from: Math.max(start, lower), to: Math.min(to, upper), day };
      at = to;
    }
  }

  private dayOf(quarter: number): Stretch {
    const known = this.days.get(quarter);
    if (known) return known;
    const stretch = {
      from: this.calendar.startOfDay(quarter) * QUARTER_MS,
      to: this.calendar.nextDay(quarter) * QUARTER_MS,
      day: this.calendar.day(quarter),
    };
    if (this.days.size >= MAX_REMEMBERED_DAYS) this.days.clear();
    this.days.set(quarter, stretch);
    return stretch;
  }
}

/** Days that are remembered, by the quarters of an hour that were asked about. */
const MAX_REMEMBERED_DAYS = 40_000;
