import type { TokenPrice } from '../rulebook/price';
import type { Units } from '../usage/usage';
import type { ZoneClock } from '../time/zone-clock';
import type { Fields } from './conditions';
import { extrasOfRows, sumOfExtras } from './extras';
import { rowsOf } from './rows';
import type { PriceDraft, Tariff } from './tariff';
import { countTokens, kindsOf, type TokenCounts } from './token-counts';
import { adjust, sumOf, tokenRow, type TokenRow } from './token-row';
import { tellSide } from './token-told';
import { windowTerm } from './windows';

/** Makes a price per tokens ready for use. */
export function tokenTariff(price: TokenPrice, clocks: Map<string, ZoneClock>): Tariff {
  const inclusive = price.tokenCounts === 'inclusive';
  const kinds = kindsOf(price);
  const rows = rowsOf(price.bands, (band, told) => tokenRow(price, kinds, band, told));
  const ofRows = extrasOfRows(price.extras, price.bands);

  const rowFor = ({ input, output }: TokenCounts, fields: Fields): TokenRow =>
    rows.find(fields, input.areBeside ? input.reported + input.special : input.reported, output.reported);

  return {
    knownUnits: ['inputTokens', 'outputTokens', ...kinds.keys(), ...price.extras.keys(), ...ofRows],
    extrasOfRows: ofRows,
    neededUnits: [],
    windows: price.windows.map((window) => windowTerm(window, clocks)),
    extrasAt: (units, fields) => rowFor(countTokens(kinds, inclusive, units), fields).extras,
    amount: (units: Units, fields) => {
      const counts = countTokens(kinds, inclusive, units);
      const row = rowFor(counts, fields);
      return { base: sumOf(row, adjust(row, counts)), extras: sumOfExtras(row.extras, units, null) };
    },
    measure: (units, fields) => {
      const counts = countTokens(kinds, inclusive, units);
      const row = rowFor(counts, fields);
      const adjusted = adjust(row, counts);
      const applied: PriceDraft = { ...row.applied };
      tellSide(applied, 'input', row, counts, adjusted);
      tellSide(applied, 'output', row, counts, adjusted);
      return { base: sumOf(row, adjusted), extras: sumOfExtras(row.extras, units, applied), applied };
    },
  };
}
