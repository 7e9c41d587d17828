/** Keywords that only we read. */
const OUR_KEYWORDS = new Set(['check', 'propertyNames', 'patternProperties']);

/**
 * A JSON schema as OpenAPI 3.0 writes it: one type and `nullable`, one `example`. Members that a pattern names are described as
 * the others, which take at least as much.
 */
export function toOpenApi(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(toOpenApi);
  if (typeof schema !== 'object' || schema === null) return schema;
  const written = Object.entries(schema).filter(([keyword]) => !OUR_KEYWORDS.has(keyword));
  return Object.assign({}, ...written.map(([keyword, value]) => keywordOf(keyword, value))) as object;
}

function keywordOf(keyword: string, value: unknown): object {
  if (keyword === 'examples') return { example: (value as readonly unknown[])[0] };
  if (keyword === 'properties') {
    const members = Object.entries(value as object);
    return { properties: Object.fromEntries(members.map(([name, member]) => [name, toOpenApi(member)])) };
  }
  if (keyword !== 'type' || !Array.isArray(value)) return { [keyword]: toOpenApi(value) };
  const types = value.filter((type) => type !== 'null') as readonly string[];
  const nullable = types.length < value.length ? { nullable: true } : {};
  return types.length === 1 ? { type: types[0], ...nullable } : { oneOf: types.map((type) => ({ type })), ...nullable };
}
