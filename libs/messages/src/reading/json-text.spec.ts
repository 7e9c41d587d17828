import { MAX_NESTING, parseStrictJson, UnreadableText } from './json-text';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('a JSON text', () => {
  it('may be nested to the limit, hold brackets in strings and the same key in two objects', () => {
    const text = `{"a":{"k":"]}{[,\\"\\\\"},"b":{"k":${nested(MAX_NESTING - 2)}}}`;
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  it('is not nested deeper', () => {
    expect(parseStrictJson(nested(MAX_NESTING))).toEqual(JSON.parse(nested(MAX_NESTING)));
    expect(() => parseStrictJson(nested(MAX_NESTING + 1))).toThrow(UnreadableText);
  });
});
