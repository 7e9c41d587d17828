import { isPositive, negate, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Posting } from '@meterbook/domain/entries/legs';
import { controlOf, takenTo } from '../../projections/trial-balance/line-names';
import type { Measure } from '../grouped/declaration';
import { Grouping, type Question } from '../grouped/question';
import { Sums } from '../grouped/sums';
import { countedOf } from '../money/count-liabilities';
import type { LineCounter } from './line-cells';

/** Counts as `liabilities` does: the lines of accounts, and the parts of their wallets. */
export function liabilitiesCounter(measures: readonly Measure[]): LineCounter {
  const count = (question: Question, counts: readonly (readonly [string, Decimal, Decimal])[]): Sums | undefined => {
    const grouping = new Grouping(question);
    const sums = new Sums();
    for (const [ledgerAccount, balance, taken] of counts) {
      const counted = countedOf({ ledgerAccount });
      if (counted && grouping.valuesOf(() => counted.account)) counted.count(sums, balance, taken);
    }
    return sums.isZero(measures) ? undefined : sums;
  };
  return {
    needsParts: true,
    booked: (question, legs) =>
      count(
        question,
        legs.map(({ ledgerAccount, amount }) => [ledgerAccount, amount, zero] as const),
      ),
    taken: (question, { ledgerAccount }, amount) => count(question, [[ledgerAccount, zero, amount]]),
  };
}

/** Measures of a line of the trial balance, by their places. */
const line = { debit: 0, credit: 1, balance: 2 } as const;

/** Counts what stands on one line of the trial balance, or on all that a control line adds up. */
export const trialBalanceCounter: LineCounter = {
  needsParts: false,
  booked: (question, legs) => onLine(question, legs),
  taken: (question, { ledgerAccount, commodity }, amount) => {
    const goesTo = takenTo(ledgerAccount);
    const legs: Posting[] = [{ ledgerAccount, commodity, amount }];
    if (goesTo !== undefined) legs.push({ ledgerAccount: goesTo, commodity, amount: negate(amount) });
    return onLine(question, legs);
  },
};

function onLine(question: Question, legs: readonly Posting[]): Sums | undefined {
  const grouping = new Grouping(question);
  const sums = new Sums();
  let isOnIt = false;
  for (const { ledgerAccount, commodity, amount } of legs) {
    const names = [ledgerAccount, controlOf(ledgerAccount)];
    const isAsked = names.some(
      (name) => name !== undefined && grouping.valuesOf((dimension) => (dimension === 'commodity' ? commodity : name)),
    );
    if (!isAsked) continue;
    isOnIt = true;
    const isDebit = isPositive(amount);
    sums.add(isDebit ? line.debit : line.credit, isDebit ? amount : negate(amount));
    sums.add(line.balance, amount);
  }
  return isOnIt ? sums : undefined;
}
