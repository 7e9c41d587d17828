import type { Decimal } from '../amount/decimal';
import { MAX_CONDITION_FIELDS } from './limits';
import type { ByName, Conditions, KindPrices, Threshold, TokenBand, UnitBand } from './price';
import { atMost, checked, mapped, object, omittable, optional, record, type Reader, type Shape } from './schema';
import { MAX_COUNT, amount, text, wholeNumber } from './values';

interface ConditionContent {
  readonly when: ReadonlyMap<string, string>;
  readonly promptTokensOver?: number;
  readonly promptTokensAtLeast?: number;
  readonly outputTokensOver?: number;
  readonly outputTokensAtLeast?: number;
}

const tokens = wholeNumber(0, MAX_COUNT);

const conditionFields = {
  when: optional(
    'It holds for usage with these fields, each with this value.',
    atMost(MAX_CONDITION_FIELDS, record(text, text)),
    new Map<string, string>(),
  ),
  promptTokensOver: omittable('It holds for prompts of more tokens than this.', tokens),
  promptTokensAtLeast: omittable('It holds for prompts of this many tokens or more.', tokens),
  outputTokensOver: omittable('It holds for answers of more tokens than this.', tokens),
  outputTokensAtLeast: omittable('It holds for answers of this many tokens or more.', tokens),
};

const both = (side: string) => ({ required: [`${side}TokensOver`, `${side}TokensAtLeast`] });
const thresholds = ['promptTokensOver', 'promptTokensAtLeast', 'outputTokensOver', 'outputTokensAtLeast'] as const;

/** What `conditionFault` says, as a schema. */
const conditionShape: Shape = {
  anyOf: [
    { required: ['when'], properties: { when: { description: 'At least one field.', minProperties: 1 } } },
    ...thresholds.map((name) => ({ required: [name] })),
  ],
  not: { anyOf: [both('prompt'), both('output')] },
};

/** A row without a condition would be the base; one with both thresholds of a side says the same thing twice. */
function conditionFault(content: ConditionContent): string | undefined {
  const { promptTokensOver, promptTokensAtLeast, outputTokensOver, outputTokensAtLeast } = content;
  if (promptTokensOver !== undefined && promptTokensAtLeast !== undefined)
    return 'either promptTokensOver or promptTokensAtLeast';
  if (outputTokensOver !== undefined && outputTokensAtLeast !== undefined)
    return 'either outputTokensOver or outputTokensAtLeast';
  const isFree = content.when.size === 0 && thresholds.every((name) => content[name] === undefined);
  return isFree ? 'at least one condition (when, promptTokens… or outputTokens…)' : undefined;
}

function conditionsOf(content: ConditionContent): Conditions {
  return {
    when: content.when,
    prompt: thresholdOf(content.promptTokensOver, content.promptTokensAtLeast),
    output: thresholdOf(content.outputTokensOver, content.outputTokensAtLeast),
  };
}

function thresholdOf(over: number | undefined, atLeast: number | undefined): Threshold | null {
  if (over !== undefined) return { comparison: 'over', tokens: over };
  return atLeast === undefined ? null : { comparison: 'at-least', tokens: atLeast };
}

type TokenBandContent = ConditionContent & Omit<TokenBand, 'conditions'>;
type UnitBandContent = ConditionContent & Omit<UnitBand, 'conditions'>;

type OptionalNames = ReturnType<typeof optional<ByName, ByName>>;

/** How the members that name kinds and extras are read, told by the price whose rows these are. */
export interface BandMembers {
  readonly kinds: { readonly [Key in keyof KindPrices]: OptionalNames };
  readonly extras: OptionalNames;
}

const priceThen = (of: string) =>
  optional<Decimal, Decimal | null>(`The price of ${of} then; where it is left out, that of the base.`, amount, null);

/** A row of a price per tokens. */
export function tokenBand({ kinds, extras }: BandMembers): Reader<TokenBand> {
  const content = object<TokenBandContent>({
    ...conditionFields,
    input: priceThen('input'),
    output: priceThen('output'),
    ...kinds,
    extras,
  });
  return mapped(checked(content, conditionFault, conditionShape), (read): TokenBand => ({
    conditions: conditionsOf(read),
    input: read.input,
    output: read.output,
    inputPrices: read.inputPrices,
    outputPrices: read.outputPrices,
    inputMultiples: read.inputMultiples,
    outputMultiples: read.outputMultiples,
    extras: read.extras,
  }));
}

/** A row of a price per unit. */
export function unitBand(extras: BandMembers['extras']): Reader<UnitBand> {
  const content = object<UnitBandContent>({ ...conditionFields, unit: priceThen('one'), extras });
  return mapped(checked(content, conditionFault, conditionShape), (read): UnitBand => ({
    conditions: conditionsOf(read),
    unit: read.unit,
    extras: read.extras,
  }));
}
