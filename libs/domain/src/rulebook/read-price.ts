import { zero } from '../amount/decimal';
import { within, type Faults } from './fault';
import type { ByName, KindPrices, Price, TokenPrice, UnitPrice } from './price';
import {
  atMost,
  checkedAtTheDoor,
  invalid,
  list,
  object,
  optional,
  reader,
  record,
  required,
  unusable,
  variant,
  type Reader,
} from './schema';
import { amount, oneOf, unitName } from './values';
import { MAX_BANDS, MAX_EXTRAS, MAX_KIND_PRICES, MAX_WINDOWS } from './limits';
import { tokenBand, unitBand } from './read-band';
import { window } from './read-window';
import { outputKinds, specialInputKinds, unitOf } from './token-kinds';

/** Kinds that the whole counts would be mistaken for: `inputTokens` is no special kind of input. */
const wholes = ['input', 'output'];
const everyKind = [...wholes, ...specialInputKinds, ...outputKinds];

const nothing: ByName = new Map();

/**
 * A kind is re-priced on one side only, or the same tokens would count twice. What is stored may name one that belonged to no
 * side when it was published.
 */
function kind(otherSide: readonly string[]): Reader<string> {
  const notHere = [...otherSide, ...wholes];
  const fault = (name: string) => (notHere.includes(name) ? 'a kind of tokens of this side' : undefined);
  return checkedAtTheDoor(unitName, fault, { not: { enum: notHere } });
}

const ofInput = atMost(MAX_KIND_PRICES, record(kind(outputKinds), amount));
const ofOutput = atMost(MAX_KIND_PRICES, record(kind(specialInputKinds), amount));
const kinds = {
  inputPrices: optional('Kinds of input tokens, each with a price of its own.', ofInput, nothing),
  outputPrices: optional('Kinds of output tokens, each with a price of its own.', ofOutput, nothing),
  inputMultiples: optional('Kinds of input tokens, each with what multiplies the price of input.', ofInput, nothing),
  outputMultiples: optional(
    'Kinds of output tokens, each with what multiplies the price of output.',
    ofOutput,
    nothing,
  ),
};

const ownName = 'an extra that nothing else is named';

/** What a mode prices by its unit, and what is the name of a kind of tokens, is no extra: it would be priced twice. */
function extrasBeside(counted: readonly string[]) {
  const taken = new Set([...everyKind, ...counted]);
  const fault = (name: string) => (taken.has(name) ? ownName : undefined);
  const name = checkedAtTheDoor(unitName, fault, { not: { enum: [...taken] } });
  return optional(
    'Prices of units beside the price itself, by the name of the unit; field multipliers and windows leave them alone.',
    atMost(MAX_EXTRAS, record(name, amount)),
    nothing,
  );
}

const windows = optional(
  'Times of day with another price; the first that holds counts.',
  atMost(MAX_WINDOWS, list(window)),
  [],
);
const rows =
  'Rows of the price list: other prices under conditions; the one that fits best re-prices the whole request.';
const tokenExtras = extrasBeside(everyKind.map(unitOf));

const anyTokenPrice = object<TokenPrice>({
  mode: required('What the price counts.', oneOf('token')),
  per: required('How many tokens every price is quoted for.', oneOf(1, 1000, 1000000)),
  input: required('The price of input.', amount),
  output: optional('The price of output.', amount, zero),
  tokenCounts: optional(
    'Whether `inputTokens` has the special kinds of input tokens in it already.',
    oneOf('inclusive', 'exclusive'),
    'inclusive',
  ),
  ...kinds,
  bands: optional(rows, atMost(MAX_BANDS, list(tokenBand({ kinds, extras: tokenExtras }))), []),
  windows,
  extras: tokenExtras,
});

/** What is wrong between the names of a price is found once all of them are known; what is stored was read without this. */
const tokenPrice: Reader<TokenPrice> = reader(anyTokenPrice.shape, (value, pointer, faults) => {
  const read = anyTokenPrice(value, pointer, faults);
  if (read === unusable || !faults.atTheDoor) return read;
  const before = faults.length;
  const bands = read.bands.map((band, index) => ({ place: band, at: within(within(pointer, 'bands'), index) }));
  const places = [{ place: read, at: pointer }, ...bands];
  for (const { place, at } of places) pricedTwice(place, at, faults);
  const inputs = namesOf(places.map(({ place }) => [place.inputPrices, place.inputMultiples]));
  const outputs = namesOf(places.map(({ place }) => [place.outputPrices, place.outputMultiples]));
  if ([...inputs].some((name) => outputs.has(name)))
    invalid(faults, pointer, 'kinds of tokens that are either input or output', value);
  const taken = new Set([...inputs, ...outputs].flatMap((name) => [name, unitOf(name)]));
  for (const { place, at } of places) {
    for (const name of place.extras.keys())
      if (taken.has(name)) invalid(faults, within(within(at, 'extras'), name), ownName, name);
  }
  return faults.length === before ? read : unusable;
});

/** In one place a kind has a price of its own or a multiple of its side's. */
function pricedTwice(place: KindPrices, pointer: string, faults: Faults): void {
  for (const side of ['input', 'output'] as const) {
    for (const name of place[`${side}Prices`].keys()) {
      if (!place[`${side}Multiples`].has(name)) continue;
      invalid(faults, within(within(pointer, `${side}Prices`), name), 'either a price or a multiple', name);
    }
  }
}

function namesOf(places: readonly (readonly ByName[])[]): ReadonlySet<string> {
  return new Set(places.flat().flatMap((names) => [...names.keys()]));
}

function unitPrice(mode: UnitPrice['mode'], counted: readonly string[]): Reader<UnitPrice> {
  const extras = extrasBeside(counted);
  return object<UnitPrice>({
    mode: required('What the price counts.', oneOf(mode)),
    unit: required('The price of one.', amount),
    bands: optional(rows, atMost(MAX_BANDS, list(unitBand(extras))), []),
    windows,
    extras,
  });
}

/** What a model costs, told apart by its mode (SPEC §4). */
export const price: Reader<Price> = variant<Price>(
  'mode',
  new Map<string, Reader<Price>>([
    ['token', tokenPrice],
    ['request', unitPrice('request', ['requests'])],
    ['second', unitPrice('second', ['seconds'])],
    ['megapixel', unitPrice('megapixel', ['width', 'height', 'images'])],
    ['image', unitPrice('image', ['images'])],
    ['unit', unitPrice('unit', ['count'])],
  ]),
);
