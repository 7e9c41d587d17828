import { decimal, subtract, zero, type Decimal } from '@meterbook/domain/amount/decimal';
import type { Clock } from '@meterbook/runtime/clock';
import type { FeeRow } from '../../projections/charges/fee-rows';
import { EarnedFee, feesOf } from '../charges/earned-fee';
import type { Question } from '../grouped/question';
import type { ReportSource } from '../grouped/source';
import type { Sums } from '../grouped/sums';

/** Fees by what of them is not earned yet, in the order of the measures: opening, sold, earned, credited, closing. */
export function deferredSource(clock: Clock): ReportSource {
  return async ({ database }, question, grouping, groups) => {
    for await (const rows of feesOf(database, question.platform, clock)) {
      for (const row of rows) {
        const values = grouping.valuesOf((dimension) => (dimension === 'plan' ? row.plan : row.account));
        if (values) addFee(groups.of(values), row, question);
      }
      groups.settle();
    }
  };
}

function addFee(sums: Sums, row: FeeRow, question: Question): void {
  const { opening, sold, earned, credited, closing } = movedOf(row, question);
  for (const [at, amount] of [opening, sold, earned, credited, closing].entries()) sums.add(at, amount);
}

/** What a fee adds to each of the measures. */
export function movedOf(
  row: FeeRow,
  question: Question,
): FeeThen & { readonly opening: Decimal; readonly closing: Decimal } {
  const before = openAt(row, question);
  const after = feeBefore(row, question.end ?? Infinity, question);
  const moved = (measure: keyof FeeThen): Decimal => subtract(after[measure], before[measure]);
  const movements = { sold: moved('sold'), earned: moved('earned'), credited: moved('credited') };
  return { ...movements, opening: open(before), closing: open(after) };
}

/** What had become of a fee when the report begins. */
export function openAt(row: FeeRow, question: Question): FeeThen {
  return feeBefore(row, question.from ?? -Infinity, question);
}

/** What was sold of a fee, earned and credited until some instant. */
export interface FeeThen {
  readonly sold: Decimal;
  readonly earned: Decimal;
  readonly credited: Decimal;
}

/** By the events before an instant of the report's axis, derived as of it. */
function feeBefore(row: FeeRow, instant: number, question: Question): FeeThen {
  const fee = new EarnedFee(row, question);
  return {
    sold: fee.paid < instant ? decimal(row.price) : zero,
    earned: fee.earnedBefore(instant),
    credited: fee.switched < instant && row.credited !== null ? decimal(row.credited) : zero,
  };
}

function open({ sold, earned, credited }: FeeThen): Decimal {
  return subtract(subtract(sold, earned), credited);
}
