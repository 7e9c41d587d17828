import fc from 'fast-check';
import { decimal, toText } from '@meterbook/domain/amount/decimal';
import { compareByCodePoint } from './code-points';
import type { Measure } from './declaration';
import { compareValues, Groups } from './groups';

const measures: readonly Measure[] = [
  { name: 'count', kind: 'count', description: '' },
  { name: 'amount', kind: 'amount', description: '' },
  { name: 'units', kind: 'amounts', description: '' },
];
const texts = fc.constantFrom('', 'a', 'ab', 'b', '\u{1f600}', '\ufffd', '\ud7ff', '\ue000', 'a\u{1f600}');

describe('the order of groups', () => {
  it('is by code point, as bytes of UTF-8 sort', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(Math.sign(compareByCodePoint(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it('puts what does not apply first', () => {
    const groups = [
      ['b', null],
      [null, 'z'],
      ['', 'a'],
      [null, null],
    ].sort(compareValues);
    expect(groups).toEqual([
      [null, null],
      [null, 'z'],
      ['', 'a'],
      ['b', null],
    ]);
  });
});

describe('groups that are put away', () => {
  const added = fc.tuple(fc.option(texts), fc.option(texts), fc.integer({ min: -3, max: 3 }));

  it('come to what they would have in memory, in the same order', () => {
    fc.assert(
      fc.property(fc.array(added, { maxLength: 60 }), fc.integer({ min: 0, max: 9 }), (all, maxHeld) => {
        const [held, some] = [new Groups(measures), new Groups(measures, maxHeld)];
        for (const groups of [held, some])
          for (const [one, other, amount] of all) {
            const sums = groups.of([one, other]);
            sums.count(0, amount);
            sums.add(1, decimal(`${amount * 11}`));
            sums.addTo(2, one ?? 'none', decimal(`${amount}`));
            groups.settle();
          }
        const told = (groups: Groups): unknown =>
          [...groups.inOrder()].map(({ values, sums }) => [
            values,
            sums.countOf(0),
            toText(sums.amountOf(1)),
            sums.amountsOf(2).map(([name, amount]) => [name, toText(amount)]),
          ]);
        expect(told(some)).toEqual(told(held));
        expect(told(some)).toEqual(told(held));
        for (const groups of [held, some]) groups.close();
      }),
      { numRuns: 100 },
    );
  });
});
