import fc from 'fast-check';
import { add, decimal, toText, zero } from './decimal';
import { ExactSum } from './exact-sum';

const amounts = fc
  .tuple(fc.bigInt({ min: -(10n ** 32n), max: 10n ** 32n }), fc.nat(14), fc.nat(32))
  .map(([coefficient, scale, fewer]) => toText({ coefficient: coefficient / 10n ** BigInt(fewer), scale }));

describe('an exact sum', () => {
  it('is what its decimals come to one by one, however many and large they are', () => {
    fc.assert(
      fc.property(fc.array(amounts, { maxLength: 60 }), (texts) => {
        const sum = new ExactSum();
        for (const text of texts) sum.add(text);
        const expected = toText(texts.map(decimal).reduce(add, zero));
        expect(toText(sum.value())).toBe(expected);
        expect(toText(sum.value())).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('does not lose a unit where whole numbers would', () => {
    const sum = new ExactSum();
    for (let i = 0; i < 100; i++) sum.add('999999999999999');
    sum.add('-0.000000000001');
    expect(toText(sum.value())).toBe('99999999999999899.999999999999');
  });
});
