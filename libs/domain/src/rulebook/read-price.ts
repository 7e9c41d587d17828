import type { Decimal } from '../amount/decimal';
import { within } from './fault';
import type { Band, Price, TokenPrice, UnitPrice, Window } from './rulebook';
import {
  atMost,
  checked,
  checkedAtTheDoor,
  invalid,
  list,
  mapped,
  object,
  omittable,
  optional,
  record,
  required,
  unusable,
  variant,
  type Reader,
} from './schema';
import { MAX_COUNT, amount, oneOf, timeOfDay, unitName, wholeNumber, zone } from './values';
import { MAX_BANDS, MAX_EXTRAS, MAX_MULTIPLES, MAX_WINDOWS } from './limits';
import { outputKinds, specialInputKinds, unitOf } from './token-kinds';

type Multiples = ReadonlyMap<string, Decimal>;

/** Kinds that the whole counts would be mistaken for: `inputTokens` is no special kind of input. */
const wholes = ['input', 'output'];

const noMultiples: Multiples = new Map();

/** A multiple re-prices its kind on one side only, or the same tokens would count twice. */
function kind(otherSide: readonly string[]): Reader<string> {
  return checked(unitName, (name) =>
    otherSide.includes(name) || wholes.includes(name) ? 'a kind of tokens of this side' : undefined,
  );
}

const window = object<Window>({
  from: required(timeOfDay),
  to: required(timeOfDay),
  zone: required(zone),
  multiplier: required(amount),
});

interface BandContent {
  readonly promptTokensOver?: number;
  readonly promptTokensAtLeast?: number;
  readonly input: Decimal | null;
  readonly output: Decimal | null;
}

const bandContent = object<BandContent>({
  promptTokensOver: omittable(wholeNumber(0, MAX_COUNT)),
  promptTokensAtLeast: omittable(wholeNumber(0, MAX_COUNT)),
  input: optional(amount, null),
  output: optional(amount, null),
});

const band: Reader<Band> = mapped(
  checked(bandContent, ({ promptTokensOver: over, promptTokensAtLeast: atLeast }) =>
    (over === undefined) === (atLeast === undefined) ? 'either promptTokensOver or promptTokensAtLeast' : undefined,
  ),
  ({ promptTokensOver, promptTokensAtLeast, input, output }) => ({
    comparison: promptTokensOver === undefined ? 'at-least' : 'over',
    threshold: promptTokensOver ?? promptTokensAtLeast ?? 0,
    input,
    output,
  }),
);

const ownName = 'an extra that nothing else is named';

/** What a mode prices by its unit, and what is the name of a kind of tokens, is no extra: it would be priced twice. */
function extraName(counted: readonly string[]): Reader<string> {
  const kinds = [...wholes, ...specialInputKinds, ...outputKinds];
  const taken = new Set([...kinds, ...counted]);
  return checkedAtTheDoor(unitName, (name) => (taken.has(name) ? ownName : undefined));
}

const parts = (counted: readonly string[]) => ({
  windows: optional(atMost(MAX_WINDOWS, list(window)), []),
  extras: optional(atMost(MAX_EXTRAS, record(extraName(counted), amount)), noMultiples),
});

const anyTokenPrice = checked(
  object<TokenPrice>({
    mode: required(oneOf('token')),
    per: required(oneOf(1, 1000, 1000000)),
    input: required(amount),
    output: required(amount),
    tokenCounts: optional(oneOf('inclusive', 'exclusive'), 'inclusive'),
    inputMultiples: optional(atMost(MAX_MULTIPLES, record(kind(outputKinds), amount)), noMultiples),
    outputMultiples: optional(atMost(MAX_MULTIPLES, record(kind(specialInputKinds), amount)), noMultiples),
    bands: optional(atMost(MAX_BANDS, list(band)), []),
    ...parts([...wholes, ...specialInputKinds, ...outputKinds].map(unitOf)),
  }),
  ({ inputMultiples, outputMultiples }) =>
    [...inputMultiples.keys()].some((name) => outputMultiples.has(name))
      ? 'kinds of tokens that are either input or output'
      : undefined,
);

/** A kind that only this price knows has a name that is taken, as the other kinds have; what is stored was read without this rule. */
const tokenPrice: Reader<TokenPrice> = (value, pointer, faults) => {
  const read = anyTokenPrice(value, pointer, faults);
  if (read === unusable || !faults.atTheDoor) return read;
  const before = faults.length;
  for (const kind of [...read.inputMultiples.keys(), ...read.outputMultiples.keys()]) {
    for (const name of [kind, unitOf(kind)]) {
      if (read.extras.has(name)) invalid(faults, within(within(pointer, 'extras'), name), ownName, name);
    }
  }
  return faults.length === before ? read : unusable;
};

function unitPrice(mode: UnitPrice['mode'], counted: readonly string[]): Reader<UnitPrice> {
  return object<UnitPrice>({ mode: required(oneOf(mode)), unit: required(amount), ...parts(counted) });
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
