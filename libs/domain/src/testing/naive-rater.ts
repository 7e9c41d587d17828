/**
 * Rating as SPEC §4 words it, in exact fractions, from the content of a rulebook as it was published. It is slow and plain, and
 * shares nothing with the rating that it is held against: no reader, no decimal, no clock.
 */
import { isInWindow } from './naive-clock';
import { fraction, plus, roundedText, sameText, times, type Fraction } from './naive-fraction';

type Prices = Readonly<Record<string, string>>;

interface Kinds {
  readonly inputPrices?: Prices;
  readonly outputPrices?: Prices;
  readonly inputMultiples?: Prices;
  readonly outputMultiples?: Prices;
}

export interface NaiveBand extends Kinds {
  readonly when?: Prices;
  readonly promptTokensOver?: number;
  readonly promptTokensAtLeast?: number;
  readonly outputTokensOver?: number;
  readonly outputTokensAtLeast?: number;
  readonly input?: string;
  readonly output?: string;
  readonly unit?: string;
  readonly extras?: Prices;
}

export interface NaiveWindow {
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly multiplier: string;
  readonly days?: readonly string[];
}

export interface NaivePrice extends Kinds {
  readonly mode: string;
  readonly per?: number;
  readonly input?: string;
  readonly output?: string;
  readonly unit?: string;
  readonly tokenCounts?: string;
  readonly bands?: readonly NaiveBand[];
  readonly windows?: readonly NaiveWindow[];
  readonly extras?: Prices;
}

export interface NaiveModel {
  readonly price: NaivePrice;
  readonly channelPrices?: Readonly<Record<string, NaivePrice>>;
  readonly cost?: NaivePrice;
  readonly channelCosts?: Readonly<Record<string, NaivePrice>>;
  readonly fieldMultipliers?: readonly {
    readonly field: string;
    readonly equals: string;
    readonly multiplier: string;
  }[];
}

export interface NaiveRequest {
  readonly units: Readonly<Record<string, number | string>>;
  readonly fields: Prices;
  readonly channel: string | null;
  readonly at: number;
}

export interface NaiveTerms {
  readonly channelDiscount: string;
  readonly userFactor: string;
  readonly rounding: { readonly scale: number; readonly mode: string };
}

const specialInput =
  'cache cacheRead cacheReadAudio cacheReadImage cacheWrite5m cacheWrite1h cacheWrite12h inputAudio inputImage inputVideo';
const specialOutput = 'outputAudio outputImage outputVideo reasoning';
const parents: Prices = {
  cacheReadAudio: 'cacheRead',
  cacheReadImage: 'cacheRead',
  cacheWrite1h: 'cacheWrite5m',
  cacheWrite12h: 'cacheWrite5m',
};
const counted: Readonly<Record<string, readonly string[]>> = {
  request: ['requests'],
  second: ['seconds'],
  megapixel: ['width', 'height', 'images'],
  image: ['images'],
  unit: ['count'],
};
const optionalIn: Readonly<Record<string, string>> = { request: 'requests', megapixel: 'images' };

export type NaiveRated = { readonly unrounded: string; readonly amount: string; readonly cost: string } | string;

/** The exact and the rounded amount and the cost, or the code of the refusal. */
export function naiveRate(model: NaiveModel, request: NaiveRequest, terms: NaiveTerms): NaiveRated {
  const own = request.channel === null ? undefined : model.channelPrices?.[request.channel];
  const upstream = request.channel === null ? undefined : model.channelCosts?.[request.channel];
  const price = own ?? model.price;
  const cost = upstream ?? model.cost ?? model.price;
  for (const name of Object.keys(request.units)) {
    if (!knows(price, name, request) && !knows(cost, name, request)) return 'unknown_unit';
  }
  for (const { mode } of [price, cost]) {
    const needed = (counted[mode] ?? []).filter((name) => name !== optionalIn[mode]);
    if (needed.some((name) => request.units[name] === undefined)) return 'missing_units';
  }
  const listed = list(price, model, request);
  const unrounded = times(listed, fraction(terms.channelDiscount), fraction(terms.userFactor));
  return {
    unrounded: sameText(unrounded),
    amount: roundedText(unrounded, terms.rounding),
    cost: roundedText(list(cost, model, request), terms.rounding),
  };
}

/** base × Π fieldMultipliers × window + Σ extras. */
function list(price: NaivePrice, model: NaiveModel, request: NaiveRequest): Fraction {
  const row = rowOf(price, request);
  let base = price.mode === 'token' ? tokens(price, row, request) : quantity(price, row, request);
  for (const { field, equals, multiplier } of model.fieldMultipliers ?? []) {
    if (request.fields[field] === equals) base = times(base, fraction(multiplier));
  }
  const window = (price.windows ?? []).find((each) => isInWindow(each, request.at));
  if (window) base = times(base, fraction(window.multiplier));
  const extras = { ...price.extras, ...row?.extras };
  const sum = Object.entries(extras).map(([name, each]) => times(fraction(request.units[name] ?? 0), fraction(each)));
  return plus(base, ...sum);
}

