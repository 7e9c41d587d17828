import { toText } from '../amount/decimal';
import { countOf, quantityOf } from './quantity';

describe('a count', () => {
  it('is what was reported, and 0 where nothing was', () => {
    expect([countOf(7), countOf(0), countOf(undefined)]).toEqual([7, 0, 0]);
  });

  it.each(['7', 0.5, Number.NaN, 2 ** 53])('is no number but a whole one: %p', (unit) => {
    expect(() => countOf(unit)).toThrow(`not a whole number: ${unit}`);
  });
});

describe('a quantity', () => {
  it.each([
    ['7.5', '7.5'],
    [7.5, '7.5'],
    [7, '7'],
    ['7', '7'],
  ])('is exactly what was reported: %p is %s', (unit, exact) => {
    expect(toText(quantityOf(unit))).toBe(exact);
  });

  it('is no number that is not exact', () => {
    expect(() => quantityOf(2 ** 53)).toThrow('not a safe integer');
    expect(() => quantityOf(Number.NaN)).toThrow();
  });
});
