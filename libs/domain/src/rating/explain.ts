import { sourceOf, type ChargedFor } from '../account/charging/charged-factor';
import type { AppliedPrice, ChargedFactor, KindMultiple } from '../account/charging/events';
import type { Units } from '../usage/usage';
import { countOf } from './quantity';
import { unitOf } from '../rulebook/token-kinds';

/** What a stored charge holds of its derivation. Amounts are canonical strings. */
export interface Explainable extends ChargedFor {
  readonly price: AppliedPrice;
  readonly factors: readonly ChargedFactor[];
  /** Left out where it equals `amount`. */
  readonly unrounded?: string | undefined;
  readonly amount: string;
  readonly currency: string;
  readonly units: Units;
}

/**
 * The formula of a charge with its numbers in one line; what a number is stands behind it in brackets. It needs nothing but
 * the charge, so it reads the same when the rules have long changed.
 */
export function explain(charge: Explainable): string {
  const { price, factors, unrounded, amount, currency, units } = charge;
  const base = [
    priced(price, units),
    ...(price.extras ?? []).map(([name, count, each]) => `${count} × ${each} [${name}]`),
  ];
  const sum = base.join(' + ');
  const product = [
    factors.length > 0 && (base.length > 1 || price.mode === 'token') ? `(${sum})` : sum,
    ...factors.map((factor) => `${factor[1]} [${factor[0]} ${sourceOf(factor, charge)}]`),
  ].join(' × ');
  const exact = unrounded ?? amount;
  return `${product} = ${exact === amount ? '' : `${exact} ≈ `}${amount} ${currency}`;
}

function priced(price: AppliedPrice, units: Units): string {
  const of = [price.ofChannel ? 'channel price' : '', price.band ?? ''].filter((part) => part !== '');
  const label = of.length > 0 ? ` [${of.join(', ')}]` : '';
  if (price.mode !== 'token') return `${quantity(price, units)} × ${price.unit ?? ''}${label}`;
  const exclusive = price.tokenCounts === 'exclusive';
  const input = tokens(units, 'input', price.adjustedInput, price.inputMultiples ?? [], exclusive);
  const output = tokens(units, 'output', price.adjustedOutput, price.outputMultiples ?? [], false);
  const per = price.per === 1 ? '' : ` / ${price.per ?? ''}`;
  return `${input}${per} × ${price.input ?? ''} + ${output}${per} × ${price.output ?? ''}${label}`;
}

/** Units that a price per something counts, and what one of them is called. */
const meters = {
  request: ['requests'],
  second: ['seconds'],
  megapixel: ['width', 'height', 'images'],
  image: ['images'],
  unit: ['count'],
} as const;

function quantity(price: AppliedPrice, units: Units): string {
  if (price.mode === 'token') return '';
  const names = meters[price.mode];
  const reported = names.flatMap((name) => (units[name] === undefined ? [] : [`${units[name]} [${name}]`]));
  if (price.mode === 'megapixel') return `${reported.join(' × ')} / 1000000`;
  return reported[0] ?? `${price.quantity ?? ''} [${names[0]}]`;
}

function tokens(
  units: Units,
  side: 'input' | 'output',
  adjusted: string | undefined,
  multiples: readonly KindMultiple[],
  exclusive: boolean,
): string {
  const reported = countOf(units[unitOf(side)]);
  if (multiples.length === 0) return `${reported} [${side}]`;
  const kinds = multiples.map(([kind, multiple]) => ({ kind, multiple, count: countOf(units[unitOf(kind)]) }));
  const special = kinds.reduce((sum, { count }) => sum + count, 0);
  const added = kinds.map(({ kind, multiple, count }) => ` + ${count} × ${multiple} [${kind}]`).join('');
  const less = kinds.map(({ count }) => ` − ${count}`).join('');
  const plain = exclusive
    ? `${reported} [${side}]`
    : special > reported
      ? `0 [${side}]`
      : `${reported} [${side}]${less}`;
  return `(${plain}${added} = ${adjusted ?? reported})`;
}
