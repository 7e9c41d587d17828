import type { AppliedPrice } from '../account/charging/events';
import type { Units } from '../usage/usage';

/** Units that a price per something counts, and what one of them is called. */
const meters = {
  request: ['requests'],
  second: ['seconds'],
  megapixel: ['width', 'height', 'images'],
  image: ['images'],
  unit: ['count'],
} as const;

/** How many units a price per something counted, as reported: `1024 [width] × 768 [height] / 1000000`. */
export function quantityText(price: AppliedPrice, units: Units): string {
  if (price.mode === 'token') return '';
  const names = meters[price.mode];
  const reported = names.flatMap((name) => (units[name] === undefined ? [] : [`${units[name]} [${name}]`]));
  if (price.mode === 'megapixel') return `${reported.join(' × ')} / 1000000`;
  return reported[0] ?? `${price.quantity ?? ''} [${names[0]}]`;
}
