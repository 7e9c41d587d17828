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
  /** The model's. */
  readonly group: string;
  readonly own: Offer;
  readonly byChannel: ReadonlyMap<string, Offer>;
}

/** What a model takes over a channel, or over none; a channel without a price of its own takes the model's. */
export function overChannel({ own, byChannel }: Offers, channel: string | null): Offer {
  return (channel === null ? undefined : byChannel.get(channel)) ?? own;
}

/** What the offers of one rulebook have in common: a list of thousands of models has few of each. */
export interface Shared {
  readonly clocks: Map<string, ZoneClock>;
  /** Sets of units, by their names. */
  readonly unitSets: Map<string, ReadonlySet<string>>;
}

/** The offers of a model. What is priced alike is one tariff. */
export function offersOf(model: Model, { clocks, unitSets }: Shared): Offers {
  const fields = model.fieldMultipliers.length === 0 ? noFields : model.fieldMultipliers.map(fieldTerm);
  const tariffs = new Map<Price, Tariff>();
  const tariffOf = (price: Price): Tariff => {
    const tariff =
      tariffs.get(price) ?? (price.mode === 'token' ? tokenTariff(price, clocks) : unitTariff(price, clocks));
    tariffs.set(price, tariff);
    return tariff;
  };
  const offer = (price: Tariff, cost: Tariff, ofChannel: boolean): Offer => ({
    price,
    cost,
    ofChannel,
    fields,
    ...unitsOf(price, cost, unitSets),
  });
  const own = offer(tariffOf(model.price), tariffOf(model.cost), false);
  const channels = new Set([...model.channelPrices.keys(), ...model.channelCosts.keys()]);
  const ofChannel = (channel: string): Offer => {
    const price = model.channelPrices.get(channel);
    const cost = model.channelCosts.get(channel) ?? model.cost;
    return offer(tariffOf(price ?? model.price), tariffOf(cost), price !== undefined);
  };
  return { group: model.group, own, byChannel: new Map([...channels].map((channel) => [channel, ofChannel(channel)])) };
}

const none: readonly string[] = [];
const noFields: readonly FieldTerm[] = [];

function unitsOf(
  price: Tariff,
  cost: Tariff,
  unitSets: Shared['unitSets'],
): Pick<Offer, 'knownUnits' | 'extrasOfRows' | 'neededUnits'> {
  const both = cost === price ? [price] : [price, cost];
  const isAlwaysKnown = (name: string) =>
    both.some(({ knownUnits, extrasOfRows }) => knownUnits.includes(name) && !extrasOfRows.includes(name));
  const ofRows = new Set(both.flatMap(({ extrasOfRows }) => extrasOfRows).filter((name) => !isAlwaysKnown(name)));
  const needed = new Set(both.flatMap(({ neededUnits }) => neededUnits));
  const known = new Set(both.flatMap(({ knownUnits }) => knownUnits));
  const names = [...known].join(' ');
  const knownUnits = unitSets.get(names) ?? known;
  unitSets.set(names, knownUnits);
  return {
    knownUnits,
    extrasOfRows: ofRows.size === 0 ? none : [...ofRows],
    neededUnits: needed.size === 0 ? none : [...needed],
  };
}

function fieldTerm({ field, equals, multiplier }: FieldMultiplier): FieldTerm {
  return { field, equals, value: multiplier, factor: ['field', toText(multiplier), `${field}=${equals}`] };
}
