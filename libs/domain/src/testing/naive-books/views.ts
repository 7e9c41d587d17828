import { tierAt } from './charging';
import type { Books, PeriodBooks } from './books';
import { quotient, sum, textOf, type Money } from './money';
import type { Pool } from './pools';
import { givenIn, granted, leave, overdrawn, payingPeriod, poolNames, remaining, there, used } from './pools';
import { least } from './money';
import type { NaiveRules } from './rules';
import { freeOf, frozenOf, hasExpired, mayDraw, owedOf, walletAt } from './wallet';

/** What the account's view says of it at an instant, as far as the naive books know. */
export function view(books: Books, rules: NaiveRules, at: number): unknown {
  const period = payingPeriod(books, at);
  const live = [...books.lots.values()].filter((lot) => !hasExpired(lot, at));
  return {
    tier: tierAt(books, rules, at),
    currency: rules.currency,
    wallet: textOf(walletAt(books, at)),
    frozen: textOf(sum(live.map(({ n }) => frozenOf(books, n)))),
    available: textOf(poolMoney(books, at) + (mayDraw(books, rules) ? freeWallet(books, at) : 0n)),
    receivable: textOf(owedOf(books) + overdrawn(books)),
    payAsYouGo: books.payAsYouGo ?? false,
    pools: { main: poolView(books, period, 'main'), backup: poolView(books, period, 'backup') },
    subscription: period === undefined ? null : subscriptionView(books, period, at),
    customMultiplier: books.customMultiplier,
    suspended: books.isSuspended,
  };
}

/** What the pools can give now, in the wallet's currency. */
export function poolMoney(books: Books, at: number): Money {
  const period = payingPeriod(books, at);
  return period === undefined ? 0n : quotient(poolsGive(books, period, at), period.creditsPerUnit);
}

/** What of the wallet is not frozen. */
export function freeWallet(books: Books, at: number): Money {
  const live = [...books.lots.values()].filter((lot) => !hasExpired(lot, at));
  return sum(live.map((lot) => freeOf(books, lot))) + books.unowed;
}

function poolsGive(books: Books, period: PeriodBooks, at: number): bigint {
  const all = sum(poolNames.map((pool) => there(books, period, pool)));
  const { credits } = leave(books, period, at);
  return credits === null ? all : least(all, credits);
}

function poolView(books: Books, period: PeriodBooks | undefined, pool: Pool): unknown {
  if (period === undefined) return { granted: '0', used: '0', remaining: '0' };
  return {
    granted: textOf(granted(books, period, pool)),
    used: textOf(used(books, period, pool)),
    remaining: textOf(remaining(books, period, pool)),
  };
}

function subscriptionView(books: Books, period: PeriodBooks, at: number): unknown {
  const instant = (ms: number) => new Date(ms).toISOString();
  const cap = (limit: bigint | null, span: 'day' | 'week') =>
    limit === null ? null : { limit: textOf(limit), used: textOf(givenIn(books, period, at, span)) };
  return {
    plan: period.plan,
    kind: period.kind,
    status: 'active',
    periodStart: instant(period.from),
    periodEnd: instant(period.to),
    cancelAtPeriodEnd: books.isCancelled,
    budget: period.budget === null ? null : { limit: textOf(period.budget), used: textOf(period.spent) },
    caps: { daily: inRequests(period) ?? cap(period.daily, 'day'), weekly: cap(period.weekly, 'week') },
  };
}

/** A cap in requests binds authorizations, and nothing is counted for it. */
function inRequests({ dailyRequests }: PeriodBooks): unknown {
  return dailyRequests === null ? null : { limit: dailyRequests, used: null };
}
