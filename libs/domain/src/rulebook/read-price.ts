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
  reader,
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
  const notHere = [...otherSide, ...wholes];
  return checked(unitName, (name) => (notHere.includes(name) ? 'a kind of tokens of this side' : undefined), {
    not: { enum: notHere },
  });
}

const window = object<Window>({
  from: required('Local time it begins at, itself part of it.', timeOfDay),
  to: required(
    'Local time it ends at, itself no part of it; before `from` it crosses midnight, the same is the whole day.',
    timeOfDay,
  ),
  zone: required('The IANA time zone of both.', zone),
  multiplier: required('What multiplies the price meanwhile.', amount),
});

interface BandContent {
  readonly promptTokensOver?: number;
  readonly promptTokensAtLeast?: number;
  readonly input: Decimal | null;
  readonly output: Decimal | null;
}

const bandContent = object<BandContent>({
  promptTokensOver: omittable('It holds for prompts of more tokens than this.', wholeNumber(0, MAX_COUNT)),
  promptTokensAtLeast: omittable('It holds for prompts of this many tokens or more.', wholeNumber(0, MAX_COUNT)),
  input: optional('The price of input then; where it is left out, that of the model.', amount, null),
  output: optional('The price of output then; where it is left out, that of the model.', amount, null),
});

const band: Reader<Band> = mapped(
  checked(
    bandContent,
    ({ promptTokensOver: over, promptTokensAtLeast: atLeast }) =>
      (over === undefined) === (atLeast === undefined) ? 'either promptTokensOver or promptTokensAtLeast' : undefined,
    { oneOf: [{ required: ['promptTokensOver'] }, { required: ['promptTokensAtLeast'] }] },
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
  return checkedAtTheDoor(unitName, (name) => (taken.has(name) ? ownName : undefined), { not: { enum: [...taken] } });
}

const parts = (counted: readonly string[]) => ({
  windows: optional(
    'Times of day with another price; the first that holds counts.',
    atMost(MAX_WINDOWS, list(window)),
    [],
  ),
  extras: optional(
    'Prices of units beside the price itself, by the name of the unit.',
    atMost(MAX_EXTRAS, record(extraName(counted), amount)),
    noMultiples,
  ),
});

const anyTokenPrice = checked(
  object<TokenPrice>({
    mode: required('What the price counts.', oneOf('token')),
    per: required('How many tokens the two prices are quoted for.', oneOf(1, 1000, 1000000)),
    input: required('The price of input.', amount),
    output: required('The price of output.', amount),
    tokenCounts: optional(
      'Whether `inputTokens` has the special kinds of input tokens in it already.',
      oneOf('inclusive', 'exclusive'),
      'inclusive',
    ),
    inputMultiples: optional(
      'Kinds of input tokens, each with what multiplies its price.',
      atMost(MAX_MULTIPLES, record(kind(outputKinds), amount)),
      noMultiples,
    ),
    outputMultiples: optional(
      'Kinds of output tokens, each with what multiplies its price.',
      atMost(MAX_MULTIPLES, record(kind(specialInputKinds), amount)),
      noMultiples,
    ),
    bands: optional(
      'Other prices for long prompts; one re-prices the whole request.',
      atMost(MAX_BANDS, list(band)),
      [],
    ),
    ...parts([...wholes, ...specialInputKinds, ...outputKinds].map(unitOf)),
  }),
  ({ inputMultiples, outputMultiples }) =>
    [...inputMultiples.keys()].some((name) => outputMultiples.has(name))
      ? 'kinds of tokens that are either input or output'
      : undefined,
);

/** A kind that only this price knows has a name that is taken, as the other kinds have; what is stored was read without this rule. */
const tokenPrice: Reader<TokenPrice> = reader(anyTokenPrice.shape, (value, pointer, faults) => {
  const read = anyTokenPrice(value, pointer, faults);
  if (read === unusable || !faults.atTheDoor) return read;
  const before = faults.length;
  for (const kind of [...read.inputMultiples.keys(), ...read.outputMultiples.keys()]) {
    for (const name of [kind, unitOf(kind)]) {
      if (read.extras.has(name)) invalid(faults, within(within(pointer, 'extras'), name), ownName, name);
    }
  }
  return faults.length === before ? read : unusable;
});

function unitPrice(mode: UnitPrice['mode'], counted: readonly string[]): Reader<UnitPrice> {
  return object<UnitPrice>({
    mode: required('What the price counts.', oneOf(mode)),
    unit: required('The price of one.', amount),
    ...parts(counted),
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
