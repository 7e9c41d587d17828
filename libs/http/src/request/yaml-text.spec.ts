import { UnreadableText } from '@meterbook/messages/reading/json-text';
import { parseYaml } from './yaml-text';

/** Nine of the one before it, eight times over: half a gigabyte if they were all written out. */
const nestOfAliases = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...Array.from(
    'bcdefgh',
    (name, at) =>
      `${name}: &${name} [${Array(9)
        .fill(`*${'abcdefg'[at] ?? ''}`)
        .join(',')}]`,
  ),
].join('\n');

describe('a YAML text', () => {
  it('is read as JSON would be', () => {
    const text = 'platform: apibox\ntiers: [ { id: vip, rank: 1, discount: "0.8" } ] # cheap\n';
    expect(parseYaml(text)).toEqual({ platform: 'apibox', tiers: [{ id: 'vip', rank: 1, discount: '0.8' }] });
  });

  it('may be nested to the limit', () => {
    const flow = '['.repeat(32) + ']'.repeat(32);
    expect(parseYaml(flow)).toEqual(JSON.parse(flow));
    expect(parseYaml(`${'- '.repeat(32)}deep`)).toEqual(JSON.parse(`${'['.repeat(32)}"deep"${']'.repeat(32)}`));
  });

  it.each([
    ['broken', 'a: [1'],
    ['ambiguous', 'a: 1\na: 2'],
    ['a nest of aliases', nestOfAliases],
    ['deep', '['.repeat(100) + ']'.repeat(100)],
    ['very deep', '['.repeat(100_000)],
    ['very deep, and closed again', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['very deep in maps', '{ a: '.repeat(100_000)],
    ['very deep in lists of a line', '- '.repeat(100_000)],
    ['very deep in keys', '? '.repeat(100_000)],
    ['more than one document', 'a: 1\n---\nb: 2'],
    ['deep in a second document', `a: 1\n---\n${'['.repeat(100_000)}`],
    ['a prototype', '__proto__: { admin: true }'],
    ['a cycle', '&a [*a]'],
    ['a number that JSON does not have', 'limit: .inf'],
  ])('that is %s is refused', (_name, text) => {
    const read = (): unknown => parseYaml(text);
    expect(read).toThrow(UnreadableText);
    expect(read).toThrow(/^invalid_yaml: /);
  });
});
