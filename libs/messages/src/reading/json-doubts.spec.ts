import fc from 'fast-check';
import { doubtsOf } from './json-doubts';

const doubts = (text: string): string[] =>
  doubtsOf(text, JSON.parse(text)).map(({ index, pointer, detail }) => `${index} ${pointer} ${detail}`);

describe('a JSON text', () => {
  it.each<[string, string, string[]]>([
    ['a key twice', '{"a":1,"a":1}', ['0 /a stands twice in its object']],
    ['a key twice, with other values between', '{"a":[1,{"b":"}"}],"c":2,"a":1}', ['0 /a stands twice in its object']],
    ['a key twice in another spelling', '{"a":1,"\\u0061":1}', ['0 /a stands twice in its object']],
    ['a key twice in an item', '[{}, {"d":{"b/c":1,"b/c":2}}]', ['1 /d/b~1c stands twice in its object']],
    ['a number that is nearly one', '{"a":0.99999999999999999999}', ['0 /a must be a whole number']],
    ['a fraction', '[{"units":{"seconds":0.5}}]', ['0 /units/seconds must be a whole number']],
    ['an exponent', '{ "a": 1e3 }', ['0 /a must be a whole number']],
    ['a number beyond all', '{"a":1e400}', ['0 /a must be a whole number']],
    ['minus zero', '{"a":-0}', ['0 /a must be a whole number']],
    ['a number that no double holds', '{"a":9007199254740993}', ['0 /a must be a whole number']],
    ['a number in a list', '[[1.5]]', ['0 /0 must be a whole number']],
  ])('with %s says otherwise than its value', (_name, text, expected) => {
    expect(doubts(text)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['the same key in two objects', '{"a":{"b":1},"c":{"b":1}}'],
    ['the same key in two items', '[{"a":1},{"a":1}]'],
    ['brackets, colons and numbers in strings', '{ "a": "{\\"a\\":1.5,\\"a\\":2}" , "b": "\\\\" , "c": "1.5" }'],
    ['whole numbers', '{ "a": 0 , "b": -1 , "c": 1000000000000 , "d": 12.0 }'],
    ['an instant with milliseconds', '{"time":"2026-11-21T10:00:00.123Z"}'],
    ['a string alone', '"a"'],
  ])('with %s says what its value says', (_name, text) => {
    expect(doubts(text)).toEqual([]);
  });

  it('is in doubt with spaces as without, and never for what was written of a value without fractions', () => {
    const values = fc
      .jsonValue({ maxDepth: 4 })
      .filter((value) => !/":-?\d*[.eE]|[[,]-?\d*[.eE]/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(values, (value) => {
        const isDoubtful = JSON.stringify(value).includes('-0') || /\d{16}/.test(JSON.stringify(value));
        fc.pre(!isDoubtful && typeof value !== 'number');
        expect(doubts(JSON.stringify(value))).toEqual([]);
        expect(doubts(JSON.stringify(value, null, 2))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('tells a bounded number of doubts, and survives any nesting', () => {
    expect(doubts(`[${Array.from({ length: 5_000 }, () => '0.5').join()}]`)).toHaveLength(100);
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(doubtsOf(deep, JSON.parse(deep))).toEqual([]);
  });
});
