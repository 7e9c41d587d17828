import type { Books, PeriodBooks } from './books';
import type { Money } from './money';
import { least, quotient, sum } from './money';
import { dayMs } from './rules';

export type Pool = 'main' | 'backup';
export const poolNames: readonly Pool[] = ['main', 'backup'];

/** The paid period that an instant falls into; one that was switched away from by then no longer does. */
function periodAt(books: Books, at: number): PeriodBooks | undefined {
  return books.periods.find(
    ({ from, to, switchedAt }) => from <= at && at < to && (switchedAt === null || at < switchedAt),
  );
}

/** The period whose pools pay for what occurred at an instant: none where it was switched away from since. */
export function payingPeriod(books: Books, at: number): PeriodBooks | undefined {
  const period = periodAt(books, at);
  return period?.switchedAt === null ? period : undefined;
}

/** What a period's pool was given: its own, or what the one before it left. */
export function granted(books: Books, period: PeriodBooks, pool: Pool): Money {
  const own = period[pool];
  if (own !== null) return own;
  const before = books.periods[period.n - 1];
  if (before === undefined) throw new Error('nothing before what was carried on');
  return remaining(books, before, pool);
}

export function used(books: Books, period: PeriodBooks, pool: Pool): Money {
  return least(drawn(period, pool), granted(books, period, pool));
}

function drawn(period: PeriodBooks, pool: Pool): Money {
  return pool === 'main' ? period.usedMain : period.usedBackup;
}

/** What a period's pool has left, or left. */
export function remaining(books: Books, period: PeriodBooks, pool: Pool): Money {
  return granted(books, period, pool) - used(books, period, pool);
}

/** As of an instant: what pools gave that was not there by then, in the wallet's currency. */
export function overdrawn(books: Books): Money {
  return sum(
    books.periods.map((period) => {
      const over = poolNames.map((pool) => drawn(period, pool) - used(books, period, pool));
      return quotient(sum(over), period.creditsPerUnit);
    }),
  );
}

/** What a period's pool can still give: where it was carried on, at most what is still there. */
export function there(books: Books, period: PeriodBooks, pool: Pool): Money {
  if (period.switchedAt !== null) return 0n;
  const left = remaining(books, period, pool);
  const next = books.periods[period.n + 1];
  if (next?.subscription !== period.subscription || next[pool] !== null) return left;
  return least(left, there(books, next, pool));
}

/** What the pools of a subscription gave on the UTC day, or in the ISO week, of an instant. */
export function givenIn(books: Books, { subscription }: PeriodBooks, at: number, span: 'day' | 'week'): Money {
  const of = span === 'day' ? dayOf : weekOf;
  const draws = books.draws.filter(
    ({ at: drawnAt, pools }) => books.periods[pools.period]?.subscription === subscription && of(drawnAt) === of(at),
  );
  return sum(draws.map(({ pools }) => pools.main + pools.backup));
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** By the day of its Monday. */
function weekOf(at: number): string {
  const weekday = (new Date(at).getUTCDay() + 6) % 7;
  return dayOf(at - weekday * dayMs);
}

export interface Leave {
  readonly credits: Money | null;
  readonly limit: 'budget_exhausted' | 'daily_cap' | 'weekly_cap';
}

/** The most that a period's caps and budget leave the pools to give for an instant, and which of them says so; null for no end. */
export function leave(books: Books, period: PeriodBooks, at: number): Leave {
  if (period.budget !== null && period.spent >= period.budget) return { credits: 0n, limit: 'budget_exhausted' };
  const left = (cap: Money | null, span: 'day' | 'week') =>
    cap === null ? null : atLeastZero(cap - givenIn(books, period, at, span));
  const day = left(period.daily, 'day');
  const week = left(period.weekly, 'week');
  if (day === null || (week !== null && week < day)) return { credits: week, limit: 'weekly_cap' };
  return { credits: day, limit: 'daily_cap' };
}

export function atLeastZero(amount: Money): Money {
  return amount > 0n ? amount : 0n;
}
