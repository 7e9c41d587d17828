import fc from 'fast-check';
import {
  add,
  compare,
  decimal,
  divide,
  fromInteger,
  isNegative,
  isPositive,
  isZero,
  max,
  min,
  multiply,
  negate,
  one,
  parseDecimal,
  powerOfTen,
  round,
  subtract,
  toText,
  zero,
  type Decimal,
  type RoundingMode,
} from './decimal';

const decimals: fc.Arbitrary<Decimal> = fc.record({
  coefficient: fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
  scale: fc.integer({ min: 0, max: 70 }),
});
/** Few digits, so that middles and whole numbers are frequent. */
const short: fc.Arbitrary<Decimal> = fc.record({
  coefficient: fc.bigInt({ min: -3000n, max: 3000n }),
  scale: fc.integer({ min: 0, max: 4 }),
});
const modes: fc.Arbitrary<RoundingMode> = fc.constantFrom('half-up', 'half-even', 'up', 'down');

function same(a: Decimal, b: Decimal): void {
  expect(toText(a)).toBe(toText(b));
  expect(compare(a, b)).toBe(0);
}

describe('arithmetic on decimals', () => {
  it('is that of a commutative ring', () => {
    fc.assert(
      fc.property(decimals, decimals, decimals, (a, b, c) => {
        same(add(a, b), add(b, a));
        same(add(add(a, b), c), add(a, add(b, c)));
        same(multiply(a, b), multiply(b, a));
        same(multiply(multiply(a, b), c), multiply(a, multiply(b, c)));
        same(multiply(a, add(b, c)), add(multiply(a, b), multiply(a, c)));
        same(add(a, zero), a);
        same(multiply(a, one), a);
        same(add(a, negate(a)), zero);
        same(subtract(a, b), add(a, negate(b)));
      }),
    );
  });

  it.each([
    [toText(add(decimal('0.1'), decimal('0.2'))), '0.3'],
    [toText(subtract(decimal('1'), decimal('0.999999999999'))), '0.000000000001'],
    [toText(multiply(decimal('-0.03'), decimal('1.5'))), '-0.045'],
    [
      toText(multiply(decimal('999999999999999999'), decimal('999999999999999999'))),
      '999999999999999998000000000000000001',
    ],
  ])('is exact: %s', (actual, expected) => {
    expect(actual).toBe(expected);
  });

  it('orders values whatever their scales', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        const difference = subtract(a, b);
        expect([compare(a, b) < 0, compare(a, b) > 0, compare(a, b) === 0]).toEqual([
          isNegative(difference),
          isPositive(difference),
          isZero(difference),
        ]);
        same(add(min(a, b), max(a, b)), add(a, b));
        expect(compare(min(a, b), max(a, b))).toBeLessThanOrEqual(0);
      }),
    );
    expect(compare(decimal('1.5'), { coefficient: 1500n, scale: 3 })).toBe(0);
    expect(compare(decimal('-2'), decimal('1'))).toBe(-1);
  });
});

describe('the text of a decimal', () => {
  it('comes back as the same value, canonical at whatever scale it stood', () => {
    fc.assert(
      fc.property(decimals, fc.integer({ min: 0, max: 9 }), (value, zeros) => {
        const padded = { coefficient: value.coefficient * powerOfTen(zeros), scale: value.scale + zeros };
        const text = toText(padded);
        same(decimal(text), value);
        expect(text).toBe(toText(value));
        expect(text).toMatch(/^(0|-?([1-9]\d*|0(?=\.))(\.\d*[1-9])?)$/);
      }),
    );
  });

  it.each([
    [0n, 5, '0'],
    [-0n, 0, '0'],
    [1200n, 2, '12'],
    [1250n, 2, '12.5'],
    [-5n, 1, '-0.5'],
    [-5n, 3, '-0.005'],
    [100n, 0, '100'],
    [1n, 70, `0.${'0'.repeat(69)}1`],
  ])('of %s at scale %d is %s', (coefficient, scale, text) => {
    expect(toText({ coefficient, scale })).toBe(text);
  });
});

const canonicalSpellings = [
  '0',
  '12.5',
  '-3',
  '-0.5',
  '0.000000000001',
  '999999999999999999.999999999999',
  '-999999999999999999',
];

const otherSpellings = [
  '10.00', '+5', '007', '-0', '1e3', '', ' ', ' 1', '1 ', '1\n', '-', '.', '.5', '5.', '0.', '-.5', '0.0', '-0.0', '1.50', '00', '-01',
  '01.5', '--1', '1.2.3', '1,5', '1_000', '0x10', '1E3', 'Infinity', 'NaN', '١٢', '１', '−3', '1/2', '$5', 'null',
]; // prettier-ignore

