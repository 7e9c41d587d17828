import { sourceOf } from '../account/charging/charged-factor';
import type { AppliedPrice, KindMultiple } from '../account/charging/events';
import { unitOf } from '../rulebook/token-kinds';
import type { Units } from '../usage/usage';
import { quantityText } from './explain-quantity';
import type { Explainable } from './explainable';
import { countOf } from './quantity';

/** The formula of a charge from before the rules of rating were counted: whatever was added up was multiplied by every factor. */
export function explainFirst(charge: Explainable): string {
  const { price, factors, units } = charge;
  const base = [
    priced(price, units),
    ...(price.extras ?? []).map(([name, count, each]) => `${count} × ${each} [${name}]`),
  ];
  const sum = base.join(' + ');
  return [
    factors.length > 0 && (base.length > 1 || price.mode === 'token') ? `(${sum})` : sum,
    ...factors.map((factor) => `${factor[1]} [${factor[0]} ${sourceOf(factor, charge)}]`),
  ].join(' × ');
}

function priced(price: AppliedPrice, units: Units): string {
  const of = [price.ofChannel ? 'channel price' : '', price.band ?? ''].filter((part) => part !== '');
  const label = of.length > 0 ? ` [${of.join(', ')}]` : '';
  if (price.mode !== 'token') return `${quantityText(price, units)} × ${price.unit ?? ''}${label}`;
  const exclusive = price.tokenCounts === 'exclusive';
  const input = tokens(units, 'input', price.adjustedInput, price.inputMultiples ?? [], exclusive);
  const output = tokens(units, 'output', price.adjustedOutput, price.outputMultiples ?? [], false);
  const per = price.per === 1 ? '' : ` / ${price.per ?? ''}`;
  return `${input}${per} × ${price.input ?? ''} + ${output}${per} × ${price.output ?? ''}${label}`;
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
