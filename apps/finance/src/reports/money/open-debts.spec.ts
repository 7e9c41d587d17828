import { decimal, toText } from '@meterbook/domain/amount/decimal';
import { OpenDebts } from './open-debts';

describe('what an account owes', () => {
  const shown = (debts: OpenDebts): (readonly [number, string])[] =>
    [...debts.shown()].map(({ occurred, shown }) => [occurred, toText(shown)] as const);
  const owing = (...occurred: readonly number[]): OpenDebts => {
    const debts = new OpenDebts();
    for (const [number, at] of occurred.entries()) debts.owe(`charge ${number}`, at, decimal('5'), true);
    return debts;
  };

  it('is paid the oldest first, in whatever order it was booked', () => {
    const debts = owing(30, 10, 20, 40);
    debts.settle(decimal('7'), true);
    expect(shown(debts)).toEqual([
      [30, '5'],
      [20, '3'],
      [40, '5'],
    ]);
  });

  it('is paid in the order of booking where two debts occurred at once', () => {
    const debts = new OpenDebts();
    debts.owe('first', 10, decimal('5'), true);
    debts.owe('second', 10, decimal('3'), true);
    debts.settle(decimal('4'), true);
    expect(shown(debts)).toEqual([
      [10, '1'],
      [10, '3'],
    ]);
  });

  it('is settled as it was booked: what comes later and is older stays open', () => {
    const debts = owing(30);
    debts.settle(decimal('5'), true);
    debts.owe('late', 10, decimal('5'), true);
    expect(shown(debts)).toEqual([[10, '5']]);
  });

  it('is taken back of the charge that is reversed, and then of the oldest', () => {
    const debts = owing(10, 20, 30);
    debts.settle(decimal('2'), true);
    debts.forgive('charge 2', decimal('6'), true);
    expect(shown(debts)).toEqual([
      [10, '2'],
      [20, '5'],
    ]);
  });

  it('is shown with what settled it only where the report is about that', () => {
    const debts = owing(10, 20);
    debts.settle(decimal('8'), false);
    debts.settle(decimal('1'), true);
    expect(shown(debts)).toEqual([
      [10, '5'],
      [20, '4'],
    ]);
  });
});
