import type { Decimal } from '../../amount/decimal';
import { isZero, multiply, subtract } from '../../amount/decimal';
import type { DrawSource } from '../../rulebook/rulebook';
import type { PoolCredits } from '../subscription/events';
import type { PoolPurse } from '../subscription/pool-purse';
import { moneyOf } from '../subscription/pool-purse';
import type { Period } from '../subscription/subscription';
import type { LotAmount } from '../wallet/events';
import type { Draw, Purse } from '../wallet/purse';

/** What is to be paid, and by which rules. */
export interface Due {
  readonly amount: Decimal;
  /** What upstream takes: the period's budget bears it. */
  readonly cost: Decimal;
  readonly atMs: number;
  readonly order: readonly DrawSource[];
  readonly mayDrawWallet: boolean;
}

/** What paid a charge that fell into a period of a plan. */
export interface PlanDraw extends Omit<Draw, 'limitedBy'> {
  readonly plan: string;
  readonly credits: PoolCredits | undefined;
  /** Undefined where nothing is to be said of it. */
  readonly order: readonly DrawSource[] | undefined;
  readonly limitedBy: string | undefined;
}

const usualOrder: readonly DrawSource[] = ['main', 'backup', 'wallet'];

/** Pays a charge from the pools of its period and the wallet, in the order of the rules; the rest is owed. */
export function payWithPlan(pools: PoolPurse, period: Period, purse: Purse, due: Due): PlanDraw {
  const { atMs, order, mayDrawWallet } = due;
  let lots: LotAmount[] | undefined;
  let rest = due.amount;
  for (const source of order) {
    if (isZero(rest)) break;
    if (source !== 'wallet') {
      const credits = pools.give(period, source, multiply(rest, period.creditsPerUnit), atMs);
      rest = subtract(rest, moneyOf(credits, period));
    } else if (mayDrawWallet) {
      lots = purse.take(rest, atMs);
      rest = purse.uncovered;
    }
  }
  const { credits, limit } = pools.settle(period, due.cost);
  const owing = isZero(rest) ? undefined : purse.owe(rest, atMs, mayDrawWallet);
  return {
    plan: period.plan,
    credits,
    // What a reversal gives back is told in this order too, be it of sources that gave nothing here.
    order: credits === undefined || isUsual(order) ? undefined : order,
    lots,
    owed: rest,
    limitedBy: limit ?? owing,
  };
}

/** Whether sources are drawn on in the order that needs no words. */
function isUsual(order: readonly DrawSource[]): boolean {
  return order.every((source, index) => source === usualOrder[index]);
}