describe('reading a decimal', () => {
  it.each(canonicalSpellings)('takes %s and gives it back', (text) => {
    expect(toText(decimal(text))).toBe(text);
    expect(parseDecimal(text)).toEqual(decimal(text));
  });

  it.each(otherSpellings)('refuses the spelling %j', (text) => {
    expect(() => decimal(text)).toThrow('not a canonical decimal');
    expect(parseDecimal(text)).toBeUndefined();
  });

  it.each([
    [5],
    [0],
    [12.5],
    [5n],
    [null],
    [undefined],
    [true],
    [['5']],
    [{}],
    [{ toString: () => '5' }],
    [Object('5')],
  ])('refuses %p, which is no text', (value) => {
    expect(parseDecimal(value)).toBeUndefined();
  });

  it.each(['1000000000000000000', '-1000000000000000000', '0.0000000000001', '1.0000000000001', '9'.repeat(5_000_000)])(
    'takes no more than 18 integer and 12 fraction digits from outside',
    (text) => {
      expect(parseDecimal(text)).toBeUndefined();
    },
  );

  it('takes any length that is ours', () => {
    const text = `-${'9'.repeat(60)}.${'1'.repeat(60)}`;
    expect(toText(decimal(text))).toBe(text);
  });

  it('accepts exactly the canonical texts among all that look like one', () => {
    const digits = fc.string({ unit: fc.constantFrom('0', '1', '9'), maxLength: 3 });
    const texts = fc
      .tuple(fc.constantFrom('', '-', '+'), digits, fc.constantFrom('', '.'), digits)
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, (text) => {
        const wellFormed = /^-?\d+(\.\d+)?$/.test(text);
        // An independent spelling of what canonical means: a float of few digits prints itself canonically, but for -0.
        const isCanonical = wellFormed && String(Number(text)) === text && text !== '-0';
        expect(parseDecimal(text) !== undefined).toBe(isCanonical);
      }),
      { numRuns: 3000 },
    );
  });

  it('makes decimals of safe whole numbers only', () => {
    expect(toText(fromInteger(-0))).toBe('0');
    expect(toText(fromInteger(-42))).toBe('-42');
    for (const value of [0.5, Number.NaN, Infinity, 2 ** 53])
      expect(() => fromInteger(value)).toThrow('not a safe integer');
  });
});

/** Rounds |n| / d by looking at both neighbours, and gives the sign back. */
function roundedByNeighbours(n: bigint, d: bigint, mode: RoundingMode): bigint {
  const negative = n < 0n !== d < 0n;
  const [size, divisor] = [n < 0n ? -n : n, d < 0n ? -d : d];
  const below = (size - (size % divisor)) / divisor;
  const above = below + 1n;
  const toBelow = size - below * divisor;
  const toAbove = above * divisor - size;
  const nearest =
    toBelow < toAbove ? below : toAbove < toBelow ? above : mode === 'half-up' || below % 2n === 1n ? above : below;
  const picked = mode === 'down' || toBelow === 0n ? below : mode === 'up' ? above : nearest;
  return negative ? -picked : picked;
}

describe('rounding', () => {
  it.each([
    ['half-up', ['0.5', '1'], ['-0.5', '-1'], ['1.5', '2'], ['2.5', '3'], ['-2.5', '-3'], ['2.4999', '2']],
    [
      'half-even',
      ['0.5', '0'],
      ['-0.5', '0'],
      ['1.5', '2'],
      ['2.5', '2'],
      ['-2.5', '-2'],
      ['-1.5', '-2'],
      ['2.5001', '3'],
    ],
    ['up', ['0.1', '1'], ['-0.1', '-1'], ['2', '2'], ['2.5', '3']],
    ['down', ['0.9', '0'], ['-0.9', '0'], ['2', '2'], ['-2.5', '-2']],
  ] as const)('%s gives what finance expects of it', (mode, ...cases: readonly (readonly [string, string])[]) => {
    for (const [value, expected] of cases) expect(toText(round(decimal(value), { scale: 0, mode }))).toBe(expected);
  });

  it('picks the right neighbour in every mode', () => {
    fc.assert(
      fc.property(fc.oneof(short, decimals), fc.integer({ min: 0, max: 9 }), modes, (value, scale, mode) => {
        const rounded = round(value, { scale, mode });
        const n = value.coefficient * powerOfTen(scale);
        same(rounded, { coefficient: roundedByNeighbours(n, powerOfTen(value.scale), mode), scale });
      }),
      { numRuns: 2000 },
    );
  });

  it('changes nothing that has few enough digits', () => {
    fc.assert(
      fc.property(short, modes, (value, mode) => {
        same(round(value, { scale: 4, mode }), value);
      }),
    );
  });
});

describe('division', () => {
  it('rounds the exact quotient once, in every mode and for every sign', () => {
    const divisors = fc.oneof(short, decimals).filter((value) => !isZero(value));
    fc.assert(
      fc.property(fc.oneof(short, decimals), divisors, fc.integer({ min: 0, max: 9 }), modes, (a, b, scale, mode) => {
        const n = a.coefficient * powerOfTen(b.scale + scale);
        const d = b.coefficient * powerOfTen(a.scale);
        same(divide(a, b, { scale, mode }), { coefficient: roundedByNeighbours(n, d, mode), scale });
      }),
      { numRuns: 2000 },
    );
  });

  it('throws on zero', () => {
    expect(() => divide(one, { coefficient: 0n, scale: 3 }, { scale: 2, mode: 'down' })).toThrow('division by zero');
  });
});
