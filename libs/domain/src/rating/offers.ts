import { toText } from '../amount/decimal';
import type { FieldMultiplier, Model, Price } from '../rulebook/rulebook';
import type { ZoneClock } from '../time/zone-clock';
import type { Tariff } from './tariff';
import type { Term } from './term';
import { tokenTariff } from './token-tariff';
import { unitTariff } from './unit-tariff';
import { windowTerm, type WindowTerm } from './windows';

/** What a model takes over one channel, or over none, made ready for many uses. */
export interface Offer {
  readonly price: Tariff;
  readonly cost: Tariff;
  /** True where the channel has a price of its own. */
  readonly ofChannel: boolean;
  readonly windows: readonly WindowTerm[];
  readonly fields: readonly FieldTerm[];
  /** Units that price or cost know. */
  readonly knownUnits: ReadonlySet<string>;
  readonly neededUnits: readonly string[];
}

export interface FieldTerm extends Term {
  readonly field: string;
  readonly equals: string;
}

export interface Offers {
  readonly own: Offer;
  readonly byChannel: ReadonlyMap<string, Offer>;
}

/** The offers of a model. Where it costs its price, both are the same tariff. */
export function offersOf(model: Model, clocks: Map<string, ZoneClock>): Offers {
  const fields = model.fieldMultipliers.map(fieldTerm);
  const ownPrice = tariffOf(model.price);
  const cost = model.cost === model.price ? ownPrice : tariffOf(model.cost);
  const offer = (price: Tariff, { windows }: Price, ofChannel: boolean): Offer => ({
    price,
    cost,
    ofChannel,
    windows: windows.map((window) => windowTerm(window, clocks)),
    fields,
    knownUnits: new Set([...price.knownUnits, ...cost.knownUnits]),
    neededUnits: [...new Set([...price.neededUnits, ...cost.neededUnits])],
  });
  return {
    own: offer(ownPrice, model.price, false),
    byChannel: new Map(
      [...model.channelPrices].map(([channel, price]) => [channel, offer(tariffOf(price), price, true)]),
    ),
  };
}

function tariffOf(price: Price): Tariff {
  return price.mode === 'token' ? tokenTariff(price) : unitTariff(price);
}

function fieldTerm({ field, equals, multiplier }: FieldMultiplier): FieldTerm {
  return { field, equals, value: multiplier, factor: ['field', toText(multiplier), `${field}=${equals}`] };
}
