import type { ByName, TokenBand, TokenPrice } from '../rulebook/price';
import type { Units } from '../usage/usage';
import type { ZoneClock } from '../time/zone-clock';
import type { Fields } from './conditions';
import { extrasOfRows, sumOfExtras } from './extras';
import { Rows } from './rows';
import type { Measured, PriceDraft, Sum, Tariff } from './tariff';
import { countTokens, kindsOf, type Kinds, type TokenCounts } from './token-counts';
import { adjust, sumOf, tokenRow, type TokenRow } from './token-row';
import { tellSide } from './token-told';
import { windowTerms, type WindowTerm } from './windows';

const none: readonly string[] = [];

/** Makes a price per tokens ready for use. */
export function tokenTariff(price: TokenPrice, clocks: Map<string, ZoneClock>): Tariff {
  return new TokenTariff(price, clocks);
}

class TokenTariff implements Tariff {
  readonly knownUnits: readonly string[];
  readonly extrasOfRows: readonly string[];
  readonly neededUnits = none;
  readonly windows: readonly WindowTerm[];
  private readonly inclusive: boolean;
  private readonly kinds: Kinds;
  private readonly rows: Rows<TokenBand, TokenRow>;

  constructor(price: TokenPrice, clocks: Map<string, ZoneClock>) {
    const kinds = kindsOf(price);
    this.kinds = kinds;
    this.inclusive = price.tokenCounts === 'inclusive';
    this.rows = new Rows(price.bands, (band, told) => tokenRow(price, kinds, band, told));
    this.extrasOfRows = extrasOfRows(price.extras, price.bands);
    this.knownUnits = ['inputTokens', 'outputTokens', ...kinds.keys(), ...price.extras.keys(), ...this.extrasOfRows];
    this.windows = windowTerms(price.windows, clocks);
  }

  extrasAt(units: Units, fields: Fields): ByName {
    return this.rowFor(this.count(units), fields).extras;
  }

  amount(units: Units, fields: Fields): Sum {
    const counts = this.count(units);
    const row = this.rowFor(counts, fields);
    return {
      base: sumOf(row, adjust(row, counts)),
      extras: counts.hasOthers ? sumOfExtras(row.extras, units, null) : null,
    };
  }

  measure(units: Units, fields: Fields): Measured {
    const counts = this.count(units);
    const row = this.rowFor(counts, fields);
    const adjusted = adjust(row, counts);
    const applied: PriceDraft = { ...row.applied };
    tellSide(applied, 'input', row, counts, adjusted);
    tellSide(applied, 'output', row, counts, adjusted);
    const extras = counts.hasOthers ? sumOfExtras(row.extras, units, applied) : null;
    return { base: sumOf(row, adjusted), extras, applied };
  }

  private count(units: Units): TokenCounts {
    return countTokens(this.kinds, this.inclusive, units);
  }

  private rowFor({ input, output }: TokenCounts, fields: Fields): TokenRow {
    const prompt = input.areBeside ? input.reported + input.special : input.reported;
    return this.rows.find(fields, prompt, output.reported);
  }
}
