import { isPlainObject } from '@meterbook/messages/reading/value-check';

type Schema = Readonly<Record<string, unknown>>;

/** A number that may have a fraction says so by this format; every other number counts something. */
export const FRACTION = 'double';

const REF_PREFIX = '#/components/schemas/';
const NULL = { type: 'null' };

/** The name of a class in the code as the document has it: `ChargeDto` is a `Charge` to everybody else. */
export const publicName = (className: string): string => className.replace(/Dto$/, '');

/** A schema as Nest writes it, in OpenAPI 3.1: a JSON Schema, where null is a type and examples are a list. */
export function toOpenApi31(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(toOpenApi31);
  if (!isPlainObject(schema)) return schema;
  const { nullable, example, ...rest } = schema;
  const members = Object.entries(rest).map(([keyword, value]) => [keyword, keywordValue(keyword, value)] as const);
  const plain = withoutWrapping(withWholeNumbers(Object.fromEntries(members)));
  const shown = example === undefined || example === null ? plain : { ...plain, examples: [example] };
  return nullable === true ? orNull(shown) : shown;
}

function keywordValue(keyword: string, value: unknown): unknown {
  if (keyword === '$ref' && typeof value === 'string') return REF_PREFIX + publicName(value.slice(REF_PREFIX.length));
  if (keyword === 'properties' && isPlainObject(value)) return eachOf(value, toOpenApi31);
  return ['items', 'allOf', 'anyOf', 'oneOf', 'not', 'additionalProperties'].includes(keyword)
    ? toOpenApi31(value)
    : value;
}

/** Nest knows no whole numbers: it writes the type that TypeScript has. */
function withWholeNumbers(schema: Schema): Schema {
  return schema['type'] === 'number' && schema['format'] !== FRACTION ? { ...schema, type: 'integer' } : schema;
}

/** A reference had no room for a description in 3.0, and was wrapped for one. */
function withoutWrapping(schema: Schema): Schema {
  const { allOf, type, ...words } = schema;
  const only: unknown = Array.isArray(allOf) && allOf.length === 1 ? allOf[0] : undefined;
  return isPlainObject(only) && (type === undefined || type === 'object') ? { ...only, ...words } : schema;
}

function orNull(schema: Schema): Schema {
  const { type, enum: values, $ref, ...words } = schema;
  if (typeof $ref === 'string') return { anyOf: [{ $ref }, NULL], ...words };
  if (typeof type !== 'string') return { anyOf: [schema, NULL] };
  return { type: [type, 'null'], ...(Array.isArray(values) && { enum: [...(values as unknown[]), null] }), ...words };
}

/** The same members with other values. */
function eachOf(object: Schema, make: (value: unknown) => unknown): Schema {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, make(value)]));
}
