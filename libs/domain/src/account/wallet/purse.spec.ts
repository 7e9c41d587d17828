import { decimal, toText, zero } from '../../amount/decimal';
import { MAX_LOTS_PER_DRAW } from './lots';
import { Purse } from './purse';
import type { Lot } from './wallet';

/** A purse over lots of 1 each that expire at these instants, in burn order. */
function purseOf(...expiries: readonly (number | null)[]): Purse {
  const burnOrder = expiries.map((expiresAt, lot): Lot => ({
    lot,
    kind: 'paid',
    id: 'r',
    occurredAt: 0,
    expiresAt,
    left: decimal('1'),
  }));
  const wallet = decimal(String(expiries.length));
  return new Purse({ lots: burnOrder, burnOrder, wallet, receivable: zero, payments: null });
}

const draw = (purse: Purse, amount: string, atMs: number, mayDrawWallet = true) => {
  const { lots, owed, limitedBy } = purse.draw(decimal(amount), atMs, mayDrawWallet);
  return { lots, owed: toText(owed), limitedBy };
};
const paid = (...lots: readonly (readonly [number, string])[]) => ({ lots, owed: '0', limitedBy: undefined });

describe('a purse', () => {
  it('takes nothing more from a lot that is used up, whatever stands before it', () => {
    const purse = purseOf(5, 9, null);
    expect(draw(purse, '1', 7)).toEqual(paid([1, '1']));
    expect(draw(purse, '2', 1)).toEqual(paid([0, '1'], [2, '1']));
    expect(draw(purse, '1', 1)).toEqual({ lots: undefined, owed: '1', limitedBy: 'insufficient_credits' });
    expect([toText(purse.wallet), toText(purse.receivable)]).toEqual(['0', '1']);
  });

  it('says that it may not be drawn only where there was something to draw', () => {
    const purse = purseOf(5, 9, null);
    const owing = (limitedBy: string) => ({ lots: undefined, owed: '1', limitedBy });
    expect(draw(purse, '1', 1, false)).toEqual(owing('pay_as_you_go_off'));
    expect(draw(purse, '1', 7)).toEqual(paid([1, '1']));
    // What is left is the first lot, which serves no more, and the last.
    expect(draw(purse, '1', 7, false)).toEqual(owing('pay_as_you_go_off'));
    expect(draw(purse, '1', 7)).toEqual(paid([2, '1']));
    expect(draw(purse, '1', 7, false)).toEqual(owing('insufficient_credits'));
    expect(draw(purse, '1', 1, false)).toEqual(owing('pay_as_you_go_off'));
  });

  it('gives no more lots to one charge than an event holds, and the others to the next', () => {
    const purse = purseOf(...Array.from({ length: MAX_LOTS_PER_DRAW + 1 }, () => null));
    const { lots, owed, limitedBy } = draw(purse, String(MAX_LOTS_PER_DRAW + 1), 0);
    expect([lots?.length, owed, limitedBy]).toEqual([MAX_LOTS_PER_DRAW, '1', 'insufficient_credits']);
    expect(draw(purse, '1', 0)).toEqual(paid([MAX_LOTS_PER_DRAW, '1']));
  });
});
