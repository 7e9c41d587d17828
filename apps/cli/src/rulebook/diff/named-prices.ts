import { multiply, toText, type Decimal } from '@meterbook/domain/amount/decimal';
import { conditionOf } from '@meterbook/domain/rating/conditions';
import type { KindPrices, Price, TokenPrice, Window } from '@meterbook/domain/rulebook/price';
import type { Model } from '@meterbook/domain/rulebook/rulebook';
import { withParent } from '@meterbook/domain/rulebook/token-kinds';

/** All that is said of a model's price, by a name for a reader: an amount, or a word. Tokens are priced by the million. */
export interface NamedPrices {
  readonly amounts: ReadonlyMap<string, Decimal>;
  readonly words: ReadonlyMap<string, string>;
  /** The names among them that are kinds of tokens of the price itself, each with its side. */
  readonly kinds: ReadonlyMap<string, 'input' | 'output'>;
}

/** What names begin with that tell what upstream takes: it is no price to a customer. */
export const COST = 'cost';

const MILLION = 1_000_000;
const MINUTES_OF_HOUR = 60;

export function namedPrices(model: Model): NamedPrices {
  const amounts = new Map<string, Decimal>();
  const words = new Map<string, string>([
    ['group', model.group],
    ['minTier', model.minTier ?? 'none'],
    ['free', String(model.free)],
  ]);
  const add = (prefix: string, price: Price) => {
    words.set(`${prefix}mode`, modeOf(price));
    for (const [name, amount] of amountsOf(price)) amounts.set(`${prefix}${name}`, amount);
  };
  add('', model.price);
  for (const [channel, price] of model.channelPrices) add(`channel ${channel}: `, price);
  if (model.cost !== model.price) add(`${COST}: `, model.cost);
  for (const [channel, price] of model.channelCosts) add(`${COST} of channel ${channel}: `, price);
  for (const { field, equals, multiplier } of model.fieldMultipliers)
    amounts.set(`multiplier of ${field}=${equals}`, multiplier);
  return { amounts, words, kinds: kindsOf(model.price) };
}

function kindsOf(price: Price): NamedPrices['kinds'] {
  if (price.mode !== 'token') return new Map();
  const of = (side: 'input' | 'output') =>
    [...price[`${side}Prices`].keys(), ...price[`${side}Multiples`].keys()].map((kind) => [kind, side] as const);
  return new Map([...of('input'), ...of('output')]);
}

function modeOf(price: Price): string {
  return price.mode === 'token' ? `token, ${price.tokenCounts} counts` : price.mode;
}

function* amountsOf(price: Price): Iterable<readonly [string, Decimal]> {
  if (price.mode === 'token') yield* tokenAmounts(price);
  else {
    yield [price.mode, price.unit];
    for (const { conditions, unit, extras } of price.bands) {
      const row = conditionOf(conditions).told;
      if (unit !== null) yield [`${row}: ${price.mode}`, unit];
      yield* prefixed(row, extras);
    }
  }
  yield* price.extras;
  for (const window of price.windows) yield [windowName(window), window.multiplier];
}

function* tokenAmounts(price: TokenPrice): Iterable<readonly [string, Decimal]> {
  const ofMillion = (amount: Decimal) => multiply(amount, { coefficient: BigInt(MILLION / price.per), scale: 0 });
  yield ['input', ofMillion(price.input)];
  yield ['output', ofMillion(price.output)];
  for (const [kind, amount] of kindAmounts(price, price.input, price.output)) yield [kind, ofMillion(amount)];
  for (const band of price.bands) {
    const row = conditionOf(band.conditions).told;
    if (band.input !== null) yield [`${row}: input`, ofMillion(band.input)];
    if (band.output !== null) yield [`${row}: output`, ofMillion(band.output)];
    const kinds = kindAmounts(band, band.input ?? price.input, band.output ?? price.output);
    for (const [kind, amount] of kinds) yield [`${row}: ${kind}`, ofMillion(amount)];
    yield* prefixed(row, band.extras);
  }
}

function* kindAmounts(prices: KindPrices, input: Decimal, output: Decimal): Iterable<readonly [string, Decimal]> {
  yield* prices.inputPrices;
  yield* prices.outputPrices;
  for (const [kind, multiple] of prices.inputMultiples) yield [kind, multiply(multiple, input)];
  for (const [kind, multiple] of prices.outputMultiples) yield [kind, multiply(multiple, output)];
}

function* prefixed(row: string, extras: ReadonlyMap<string, Decimal>): Iterable<readonly [string, Decimal]> {
  for (const [name, amount] of extras) yield [`${row}: ${name}`, amount];
}

function windowName({ from, to, zone, days }: Window): string {
  const time = (minutes: number) =>
    [Math.floor(minutes / MINUTES_OF_HOUR), minutes % MINUTES_OF_HOUR]
      .map((part) => String(part).padStart(2, '0'))
      .join(':');
  return `multiplier from ${time(from)} to ${time(to)} ${zone}${days === null ? '' : ` on ${days.join(', ')}`}`;
}

/** What a kind of tokens costs where nothing is said of it: what its parent costs, else what its side costs. */
export function unsaidPrice({ amounts }: NamedPrices, kind: string, side: 'input' | 'output'): Decimal | undefined {
  const [, parent] = withParent(kind);
  return (parent === undefined ? undefined : amounts.get(parent)) ?? amounts.get(side);
}

export function priceText(amount: Decimal | undefined): string | null {
  return amount === undefined ? null : toText(amount);
}
