import { compare, fromInteger, parseDecimal } from '@meterbook/domain/amount/decimal';
import { LABEL_KEY, MAX_LABEL_VALUE_BYTES, OTHER_LABELS } from '@meterbook/domain/usage/labels';
import {
  ACCOUNT_PATTERN,
  accountId,
  instant,
  jsonType,
  PLATFORM_PATTERN,
  platformId,
  textOf,
  type ValueCheck,
} from '../reading/value-check';
import {
  MAX_ATTRIBUTE_BYTES,
  MAX_FIELD_NAME_BYTES,
  MAX_FIELD_VALUE_BYTES,
  MAX_IDENTITY_BYTES,
  MAX_NAME_BYTES,
  MAX_UNIT,
  USAGE_EVENT_TYPE,
} from './usage-event';
import type { ValueFault } from '../reading/fault';

/** As rulebooks name them; a kind of 128 characters and `Tokens` is the longest. */
const unitNamePattern = /^[A-Za-z][A-Za-z0-9_.-]{0,133}$/;
/** A canonical decimal of zero or more. */
const DECIMAL_SOURCE = '^(0|[1-9][0-9]{0,17})(\\.[0-9]{0,11}[1-9])?$';
const largestUnit = fromInteger(MAX_UNIT);

const invalid = (detail: string): ValueFault => ({ code: 'invalid_value', detail });

const exactly =
  (expected: string): ValueCheck =>
  (value) =>
    typeof value === 'string'
      ? value === expected
        ? undefined
        : invalid(`must be ${JSON.stringify(expected)}`)
      : { code: 'invalid_type', detail: `must be a string, not ${jsonType(value)}` };

const outOfRange = invalid('must be from 0 to 10^12');

const unit: ValueCheck = (value) => {
  if (typeof value !== 'number') return { code: 'invalid_type', detail: `must be a number, not ${jsonType(value)}` };
  if (!Number.isInteger(value)) return invalid('must be a whole number');
  return value >= 0 && value <= MAX_UNIT ? undefined : outOfRange;
};

/** Units that count tokens, requests, images or pixels: whole things, and never decimal strings. */
export const WHOLE_UNITS = /^(requests|images|width|height)$|Tokens$/;

/**
 * A unit that may be measured in fractions. A number with a fraction is refused at the door and read here: records that were
 * taken in before that still count.
 */
const measure: ValueCheck = (value) => {
  if (typeof value !== 'number' && typeof value !== 'string') {
    return { code: 'invalid_type', detail: `must be a number or a decimal string, not ${jsonType(value)}` };
  }
  if (typeof value === 'number' && Number.isInteger(value)) return unit(value);
  const read = parseDecimal(String(value));
  if (!read) {
    const detail = 'must be a canonical decimal, at most 12 fraction digits, such as "12.5"';
    return { code: 'invalid_amount', detail };
  }
  return read.coefficient >= 0n && compare(read, largestUnit) <= 0 ? undefined : outOfRange;
};

/** How a unit of this name has to be said at the door: a whole number, or a decimal string where it may be measured in fractions. */
export const unitCheckOf =
  (name: string): ValueCheck =>
  (value) =>
    typeof value === 'number' || WHOLE_UNITS.test(name) ? unit(value) : measure(value);

/** An amount of money, zero or more; a JSON number is none. */
const cost: ValueCheck = (value) => {
  const read = parseDecimal(value);
  if (!read) return { code: 'invalid_amount', detail: 'must be a canonical decimal string, such as "0.0125"' };
  return read.coefficient >= 0n ? undefined : invalid('must be zero or more');
};

const unitName: ValueCheck = (value) =>
  typeof value === 'string' && unitNamePattern.test(value)
    ? undefined
    : { code: 'unknown_property', detail: 'is no name that a unit can have' };

const fieldNameText = textOf(MAX_FIELD_NAME_BYTES);

/** `__proto__` is a name that a reader of the object might trip over. */
const fieldName: ValueCheck = (value) =>
  value === '__proto__' ? invalid('must not be named __proto__') : fieldNameText(value);

const labelKey: ValueCheck = (value) =>
  typeof value === 'string' && LABEL_KEY.test(value) ? undefined : invalid('must be named [a-z][a-z0-9_]{0,31}');

const labelText = textOf(MAX_LABEL_VALUE_BYTES);

/** Reports call by that name what they have no room for. */
const labelValue: ValueCheck = (value) =>
  value === OTHER_LABELS ? invalid(`must not be ${OTHER_LABELS}`) : labelText(value);

/** Every rule about a single value of a usage event, by the name that the JSON schema calls it. */
export const usageChecks = {
  specversion: exactly('1.0'),
  type: exactly(USAGE_EVENT_TYPE),
  identity: textOf(MAX_IDENTITY_BYTES),
  time: instant,
  platform: platformId,
  account: accountId,
  name: textOf(MAX_NAME_BYTES),
  attribute: textOf(MAX_ATTRIBUTE_BYTES, 0),
  unit,
  measure,
  cost,
  unitName,
  fieldName,
  fieldValue: textOf(MAX_FIELD_VALUE_BYTES, 0),
  labelKey,
  labelValue,
} as const satisfies Readonly<Record<string, ValueCheck>>;

export type UsageCheckName = keyof typeof usageChecks;

const text = (maxBytes: number, minLength = 1): object => ({ type: 'string', minLength, maxLength: maxBytes });

/**
 * The same rules as a JSON Schema can say them, for whoever reports usage. They never refuse what the checks take: bytes are
 * counted as characters, and which characters a text may hold is left out.
 */
export const usageShapes: Readonly<Record<UsageCheckName, object>> = {
  specversion: { const: '1.0' },
  type: { const: USAGE_EVENT_TYPE },
  identity: text(MAX_IDENTITY_BYTES),
  time: { format: 'date-time' },
  platform: { pattern: PLATFORM_PATTERN.source },
  account: { pattern: ACCOUNT_PATTERN.source },
  name: text(MAX_NAME_BYTES),
  attribute: text(MAX_ATTRIBUTE_BYTES, 0),
  unit: { type: 'integer', minimum: 0, maximum: MAX_UNIT },
  measure: {
    anyOf: [
      { type: 'integer', minimum: 0, maximum: MAX_UNIT },
      { type: 'string', pattern: DECIMAL_SOURCE },
    ],
  },
  unitName: { pattern: unitNamePattern.source },
  cost: { pattern: DECIMAL_SOURCE },
  fieldName: { ...text(MAX_FIELD_NAME_BYTES), not: { const: '__proto__' } },
  fieldValue: text(MAX_FIELD_VALUE_BYTES, 0),
  labelKey: { pattern: LABEL_KEY.source },
  labelValue: { ...text(MAX_LABEL_VALUE_BYTES), not: { const: OTHER_LABELS } },
};
