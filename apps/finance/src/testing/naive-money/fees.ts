import type { Question } from '../../reports/grouped/question';
import { money, UNIT_DIGITS } from './amounts';
import type { Note, Piece } from './pieces';

export interface NaiveFee {
  readonly account: string;
  readonly plan: string;
  readonly price: bigint;
  readonly scale: number;
  readonly from: number;
  readonly to: number;
  readonly paid: number;
  switched: number;
  switchOccurred: number;
  credited: bigint;
}

/** The fees that were paid before an instant of the axis, and the switches made before it. */
export function feesBefore(instant: number, pieces: readonly Piece[]): NaiveFee[] {
  const fees: NaiveFee[] = [];
  for (const { account, when, occurred, event } of pieces) {
    if (!('period' in event) || when >= instant) continue;
    if (event.type === 'PlanSwitched') {
      for (const fee of fees) {
        if (fee.account !== account || fee.to <= occurred || fee.switched < Infinity) continue;
        const waits = fee.from > occurred;
        fee.switched = when;
        fee.switchOccurred = occurred;
        fee.credited = waits ? fee.price : money(event.credit) - money(event.proration.renewals ?? '0');
      }
    }
    const { plan, price, from, to, scale } = event.period;
    const terms = { account, plan, price: money(price), scale, from: Date.parse(from), to: Date.parse(to), paid: when };
    fees.push({ ...terms, switched: Infinity, switchOccurred: Infinity, credited: 0n });
  }
  return fees;
}

/** Exactly, and rounded down at the end. */
export function earnedAt({ price, scale, from, to, switchOccurred, credited }: NaiveFee, instant: number): bigint {
  if (instant >= switchOccurred) return price - credited;
  if (instant >= to) return price;
  if (instant <= from) return 0n;
  const step = 10n ** BigInt(UNIT_DIGITS - scale);
  return ((price * BigInt(instant - from)) / (BigInt(to - from) * step)) * step;
}

/** Fees by what of them is not earned yet. */
export function deferred({ from, end, derivedAt }: Question, pieces: readonly Piece[], note: Note): void {
  for (const [instant, sign] of [
    [from ?? -Infinity, -1n],
    [end ?? Infinity, 1n],
  ] as const)
    for (const fee of feesBefore(instant, pieces)) {
      const earned = earnedAt(fee, Math.min(instant, derivedAt));
      const { account, plan } = fee;
      note({ account, plan }, 'sold', sign * fee.price);
      note({ account, plan }, 'earned', sign * earned);
      note({ account, plan }, 'credited', sign * fee.credited);
      note({ account, plan }, sign < 0n ? 'opening' : 'closing', fee.price - earned - fee.credited);
    }
}
