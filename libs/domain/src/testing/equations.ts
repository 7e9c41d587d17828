import { fraction, plus, times, type Fraction } from './naive-fraction';

/** One equation of a formula, worked out by its text alone. */
export interface Equation {
  /** What its left side comes to. */
  readonly left: Fraction;
  /** What it is said to come to: exactly, or rounded. */
  readonly right: string;
  readonly isExact: boolean;
  /** What stands behind the result. */
  readonly unit: string;
  readonly text: string;
}

/** The equations of a formula. */
export function equationsOf(formula: string): Equation[] {
  return withoutNotes(formula)
    .split('; ')
    .flatMap((text) => {
      const parts = /^(.*?) (=|≈) (-?[0-9.]+)(?: ≈ (-?[0-9.]+))?(?: (.*))?$/s.exec(text);
      if (!parts) throw new Error(`no equation: ${text}`);
      const [, left = '', sign, right = '', rounded, unit = ''] = parts;
      const first = { left: new Side(left).value(), right, isExact: sign === '=', unit, text };
      return rounded === undefined
        ? [first]
        : [first, { ...first, left: fraction(right), right: rounded, isExact: false }];
    });
}

/** Digits that a term which was itself rounded, to twelve digits, leaves to be compared. */
const MOST_DIGITS = 9;

/** Whether the left side comes to the right one: exactly, or but for what lies behind its last digit. */
export function holds({ left, right, isExact }: Equation): boolean {
  const difference = plus(left, times(fraction('-1'), fraction(right)));
  if (isExact) return difference.n === 0n;
  const digits = Math.min(right.split('.')[1]?.length ?? 0, MOST_DIGITS);
  const size = difference.n < 0n ? -difference.n : difference.n;
  return size * 10n ** BigInt(digits) < difference.d;
}

/** What stands in brackets is for the reader. */
function withoutNotes(text: string): string {
  return text.replaceAll(/ \[[^\]]*\]/g, '');
}

/** A side of an equation while it is read from its left. */
class Side {
  private readonly tokens: string[];

  constructor(private readonly text: string) {
    this.tokens = text.match(/min|max|-?[0-9.]+|[(),×/+−]/g) ?? [];
  }

  value(): Fraction {
    const value = this.sum();
    if (this.tokens.length > 0) throw new Error(`it goes on at ${this.tokens.join(' ')}: ${this.text}`);
    return value;
  }

  private sum(): Fraction {
    let total = this.product();
    for (let sign = this.tokens[0]; sign === '+' || sign === '−'; sign = this.tokens[0]) {
      this.tokens.shift();
      total = plus(total, sign === '+' ? this.product() : times(fraction('-1'), this.product()));
    }
    return total;
  }

  private product(): Fraction {
    let total = this.atom();
    for (let sign = this.tokens[0]; sign === '×' || sign === '/'; sign = this.tokens[0]) {
      this.tokens.shift();
      const next = this.atom();
      total = times(total, sign === '×' ? next : { n: next.d, d: next.n });
    }
    return total;
  }

  private atom(): Fraction {
    const next = this.tokens.shift() ?? '';
    if (next === 'min' || next === 'max') return this.extreme(next);
    if (next !== '(') return fraction(next);
    const inner = this.sum();
    this.expect(')');
    return inner;
  }

  private extreme(which: 'min' | 'max'): Fraction {
    this.expect('(');
    let best = this.sum();
    while (this.tokens[0] === ',') {
      this.tokens.shift();
      const other = this.sum();
      const isLess = other.n * best.d < best.n * other.d;
      if (isLess === (which === 'min')) best = other;
    }
    this.expect(')');
    return best;
  }

  private expect(token: string): void {
    if (this.tokens.shift() !== token) throw new Error(`${token} is missing: ${this.text}`);
  }
}
