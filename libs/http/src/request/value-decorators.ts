import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { IsOptional, ValidateBy, ValidateIf } from 'class-validator';
import {
  accountId,
  amountOf,
  idempotencyId,
  instant,
  jsonType,
  MAX_ID_LENGTH,
  platformId,
  textOf,
  type AmountRange,
  type ValueCheck,
} from '@meterbook/messages/reading/value-check';

/** A class-validator rule that keeps the code of its fault: `RequestReader` finds the check in the rule's context. */
export const CheckedBy = (name: string, check: ValueCheck): PropertyDecorator =>
  ValidateBy(
    {
      name,
      validator: {
        validate: (value) => check(value) === undefined,
        defaultMessage: (about) => check(about?.value)?.detail ?? '',
      },
    },
    { context: { check } },
  );

/** The property may be left out; null is refused. */
export const MayBeAbsent = (): PropertyDecorator =>
  applyDecorators(
    ValidateIf((_object, value) => value !== undefined),
    ApiProperty({ required: false }),
  );

/** The property may be left out or null. */
export const MayBeNull = (): PropertyDecorator =>
  applyDecorators(IsOptional(), ApiProperty({ required: false, nullable: true }));

const documented = (check: PropertyDecorator, schema: ApiPropertyOptions): PropertyDecorator =>
  applyDecorators(check, ApiProperty(schema));

/** A canonical decimal string (SPEC §2). Anything else, or a value out of range, makes the answer 400 `invalid_amount`. */
export const IsAmount = (range: AmountRange, description: string, more: ApiPropertyOptions = {}): PropertyDecorator =>
  documented(CheckedBy('isAmount', amountOf(range)), { type: String, example: '12.5', description, ...more });

/** RFC 3339 with a zone. */
export const IsInstant = (description: string, more: ApiPropertyOptions = {}): PropertyDecorator =>
  documented(CheckedBy('isInstant', instant), { type: String, format: 'date-time', description, ...more });

export const IsPlatform = (description: string, more: ApiPropertyOptions = {}): PropertyDecorator =>
  documented(CheckedBy('isPlatform', platformId), { type: String, example: 'apibox', description, ...more });

export const IsAccount = (description: string, more: ApiPropertyOptions = {}): PropertyDecorator =>
  documented(CheckedBy('isAccount', accountId), { type: String, example: 'acct-42', description, ...more });

/** The id that makes a command idempotent: 1 to 256 printable characters. */
export const IsIdempotencyId = (description: string, more: ApiPropertyOptions = {}): PropertyDecorator =>
  documented(CheckedBy('isIdempotencyId', idempotencyId), {
    type: String,
    minLength: 1,
    maxLength: MAX_ID_LENGTH,
    description,
    ...more,
  });

/** A place of a list as an earlier answer gave it; see `Cursor`. */
export const IsCursor = (cursor: { readonly check: ValueCheck }): PropertyDecorator =>
  documented(CheckedBy('isCursor', cursor.check), { type: String, description: 'The `next` of the page before.' });

/** A text of 1 to `maxBytes` bytes of UTF-8 without control characters. */
export const IsText = (maxBytes: number, description: string, more: ApiPropertyOptions = {}): PropertyDecorator =>
  documented(CheckedBy('isText', textOf(maxBytes)), { type: String, minLength: 1, description, ...more });

const NESTED = Symbol('nested');

/** What `Nested` and `NestedList` keep beside a property. */
export interface NestedProperty {
  readonly list: boolean;
  readonly dto: () => new () => object;
}

const anObject: ValueCheck = (value) =>
  jsonType(value) === 'object'
    ? undefined
    : { code: 'invalid_type', detail: `must be an object, not ${jsonType(value)}` };

const aList: ValueCheck = (value) =>
  Array.isArray(value) ? undefined : { code: 'invalid_type', detail: `must be an array, not ${jsonType(value)}` };

const nested =
  (property: NestedProperty, schema: ApiPropertyOptions): PropertyDecorator =>
  (target, key) => {
    const known = (Reflect.getMetadata(NESTED, target) ?? {}) as Readonly<Record<string, NestedProperty>>;
    Reflect.defineMetadata(NESTED, { ...known, [String(key)]: property }, target);
    applyDecorators(CheckedBy('isNested', property.list ? aList : anObject), ApiProperty(schema))(target, key);
  };

/** An object with rules of its own, read as `dto`. The document takes a function for a lazy class only where it is called `type`. */
export const Nested = (
  dto: NestedProperty['dto'],
  description: string,
  more: ApiPropertyOptions = {},
): PropertyDecorator => nested({ list: false, dto }, { type: () => dto(), description, ...more });

/** A list of objects with rules of their own. */
export const NestedList = (
  dto: NestedProperty['dto'],
  description: string,
  more: ApiPropertyOptions = {},
): PropertyDecorator => nested({ list: true, dto }, { type: () => [dto()], description, ...more });

/** The nested properties of a DTO class, by name. */
export const nestedOf = (prototype: object): Readonly<Record<string, NestedProperty>> =>
  (Reflect.getMetadata(NESTED, prototype) ?? {}) as Readonly<Record<string, NestedProperty>>;
