import { compareLots, firstServing, MAX_LOTS_PER_DRAW, planDraw } from './lots';
import { decimal } from '../../amount/decimal';
import type { Lot } from './wallet';

function lot(number: number, more: Partial<Lot> = {}): Lot {
  return { lot: number, kind: 'paid', id: 'x', occurredAt: 5, expiresAt: null, left: decimal('1'), ...more };
}

describe('burn order', () => {
  const inOrder = [
    lot(9, { expiresAt: 10, occurredAt: 9 }),
    lot(8, { expiresAt: 11, kind: 'granted' }),
    lot(7, { kind: 'granted', occurredAt: 8 }),
    lot(6, { occurredAt: 4 }),
    lot(5, { id: 'a' }),
    lot(4, { id: 'b' }),
    lot(10, { id: 'b' }),
  ];

  it('goes by expiry, then granted before paid, then age, then id, then number', () => {
    expect([...inOrder].reverse().sort(compareLots)).toEqual(inOrder);
    for (const [index, one] of inOrder.entries()) {
      for (const other of inOrder.slice(index + 1)) {
        expect(compareLots(one, other)).toBeLessThan(0);
        expect(compareLots(other, one)).toBeGreaterThan(0);
      }
    }
  });
});

describe('the lots that serve an instant', () => {
  const order = [1, 2, 3, 4, 5, 6, 7].map((expiresAt) => lot(expiresAt, { expiresAt })).concat(lot(8));

  it('are those that expire later, found from any start', () => {
    for (let atMs = 0; atMs <= 9; atMs++) {
      for (let start = 0; start <= order.length; start++) {
        expect(firstServing(order, atMs, start)).toBe(Math.max(start, Math.min(atMs, 7)));
      }
    }
  });

  it('give an amount as far as they reach', () => {
    expect(planDraw(order, decimal('2.5'), 5)).toEqual({
      lots: [
        [6, '1'],
        [7, '1'],
        [8, '0.5'],
      ],
      drawn: { coefficient: 25n, scale: 1 },
    });
    expect(planDraw(order, decimal('9'), 7)).toEqual({ lots: [[8, '1']], drawn: decimal('1') });
    expect(planDraw(order, decimal('0'), 0).lots).toEqual([]);
  });

  it('give no more of them at once than an event holds', () => {
    const many = Array.from({ length: MAX_LOTS_PER_DRAW + 1 }, (_, number) => lot(number));
    const { lots, drawn } = planDraw(many, decimal('9999'), 0);
    expect([lots.length, drawn]).toEqual([MAX_LOTS_PER_DRAW, decimal(String(MAX_LOTS_PER_DRAW))]);
  });
});
