import type { Command } from './asks';
import type { Books } from './books';
import type { OfLot, ReversalFact } from './facts';
import { least, quotient, textOf } from './money';
import { payingPeriod } from './pools';
import { hasExpired, inBurnOrder, take, total } from './wallet';
import type { Verdict } from './verdict';

/** Undoes a charge: each source regains what it gave as far as it still exists, the rest comes back as a granted lot (SPEC §10). */
export function reverse(books: Books, asked: Extract<Command, { ask: 'reverse' }>, at: number): Verdict {
  const found = books.charges.get(asked.usage);
  if (found === undefined) return 'unknown_charge';
  if (found.isReversed) return 'already_reversed';
  const charge = found.fact;
  const forgiven = least(charge.owed, books.owed);
  const unwritten = least(charge.owed - forgiven, books.writtenOff);
  const settledBefore = charge.owed - forgiven - unwritten;
  const isGone = ([n]: OfLot) => {
    const lot = books.lots.get(n);
    return lot === undefined || hasExpired(lot, at);
  };
  const lots = charge.lots.filter((each) => !isGone(each));
  const ofRevenue = settledBefore + total(charge.lots.filter(isGone));
  const isRunning = charge.pools !== null && payingPeriod(books, at)?.n === charge.pools.period;
  const pools = isRunning ? charge.pools : null;
  const ofPromotions = charge.pools === null || isRunning ? 0n : worth(books, charge.pools);
  const fact: ReversalFact = {
    did: 'reverse',
    at,
    id: asked.id,
    charge,
    lots,
    pools,
    forgiven,
    unwritten,
    granted: { ofRevenue, ofPromotions },
    settled: settling(books, lots, ofRevenue + ofPromotions, asked.id, at, books.owed - forgiven),
  };
  const back = total(lots) + ofRevenue + ofPromotions;
  const returned = [
    ...(pools !== null && pools.backup > 0n ? [{ from: 'backup', credits: textOf(pools.backup) }] : []),
    ...(pools !== null && pools.main > 0n ? [{ from: 'main', credits: textOf(pools.main) }] : []),
    ...(forgiven > 0n ? [{ from: 'receivable', amount: textOf(forgiven) }] : []),
    ...(back > 0n ? [{ from: 'wallet', amount: textOf(back) }] : []),
  ];
  const answer = { reversalId: asked.id, source: 'gateway', id: charge.id, amount: textOf(charge.amount), returned };
  return { facts: [fact], answer };
}

function worth(books: Books, pools: NonNullable<ReversalFact['pools']>): bigint {
  const period = books.periods[pools.period];
  if (period === undefined) throw new Error('no such period');
  return quotient(pools.main + pools.backup, period.creditsPerUnit);
}

/** What of the money that comes back settles what is still owed, in burn order. */
function settling(
  books: Books,
  lots: readonly OfLot[],
  granted: bigint,
  id: string,
  at: number,
  owed: bigint,
): readonly OfLot[] {
  const next = books.lots.size;
  const back = new Map<number, bigint>(lots);
  if (granted > 0n) back.set(next, granted);
  const fresh = { n: next, isPaid: false, id, at, expires: null, left: granted };
  const inOrder = inBurnOrder([...books.lots.values(), fresh]).filter(({ n }) => back.has(n));
  return take(
    inOrder.map(({ n }): OfLot => [n, back.get(n) ?? 0n]),
    owed,
  );
}
