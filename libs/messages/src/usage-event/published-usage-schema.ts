import { isPlainObject } from '../reading/value-check';
import { usageShapes, type UsageCheckName } from './usage-checks';
import { usageEventSchema } from './usage-schema';

type Shape = Readonly<Record<string, unknown>>;

/**
 * The schema of a usage event for others: every check that only we know is replaced by what a JSON Schema can say of it. What
 * it refuses is refused here too; what it takes can still be refused, for a control character in a name.
 */
export function publishedUsageSchema(): Shape {
  return published(usageEventSchema);
}

function published(schema: unknown): Shape {
  if (!isPlainObject(schema)) return {};
  const { check, type, ...rest } = schema;
  const members = Object.entries(rest).map(([keyword, value]) => [keyword, publishedKeyword(keyword, value)] as const);
  const plain = Object.fromEntries(members);
  if (typeof check !== 'string') return type === undefined ? plain : { type, ...plain };
  const shape: Shape = { ...usageShapes[check as UsageCheckName] };
  // A value that may be a number or a text has a shape for each.
  const typed = 'anyOf' in shape ? shape : { ...shape, ...(type === undefined ? {} : { type }) };
  return { ...typed, ...plain };
}

function publishedKeyword(keyword: string, value: unknown): unknown {
  if ((keyword === 'properties' || keyword === 'patternProperties') && isPlainObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, published(member)]));
  return (keyword === 'propertyNames' || keyword === 'additionalProperties') && isPlainObject(value)
    ? published(value)
    : value;
}