function quantity(price: NaivePrice, row: NaiveBand | undefined, { units }: NaiveRequest): Fraction {
  const counts = (counted[price.mode] ?? []).map((name) => fraction(units[name] ?? 1));
  const pixels = price.mode === 'megapixel' ? { n: 1n, d: 1_000_000n } : fraction(1);
  return times(fraction(row?.unit ?? price.unit ?? '0'), pixels, ...counts);
}

function tokens(price: NaivePrice, row: NaiveBand | undefined, request: NaiveRequest): Fraction {
  const { units } = request;
  let base = fraction(0);
  for (const side of ['input', 'output'] as const) {
    const sidePrice = fraction(row?.[side] ?? price[side] ?? '0');
    let special = 0;
    for (const kind of kindsOf(price, side)) {
      const count = countOf(units, `${kind}Tokens`);
      special += count;
      base = plus(base, times(fraction(count), kindPrice(kind, side, price, row, sidePrice)));
    }
    const all = countOf(units, `${side}Tokens`);
    const isBeside = side === 'input' && price.tokenCounts === 'exclusive';
    const plain = isBeside ? all : Math.max(0, all - special);
    base = plus(base, times(fraction(plain), sidePrice));
  }
  return times(base, { n: 1n, d: BigInt(price.per ?? 1) });
}

function kindPrice(
  kind: string,
  side: 'input' | 'output',
  price: NaivePrice,
  row: NaiveBand | undefined,
  sidePrice: Fraction,
): Fraction {
  for (const place of [row, price]) {
    const own = place?.[`${side}Prices`]?.[kind];
    if (own !== undefined) return fraction(own);
    const multiple = place?.[`${side}Multiples`]?.[kind];
    if (multiple !== undefined) return times(fraction(multiple), sidePrice);
  }
  const parent = parents[kind];
  return parent === undefined ? sidePrice : kindPrice(parent, side, price, row, sidePrice);
}

function kindsOf(price: NaivePrice, side: 'input' | 'output'): readonly string[] {
  const named = [price, ...(price.bands ?? [])].flatMap((place) => [
    ...Object.keys(place[`${side}Prices`] ?? {}),
    ...Object.keys(place[`${side}Multiples`] ?? {}),
  ]);
  return [...new Set([...(side === 'input' ? specialInput : specialOutput).split(' '), ...named])];
}

/** The row that fits best: most fields, then the highest threshold on the prompt, on the output, then the first. */
function rowOf(price: NaivePrice, request: NaiveRequest): NaiveBand | undefined {
  let best: NaiveBand | undefined;
  for (const row of price.bands ?? []) {
    if (!holds(row, price, request)) continue;
    if (best === undefined || isBetter(rankOf(row), rankOf(best))) best = row;
  }
  return best;
}

function holds(row: NaiveBand, price: NaivePrice, { units, fields }: NaiveRequest): boolean {
  const isBeside = price.mode === 'token' && price.tokenCounts === 'exclusive';
  const special = isBeside ? kindsOf(price, 'input').map((kind) => countOf(units, `${kind}Tokens`)) : [];
  const prompt = special.reduce((sum, count) => sum + count, countOf(units, 'inputTokens'));
  const output = countOf(units, 'outputTokens');
  return (
    Object.entries(row.when ?? {}).every(([field, value]) => fields[field] === value) &&
    prompt > (row.promptTokensOver ?? -1) &&
    prompt >= (row.promptTokensAtLeast ?? 0) &&
    output > (row.outputTokensOver ?? -1) &&
    output >= (row.outputTokensAtLeast ?? 0)
  );
}

function rankOf(row: NaiveBand): readonly number[] {
  const threshold = (over: number | undefined, atLeast: number | undefined) =>
    over === undefined ? [atLeast ?? -1, 0] : [over, 1];
  return [
    Object.keys(row.when ?? {}).length,
    ...threshold(row.promptTokensOver, row.promptTokensAtLeast),
    ...threshold(row.outputTokensOver, row.outputTokensAtLeast),
  ];
}

function isBetter(rank: readonly number[], other: readonly number[]): boolean {
  for (const [index, value] of rank.entries()) {
    const against = other[index] ?? 0;
    if (value !== against) return value > against;
  }
  return false;
}

function knows(price: NaivePrice, name: string, request: NaiveRequest): boolean {
  if (Object.hasOwn({ ...price.extras, ...rowOf(price, request)?.extras }, name)) return true;
  const bands = price.bands ?? [];
  if (price.mode !== 'token') {
    if (name === 'inputTokens')
      return bands.some((row) => (row.promptTokensOver ?? row.promptTokensAtLeast) !== undefined);
    if (name === 'outputTokens')
      return bands.some((row) => (row.outputTokensOver ?? row.outputTokensAtLeast) !== undefined);
    return (counted[price.mode] ?? []).includes(name);
  }
  const kinds = ['input', 'output', ...kindsOf(price, 'input'), ...kindsOf(price, 'output')];
  return kinds.some((kind) => `${kind}Tokens` === name);
}

function countOf(units: NaiveRequest['units'], name: string): number {
  return Number(units[name] ?? 0);
}
