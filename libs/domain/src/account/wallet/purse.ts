import type { Decimal } from '../../amount/decimal';
import { add, compare, isPositive, isZero, subtract, toText, zero } from '../../amount/decimal';
import type { LotAmount } from './events';
import { firstServing, MAX_LOTS_PER_DRAW } from './lots';
import type { Lot, Wallet } from './wallet';

/** What paid a charge. */
export interface Draw {
  /** Undefined where the wallet gave nothing. */
  readonly lots: LotAmount[] | undefined;
  /** What no source covered; zero where all is paid. */
  readonly owed: Decimal;
  /** What first kept a source from paying. */
  readonly limitedBy: 'pay_as_you_go_off' | 'insufficient_credits' | undefined;
}

const nothing: Draw = { lots: undefined, owed: zero, limitedBy: undefined };

/**
 * A wallet while a batch of charges is decided: what each charge draws counts for the next, and the wallet itself
 * is not touched. Only what was drawn is kept, so that a purse of many lots costs nothing to open.
 */
export class Purse {
  private readonly burnOrder: readonly Lot[];
  /** What is left of the lots that were drawn on, by their place in burn order. */
  private readonly left: Decimal[] = [];
  /** Lots before this place are used up. */
  private first = 0;
  /** What the last `take` could not take. */
  uncovered: Decimal = zero;
  wallet: Decimal;
  receivable: Decimal;

  constructor({ burnOrder, wallet, receivable }: Wallet) {
    this.burnOrder = burnOrder;
    this.wallet = wallet;
    this.receivable = receivable;
  }

  /** Pays an amount for usage that occurred at an instant: from the lots that serve it where the wallet may be drawn; the rest is owed. */
  draw(amount: Decimal, atMs: number, mayDrawWallet: boolean): Draw {
    if (isZero(amount)) return nothing;
    const lots = mayDrawWallet ? this.take(amount, atMs) : undefined;
    const rest = mayDrawWallet ? this.uncovered : amount;
    if (isZero(rest)) return { lots, owed: zero, limitedBy: undefined };
    return { lots, owed: rest, limitedBy: this.owe(rest, atMs, mayDrawWallet) };
  }

  /** Takes an amount from the lots that serve an instant, `MAX_LOTS_PER_DRAW` at most; undefined where none does. What it could not take is `uncovered`. */
  take(amount: Decimal, atMs: number): LotAmount[] | undefined {
    let lots: LotAmount[] | undefined;
    let rest = amount;
    for (let place = firstServing(this.burnOrder, atMs, this.first); !isZero(rest); place++) {
      const lot = this.burnOrder[place];
      if (lot === undefined || (lots !== undefined && lots.length >= MAX_LOTS_PER_DRAW)) break;
      const left = this.left[place] ?? lot.left;
      if (!isPositive(left)) continue;
      const taken = compare(left, rest) <= 0 ? left : rest;
      this.left[place] = subtract(left, taken);
      rest = subtract(rest, taken);
      const given: LotAmount = [lot.lot, toText(taken)];
      if (lots === undefined) lots = [given];
      else lots.push(given);
    }
    this.wallet = subtract(this.wallet, subtract(amount, rest));
    this.skipEmptied();
    this.uncovered = rest;
    return lots;
  }

  /** Books what no source covered as owed, and says what kept the wallet from paying it. */
  owe(rest: Decimal, atMs: number, mayDrawWallet: boolean): NonNullable<Draw['limitedBy']> {
    this.receivable = add(this.receivable, rest);
    return !mayDrawWallet && this.hasMoneyAt(atMs) ? 'pay_as_you_go_off' : 'insufficient_credits';
  }

  private hasMoneyAt(atMs: number): boolean {
    for (let place = firstServing(this.burnOrder, atMs, this.first); place < this.burnOrder.length; place++) {
      if (isPositive(this.left[place] ?? zero) || this.left[place] === undefined) return true;
    }
    return false;
  }

  private skipEmptied(): void {
    for (let left = this.left[this.first]; left !== undefined && isZero(left); left = this.left[this.first]) {
      this.first++;
    }
  }
}
