import { decimal, multiply, one, toText, type Decimal } from '../amount/decimal';
import type { UnitPrice } from '../rulebook/rulebook';
import type { Units } from '../usage/usage';
import { addExtras } from './extras';
import { quantityOf } from './quantity';
import type { PriceDraft, Tariff } from './tariff';

interface Meter {
  readonly needed: readonly string[];
  /** A unit that counts as 1 where it is absent. */
  readonly optional: readonly string[];
}

const meters: Readonly<Record<UnitPrice['mode'], Meter>> = {
  request: { needed: [], optional: ['requests'] },
  second: { needed: ['seconds'], optional: [] },
  megapixel: { needed: ['width', 'height'], optional: ['images'] },
  image: { needed: ['images'], optional: [] },
  unit: { needed: ['count'], optional: [] },
};

const millionth = decimal('0.000001');

/** Makes a price per request, second, megapixel, image or other unit ready for use. */
export function unitTariff(price: UnitPrice): Tariff {
  const { needed, optional } = meters[price.mode];
  const factors = [...needed, ...optional];
  const unit = toText(price.unit);

  /** Megapixels are the one quantity that is not a product of what was reported. */
  const quantity = (units: Units): Decimal => {
    let product = price.mode === 'megapixel' ? millionth : one;
    for (const name of factors) {
      const reported = units[name];
      if (reported !== undefined) product = multiply(product, quantityOf(reported));
    }
    return product;
  };

  return {
    knownUnits: [...factors, ...price.extras.keys()],
    neededUnits: needed,
    base: (units) => addExtras(multiply(quantity(units), price.unit), price.extras, units, null),
    measure: (units) => {
      const measured = quantity(units);
      const applied: PriceDraft = { mode: price.mode, unit };
      const [reported] = factors.length === 1 ? factors.map((name) => units[name]) : [];
      if (reported === undefined) applied.quantity = toText(measured);
      return { base: addExtras(multiply(measured, price.unit), price.extras, units, applied), applied };
    },
  };
}
