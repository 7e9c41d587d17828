import { toText } from '../amount/decimal';
import type { Price } from '../rulebook/price';
import type { FieldMultiplier, Model } from '../rulebook/rulebook';
import type { ZoneClock } from '../time/zone-clock';
import type { Tariff } from './tariff';
import type { Term } from './term';
import { tokenTariff } from './token-tariff';
import { unitTariff } from './unit-tariff';

/** What a model takes over one channel, or over none, made ready for many uses. */
export interface Offer {
  readonly price: Tariff;
  /** The price itself where upstream takes what it says. */
  readonly cost: Tariff;
  /** True where the channel has a price of its own. */
  readonly ofChannel: boolean;
  readonly fields: readonly FieldTerm[];
  /** Units that price or cost know. */
  readonly knownUnits: ReadonlySet<string>;
  /** Those of them that only some rows of price or cost know. */
  readonly extrasOfRows: readonly string[];
  /** Units that price and cost cannot do without. */
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

/** The offers of a model. What is priced alike is one tariff. */
export function offersOf(model: Model, clocks: Map<string, ZoneClock>): Offers {
  const fields = model.fieldMultipliers.map(fieldTerm);
  const tariffs = new Map<Price, Tariff>();
  const tariffOf = (price: Price): Tariff => {
    const tariff =
      tariffs.get(price) ?? (price.mode === 'token' ? tokenTariff(price, clocks) : unitTariff(price, clocks));
    tariffs.set(price, tariff);
    return tariff;
  };
  const own = offer(tariffOf(model.price), tariffOf(model.cost), false, fields);
  const channels = new Set([...model.channelPrices.keys(), ...model.channelCosts.keys()]);
  const ofChannel = (channel: string): Offer => {
    const price = model.channelPrices.get(channel);
    const cost = model.channelCosts.get(channel) ?? model.cost;
    return offer(tariffOf(price ?? model.price), tariffOf(cost), price !== undefined, fields);
  };
  return { own, byChannel: new Map([...channels].map((channel) => [channel, ofChannel(channel)])) };
}

function offer(price: Tariff, cost: Tariff, ofChannel: boolean, fields: readonly FieldTerm[]): Offer {
  const isAlwaysKnown = (name: string) =>
    [price, cost].some(({ knownUnits, extrasOfRows }) => knownUnits.includes(name) && !extrasOfRows.includes(name));
  const ofRows = [...price.extrasOfRows, ...cost.extrasOfRows].filter((name) => !isAlwaysKnown(name));
  return {
    price,
    cost,
    ofChannel,
    fields,
    knownUnits: new Set([...price.knownUnits, ...cost.knownUnits]),
    extrasOfRows: [...new Set(ofRows)],
    neededUnits: [...new Set([...price.neededUnits, ...cost.neededUnits])],
  };
}

function fieldTerm({ field, equals, multiplier }: FieldMultiplier): FieldTerm {
  return { field, equals, value: multiplier, factor: ['field', toText(multiplier), `${field}=${equals}`] };
}
