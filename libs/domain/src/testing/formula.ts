import { add, decimal, multiply, one, subtract, toText, zero, type Decimal } from '../amount/decimal';

/** Evaluates a formula by its text alone; what stands in brackets is for the reader. */
export function evaluated(formula: string): Decimal {
  const tokens = formula.replaceAll(/\[[^\]]*\]/g, '').match(/[0-9.]+|[()×/+−]/g) ?? [];
  const sum = (): Decimal => {
    let total = product();
    while (tokens[0] === '+' || tokens[0] === '−') {
      total = tokens.shift() === '+' ? add(total, product()) : subtract(total, product());
    }
    return total;
  };
  const product = (): Decimal => {
    let total = atom();
    while (tokens[0] === '×' || tokens[0] === '/') {
      total = tokens.shift() === '×' ? multiply(total, atom()) : shifted(total, atom());
    }
    return total;
  };
  const atom = (): Decimal => {
    const next = tokens.shift();
    if (next !== '(') return next === undefined ? zero : decimal(next);
    const inner = sum();
    if (tokens.shift() !== ')') throw new Error(`a bracket is not closed: ${formula}`);
    return inner;
  };
  const total = sum();
  if (tokens.length > 0) throw new Error(`it goes on: ${tokens.join(' ')}`);
  return total;
}

/** Divides by a power of ten. */
function shifted(value: Decimal, divisor: Decimal): Decimal {
  if (!/^10*$/.test(toText(divisor))) throw new Error(`no power of ten: ${toText(divisor)}`);
  return multiply(value, { ...one, scale: toText(divisor).length - 1 });
}
