import { parseDecimal, isNegative, isPositive } from '@meterbook/domain/amount/decimal';
import { instantMs } from '@meterbook/domain/time/instant';
import type { FaultCode, ValueFault } from './fault';

/** Undefined when the value is taken. Where it stands, and whether it may be absent, is not its matter. */
export type ValueCheck = (value: unknown) => ValueFault | undefined;

export const PLATFORM_PATTERN = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const ACCOUNT_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;
/** Longest idempotency id, in characters. */
export const MAX_ID_LENGTH = 256;

/** Control characters, line separators and halves of surrogate pairs: they belong in no name, and some have no UTF-8 form. */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
/** No UTF-16 code unit takes more bytes of UTF-8. */
const MAX_BYTES_PER_CODE_UNIT = 3;

const fault = (code: FaultCode, detail: string): ValueFault => ({ code, detail });

/** The names JSON has for the types of its values. */
export const jsonType = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

const notA = (expected: string, value: unknown): ValueFault =>
  fault('invalid_type', `must be ${expected}, not ${jsonType(value)}`);

const isLongerThan = (value: string, maxBytes: number): boolean =>
  value.length * MAX_BYTES_PER_CODE_UNIT > maxBytes && Buffer.byteLength(value) > maxBytes;

/** A text without control characters, of `minBytes` to `maxBytes` bytes of UTF-8. */
export const textOf =
  (maxBytes: number, minBytes: 0 | 1 = 1): ValueCheck =>
  (value) => {
    if (typeof value !== 'string') return notA('a string', value);
    if (value.length < minBytes) return fault('invalid_value', 'must not be empty');
    if (isLongerThan(value, maxBytes)) return fault('too_long', `must be at most ${maxBytes} bytes of UTF-8`);
    return unprintable.test(value) ? fault('invalid_value', 'must not hold control characters') : undefined;
  };

const matching =
  (pattern: RegExp, detail: string): ValueCheck =>
  (value) => {
    if (typeof value !== 'string') return notA('a string', value);
    return pattern.test(value) ? undefined : fault('invalid_value', detail);
  };

export const platformId = matching(PLATFORM_PATTERN, 'must match [a-z0-9][a-z0-9-]{0,62}');
export const accountId = matching(ACCOUNT_PATTERN, 'must match [A-Za-z0-9][A-Za-z0-9._:@-]{0,127}');

/** Printable characters, spaces included. */
export const idempotencyId: ValueCheck = (value) => {
  if (typeof value !== 'string') return notA('a string', value);
  if (value === '') return fault('invalid_value', 'must not be empty');
  if (value.length > MAX_ID_LENGTH) return fault('too_long', `must be at most ${MAX_ID_LENGTH} characters`);
  return unprintable.test(value) ? fault('invalid_value', 'must hold printable characters only') : undefined;
};

const dateAlone = /^\d{4}-\d{2}-\d{2}$/;
const withoutZone = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?$/;
const blankForPlus = /^(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?) (\d{2}:\d{2})$/;

/** How what somebody wrote for an instant is to be written. */
function instantHint(text: string): string {
  if (dateAlone.test(text)) return `is a date alone: write the instant, ${text}T00:00:00Z or ${text}T00:00:00+08:00`;
  if (withoutZone.test(text)) return `names no zone: write ${text}Z or ${text}+08:00`;
  // In a URL a + stands for a blank.
  const [, date, offset] = blankForPlus.exec(text) ?? [];
  if (date !== undefined && offset !== undefined) return `holds a blank: in a URL write %2B for +, ${date}%2B${offset}`;
  return 'must be an RFC 3339 date and time with a zone, such as 2026-11-21T10:00:00Z';
}

/** RFC 3339 with a zone, Z or an offset. */
export const instant: ValueCheck = (value) => {
  if (typeof value !== 'string') return notA('a string', value);
  return Number.isNaN(instantMs(value)) ? fault('invalid_value', instantHint(value)) : undefined;
};

/** Which amounts are taken. */
export type AmountRange = 'any' | 'not-negative' | 'positive';

/** A canonical decimal string; every fault is `invalid_amount`, another JSON type included. */
export const amountOf =
  (range: AmountRange): ValueCheck =>
  (value) => {
    const amount = parseDecimal(value);
    if (!amount) {
      const form = 'must be a canonical decimal string, at most 18 integer and 12 fraction digits, such as "12.5"';
      return fault('invalid_amount', form);
    }
    if (range === 'positive' && !isPositive(amount)) return fault('invalid_amount', 'must be more than zero');
    if (range === 'not-negative' && isNegative(amount)) return fault('invalid_amount', 'must be zero or more');
    return undefined;
  };

/** An object from JSON (or a query string, which has no prototype). */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
