import type { Decimal } from '../amount/decimal';
import type { Band, Price, TokenPrice, UnitPrice, Window } from './rulebook';
import { checked, list, mapped, object, omittable, optional, record, required, variant, type Reader } from './schema';
import { MAX_COUNT, amount, oneOf, timeOfDay, unitName, wholeNumber, zone } from './values';
import { outputKinds, specialInputKinds } from './token-kinds';

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

const parts = {
  windows: optional(list(window), []),
  extras: optional(record(unitName, amount), noMultiples),
};

const tokenPrice: Reader<TokenPrice> = checked(
  object<TokenPrice>({
    mode: required(oneOf('token')),
    per: required(oneOf(1, 1000, 1000000)),
    input: required(amount),
    output: required(amount),
    tokenCounts: optional(oneOf('inclusive', 'exclusive'), 'inclusive'),
    inputMultiples: optional(record(kind(outputKinds), amount), noMultiples),
    outputMultiples: optional(record(kind(specialInputKinds), amount), noMultiples),
    bands: optional(list(band), []),
    ...parts,
  }),
  ({ inputMultiples, outputMultiples }) =>
    [...inputMultiples.keys()].some((name) => outputMultiples.has(name))
      ? 'kinds of tokens that are either input or output'
      : undefined,
);

function unitPrice(mode: UnitPrice['mode']): Reader<UnitPrice> {
  return object<UnitPrice>({ mode: required(oneOf(mode)), unit: required(amount), ...parts });
}

/** What a model costs, told apart by its mode (SPEC §4). */
export const price: Reader<Price> = variant<Price>(
  'mode',
  new Map<string, Reader<Price>>([
    ['token', tokenPrice],
    ['request', unitPrice('request')],
    ['second', unitPrice('second')],
    ['megapixel', unitPrice('megapixel')],
    ['image', unitPrice('image')],
    ['unit', unitPrice('unit')],
  ]),
);
