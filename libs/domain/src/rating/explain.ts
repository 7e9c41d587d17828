import { sourceOf } from '../account/charging/charged-factor';
import type { AppliedPrice, ChargedFactor, FactorName } from '../account/charging/events';
import { decimal, multiply, toText } from '../amount/decimal';
import { unitOf } from '../rulebook/token-kinds';
import type { Units } from '../usage/usage';
import { explainFirst } from './explain-first';
import { quantityText } from './explain-quantity';
import type { Explainable } from './explainable';
import { countOf } from './quantity';

/**
 * The formula of a charge with its numbers in one line, each kind of tokens at its price; what a number is stands behind it in
 * brackets. It needs nothing but the charge, so it reads the same when the rules have long changed.
 */
export function explain(charge: Explainable): string {
  const { rating, unrounded, amount, currency } = charge;
  const exact = unrounded ?? amount;
  const formula = rating === undefined ? explainFirst(charge) : formulaOf(charge);
  return `${formula} = ${exact === amount ? '' : `${exact} ≈ `}${amount} ${currency}`;
}

/** Factors of what was used; the others multiply extras too. */
const ofUsage: ReadonlySet<FactorName> = new Set<FactorName>(['field', 'window']);

function formulaOf(charge: Explainable): string {
  const { price, factors, units } = charge;
  const told = (factor: ChargedFactor) => `${factor[1]} [${factor[0]} ${sourceOf(factor, charge)}]`;
  const inner = factors.filter(([name]) => ofUsage.has(name)).map(told);
  const outer = factors.filter(([name]) => !ofUsage.has(name)).map(told);
  const extras = (price.extras ?? []).map(([name, count, each]) => `${count} [${name}] × ${each}`);
  const used = [`${priced(price, units)}${rowOf(price)}`, ...inner].join(' × ');
  const sum = [used, ...extras].join(' + ');
  return [extras.length > 0 && outer.length > 0 ? `(${sum})` : sum, ...outer].join(' × ');
}

function rowOf({ ofChannel, band }: AppliedPrice): string {
  const row = [ofChannel ? 'channel price' : '', band ?? ''].filter((part) => part !== '');
  return row.length > 0 ? ` [${row.join(', ')}]` : '';
}

function priced(price: AppliedPrice, units: Units): string {
  if (price.mode !== 'token') return `${quantityText(price, units)} × ${price.unit ?? ''}`;
  const terms = [...tokens(price, 'input', units), ...tokens(price, 'output', units)];
  const sum = terms.length > 0 ? terms : [`0 [input] × ${price.input ?? ''}`];
  const per = price.per === 1 ? '' : ` / ${price.per ?? ''}`;
  return sum.length > 1 ? `(${sum.join(' + ')})${per}` : `${sum[0] ?? ''}${per}`;
}

/** Each kind of a side at its price, the plain tokens first: what is left of those reported. */
function tokens(price: AppliedPrice, side: 'input' | 'output', units: Units): string[] {
  const sidePrice = price[side] ?? '0';
  const multiples = (price[`${side}Multiples`] ?? []).map(
    ([kind, multiple]) => [kind, toText(multiply(decimal(multiple), decimal(sidePrice)))] as const,
  );
  const kinds = [...multiples, ...(price[`${side}Prices`] ?? [])].map(([kind, each]) => ({
    count: countOf(units[unitOf(kind)]),
    kind,
    each,
  }));
  const terms = kinds.map(({ count, kind, each }) => `${count} [${kind}] × ${each}`);
  const reported = countOf(units[unitOf(side)]);
  const isPart = side === 'output' || price.tokenCounts !== 'exclusive';
  const special = isPart ? kinds.reduce((sum, { count }) => sum + count, 0) : 0;
  if (special >= reported) return terms;
  const less = isPart ? kinds.map(({ count, kind }) => ` − ${count} [${kind}]`).join('') : '';
  const plain = less === '' ? `${reported} [${side}]` : `(${reported} [${side}]${less})`;
  return [`${plain} × ${sidePrice}`, ...terms];
}
