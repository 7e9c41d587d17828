import type { AppliedPrice } from '../account/charging/events';
import { decimal, multiply, one, toText, type Decimal } from '../amount/decimal';
import type { ByName, UnitBand, UnitPrice } from '../rulebook/price';
import type { ZoneClock } from '../time/zone-clock';
import type { Units } from '../usage/usage';
import type { Fields } from './conditions';
import { extrasOf, extrasOfRows, sumOfExtras } from './extras';
import { countOf, quantityOf } from './quantity';
import { Rows } from './rows';
import type { PriceDraft, Tariff } from './tariff';
import { windowTerms } from './windows';

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

/** The price of one row, or of the base, made ready for use. */
interface UnitRow {
  readonly unit: Decimal;
  readonly extras: ByName;
  readonly applied: AppliedPrice;
}

function unitRow(price: UnitPrice, band: UnitBand | null, told: string | null): UnitRow {
  const unit = band?.unit ?? price.unit;
  const applied: PriceDraft = { mode: price.mode, unit: toText(unit) };
  if (told !== null) applied.band = told;
  return { unit, extras: extrasOf(price.extras, band?.extras), applied };
}

/** Makes a price per request, second, megapixel, image or other unit ready for use. */
export function unitTariff(price: UnitPrice, clocks: Map<string, ZoneClock>): Tariff {
  const { needed, optional } = meters[price.mode];
  const factors = [...needed, ...optional];
  const rows = new Rows<UnitBand, UnitRow>(price.bands, (band, told) => unitRow(price, band, told));
  const ofRows = extrasOfRows(price.extras, price.bands);
  // Lengths are counted only where a row asks for them: elsewhere nobody would price them.
  const lengths = [
    ...(price.bands.some(({ conditions }) => conditions.prompt !== null) ? ['inputTokens'] : []),
    ...(price.bands.some(({ conditions }) => conditions.output !== null) ? ['outputTokens'] : []),
  ];

  const rowFor = (units: Units, fields: Fields): UnitRow =>
    rows.find(fields, countOf(units['inputTokens']), countOf(units['outputTokens']));

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
    knownUnits: [...factors, ...lengths, ...price.extras.keys(), ...ofRows],
    extrasOfRows: ofRows,
    neededUnits: needed,
    windows: windowTerms(price.windows, clocks),
    extrasAt: (units, fields) => rowFor(units, fields).extras,
    amount: (units, fields) => {
      const row = rowFor(units, fields);
      return { base: multiply(quantity(units), row.unit), extras: sumOfExtras(row.extras, units, null) };
    },
    measure: (units, fields) => {
      const row = rowFor(units, fields);
      const measured = quantity(units);
      const applied: PriceDraft = { ...row.applied };
      const [reported] = factors.length === 1 ? factors.map((name) => units[name]) : [];
      if (reported === undefined) applied.quantity = toText(measured);
      return { base: multiply(measured, row.unit), extras: sumOfExtras(row.extras, units, applied), applied };
    },
  };
}
