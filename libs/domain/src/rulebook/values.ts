import { isPositive, isNegative, parseDecimal, type Decimal } from '../amount/decimal';
import { instantMs } from '../time/instant';
import { isZone } from '../time/zone-clock';
import { LABEL_KEY } from '../usage/labels';
import { checked, invalid, overBound, reader, type Reader } from './schema';

/** Longest name or text in a rulebook, in characters. */
const MAX_TEXT_LENGTH = 256;
const MAX_ID_LENGTH = 128;
/** Longest span that a rulebook counts in days: a century. */
export const MAX_DAYS = 36_500;
/** Largest count of requests or tokens. */
export const MAX_COUNT = 1_000_000_000_000;

/** Text of one line that has a UTF-8 form: control characters and halves of surrogate pairs are refused. */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

export const text: Reader<string> = upTo(
  MAX_TEXT_LENGTH,
  reader({ type: 'string', minLength: 1 }, (value, pointer, faults) =>
    typeof value === 'string' && value !== '' && !unprintable.test(value)
      ? value
      : invalid(faults, pointer, `a text of one line and at most ${MAX_TEXT_LENGTH} characters`, value),
  ),
);

function matching(pattern: RegExp, maxLength: number, expected: string): Reader<string> {
  const taken = reader({ type: 'string', pattern: pattern.source }, (value, pointer, faults) =>
    typeof value === 'string' && pattern.test(value) ? value : invalid(faults, pointer, expected, value),
  );
  return upTo(maxLength, taken);
}

/** A text that is not too long to be looked at. */
function upTo(maxLength: number, read: Reader<string>): Reader<string> {
  return reader({ ...read.shape, maxLength }, (value, pointer, faults) =>
    typeof value === 'string' && value.length > maxLength
      ? overBound(faults, pointer, `at most ${maxLength} characters belong here`)
      : read(value, pointer, faults),
  );
}

export const platformId = matching(/^[a-z0-9][a-z0-9-]*$/, 63, 'a platform, [a-z0-9][a-z0-9-]{0,62},');
/** Of a tier, group, channel or plan. */
export const id = matching(
  /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._:@/+-]*$/u,
  MAX_ID_LENGTH,
  'an id of letters, digits and ._:@/+-',
);
/** It becomes a part of a ledger account's name, which colons divide. */
export const providerId = matching(
  /^[A-Za-z0-9][A-Za-z0-9._@-]*$/,
  MAX_ID_LENGTH,
  'a provider of letters, digits and ._@-',
);
/** The name of an extra or a kind of tokens, as usage spells it. */
export const unitName = matching(/^[A-Za-z][A-Za-z0-9_.-]*$/, MAX_ID_LENGTH, 'a name of letters, digits and _.-');
/** An exact model or a `*` glob. */
export const modelId = matching(
  /^[^\s!\p{Cc}\p{Cs}][^\s\p{Cc}\p{Cs}]*$/u,
  MAX_TEXT_LENGTH,
  'a model or a * glob, without spaces,',
);
/** A whitelist's glob, `!` to take away. */
export const modelGlob = matching(
  /^!?[^\s!\p{Cc}\p{Cs}][^\s\p{Cc}\p{Cs}]*$/u,
  MAX_TEXT_LENGTH,
  'a model or a * glob, ! before it to take away,',
);
/** `CREDIT` is the commodity of the pools. */
export const currency = matching(/^(?!CREDIT$)[A-Z][A-Z0-9]{2,11}$/, 12, 'a currency such as USD');

/** Whose cost a usage is, as it says itself. */
export const labelKey = matching(LABEL_KEY, MAX_ID_LENGTH, 'a label, [a-z][a-z0-9_]{0,31},');

export const flag: Reader<boolean> = reader({ type: 'boolean' }, (value, pointer, faults) =>
  typeof value === 'boolean' ? value : invalid(faults, pointer, 'true or false', value),
);

/** One of these; numbers among them are whole. */
export function oneOf<const T extends string | number | boolean>(...allowed: readonly T[]): Reader<T> {
  const type = typeof allowed[0] === 'number' ? 'integer' : typeof allowed[0];
  return reader({ type, enum: allowed }, (value, pointer, faults) => {
    const found = allowed.find((candidate) => candidate === value);
    return found === undefined ? invalid(faults, pointer, `one of ${allowed.join(', ')}`, value) : found;
  });
}

export function wholeNumber(from: number, to: number): Reader<number> {
  return reader({ type: 'integer', minimum: from, maximum: to }, (value, pointer, faults) =>
    typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to
      ? value
      : invalid(faults, pointer, `a whole number from ${from} to ${to}`, value),
  );
}

/** A canonical decimal without a sign, as its schema says it. */
const DECIMAL_PATTERN = '^(0|[1-9][0-9]{0,17})(\\.[0-9]{0,11}[1-9])?$';

const decimalText: Reader<Decimal> = reader(
  { type: 'string', pattern: DECIMAL_PATTERN, examples: ['1', '0.8'] },
  (value, pointer, faults) =>
    parseDecimal(value) ?? invalid(faults, pointer, 'a canonical decimal string (at most 18 + 12 digits)', value),
);

/** A price, multiplier, discount or threshold: 0 or more. */
export const amount: Reader<Decimal> = checked(decimalText, (read) => (isNegative(read) ? 'zero or more' : undefined));
export const positiveAmount: Reader<Decimal> = checked(
  decimalText,
  (read) => (isPositive(read) ? undefined : 'more than zero'),
  { not: { const: '0' } },
);

/** Milliseconds since 1970. */
export const instant: Reader<number> = reader(
  { type: 'string', format: 'date-time', examples: ['2026-11-01T00:00:00Z'] },
  (value, pointer, faults) => {
    const atMs = typeof value === 'string' ? instantMs(value) : Number.NaN;
    return Number.isNaN(atMs)
      ? invalid(faults, pointer, 'an RFC 3339 instant with a zone, such as 2026-11-01T00:00:00Z,', value)
      : atMs;
  },
);

const TIME_OF_DAY = /^([01][0-9]|2[0-3]):([0-5][0-9])$/;

/** `HH:MM` as minutes after midnight. */
export const timeOfDay: Reader<number> = reader(
  { type: 'string', pattern: TIME_OF_DAY.source, examples: ['08:30'] },
  (value, pointer, faults) => minutesOf(value) ?? invalid(faults, pointer, 'a time from 00:00 to 23:59', value),
);

const END_OF_DAY = '24:00';

/** The same, or the end of the day. */
export const endOfWindow: Reader<number> = reader(
  { type: 'string', pattern: `${TIME_OF_DAY.source}|^${END_OF_DAY}$`, examples: ['08:30', END_OF_DAY] },
  (value, pointer, faults) =>
    value === END_OF_DAY
      ? 24 * 60
      : (minutesOf(value) ?? invalid(faults, pointer, 'a time from 00:00 to 24:00', value)),
);

function minutesOf(value: unknown): number | undefined {
  const parts = typeof value === 'string' ? TIME_OF_DAY.exec(value) : null;
  return parts ? Number(parts[1]) * 60 + Number(parts[2]) : undefined;
}

export const zone: Reader<string> = reader(
  { type: 'string', minLength: 1, examples: ['UTC', 'Asia/Shanghai'] },
  (value, pointer, faults) =>
    typeof value === 'string' && isZone(value) ? value : invalid(faults, pointer, 'an IANA time zone', value),
);
