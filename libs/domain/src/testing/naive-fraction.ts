/** An exact fraction, never reduced. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

/** Of a decimal text or a number without an exponent. */
export function fraction(value: string | number): Fraction {
  const [whole = '', digits = ''] = String(value).split('.');
  return { n: BigInt(whole + digits), d: 10n ** BigInt(digits.length) };
}

export function plus(...values: readonly Fraction[]): Fraction {
  return values.reduce((a, b) => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d }));
}

export function times(...values: readonly Fraction[]): Fraction {
  return values.reduce((a, b) => ({ n: a.n * b.n, d: a.d * b.d }));
}

/** The decimal text of a fraction that has one. */
export function sameText({ n, d }: Fraction): string {
  let scale = 0;
  let numerator = n;
  while (numerator % d !== 0n) {
    if (++scale > 1000) throw new Error(`${n}/${d} has no end`);
    numerator *= 10n;
  }
  return decimalText(numerator / d, scale);
}

/** Rounded once; no amount here is below zero. */
export function roundedText(
  { n, d }: Fraction,
  { scale, mode }: { readonly scale: number; readonly mode: string },
): string {
  const numerator = n * 10n ** BigInt(scale);
  const down = numerator / d;
  const twice = (numerator % d) * 2n;
  const isUp =
    (mode === 'up' && twice > 0n) ||
    (mode === 'half-up' && twice >= d) ||
    (mode === 'half-even' && (twice > d || (twice === d && down % 2n === 1n)));
  return decimalText(isUp ? down + 1n : down, scale);
}

function decimalText(coefficient: bigint, scale: number): string {
  const digits = String(coefficient).padStart(scale + 1, '0');
  const text = `${digits.slice(0, digits.length - scale)}.${digits.slice(digits.length - scale)}`;
  return text.replace(/\.?0*$/, '');
}
