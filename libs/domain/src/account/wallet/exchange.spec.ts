import * as fc from 'fast-check';
import { convert, exchangeOf, rateText } from './exchange';
import { compare, decimal, multiply, negate, subtract, toText } from '../../amount/decimal';
import { published } from '../../testing/rulebooks';

const { rulebook } = published({
  fx: [
    { pair: 'USD/CNY', rate: '7.3' },
    { pair: 'USD/KRW', rate: '8192' },
  ],
});
const exchange = (from: string, to: string) => {
  const found = exchangeOf(rulebook, from, to);
  if (found === undefined) throw new Error(`no rate from ${from} to ${to}`);
  return found;
};

describe('an exchange', () => {
  it('goes either way round a pair, and nowhere else', () => {
    expect(convert(decimal('2'), exchange('USD', 'CNY'), rulebook.rounding)).toEqual(decimal('14.6'));
    expect(toText(convert(decimal('1'), exchange('CNY', 'USD'), rulebook.rounding))).toBe('0.136986');
    expect(toText(convert(decimal('0.123'), exchange('USD', 'USD'), rulebook.rounding))).toBe('0.123');
    expect(exchangeOf(rulebook, 'CNY', 'KRW')).toBeUndefined();
  });

  it('shows a rate exactly where it terminates, however long, else half-up to 12 places', () => {
    expect(rateText(exchange('USD', 'CNY'))).toBe('7.3');
    expect(rateText(exchange('CNY', 'USD'))).toBe('0.13698630137');
    expect(rateText(exchange('KRW', 'USD'))).toBe('0.0001220703125');
  });

  it('is off by no more than half of the last digit that is kept', () => {
    const half = decimal('0.0000005');
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 24n }), fc.integer({ min: 0, max: 12 }), (coefficient, scale) => {
        const paid = { coefficient, scale };
        const credited = convert(paid, exchange('CNY', 'USD'), rulebook.rounding);
        const error = subtract(multiply(credited, decimal('7.3')), paid);
        const bound = multiply(half, decimal('7.3'));
        expect(compare(error, bound)).toBeLessThanOrEqual(0);
        expect(compare(negate(error), bound)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
