import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readPlainYaml } from './plain-yaml';
import { parseAnyYaml } from './yaml-text';

/** What the library makes of a text; undefined where it refuses it. */
function byLibrary(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: parseAnyYaml(text) };
  } catch {
    return undefined;
  }
}

/** What is read here at all has to be what the library reads. */
function expectTheSame(text: string): void {
  const plain = readPlainYaml(text);
  if (plain) expect({ text, ...plain }).toEqual({ text, ...byLibrary(text) });
}

const tricky = [
  ...[
    'null',
    'Null',
    '~',
    'true',
    'TRUE',
    'yes',
    'no',
    '24:00',
    '09:30',
    '2026-01-01',
    '2026-01-01T00:00:00Z',
    '-0',
    '0x1f',
  ],
  ...[
    '0o17',
    '1e3',
    '1_000',
    '.5',
    '5.',
    '+1',
    '.inf',
    '007',
    '1.50',
    '-',
    '- a',
    '#a',
    'a #b',
    'a#b',
    'a: b',
    'a:',
    ':a',
    'a:b',
  ],
  ...[
    "it's",
    '"',
    "'",
    '[a]',
    '{a',
    'a, b',
    '&a',
    '*a',
    '!a',
    '|',
    '>',
    '%a',
    '@a',
    '`a',
    '?',
    '',
    ' ',
    ' a ',
    'a\nb',
    '价格',
    '…',
    '\u3000a',
    'a\u1680',
    'a\u00a0',
    '\u2028',
    '😀',
    '\t',
  ],
  ...['<<', '__proto__', 'constructor', '01-ai/yi', '4o-mini', 'gpt-4.1', 'x'.repeat(120), 'many words '.repeat(12)],
];
const text = fc.oneof(fc.constantFrom(...tricky), fc.string({ maxLength: 8 }));
const key = fc.oneof(
  fc.constantFrom('id', 'price', 'when', 'x.y', 'a-b', 'null', '1', 'a b', ...tricky),
  fc.string({ maxLength: 4 }),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
}));

/** Pieces of which lines are made, right ones and wrong ones. */
const piece = fc.oneof(
  fc.constantFrom(
    ...['a', 'b', ':', ': ', ' ', '  ', '- ', '-', '#', ' # c', '\n', '\n  ', '\n    ', '\n- ', '\n  - '],
  ),
  fc.constantFrom(
    ...['"a"', "'b'", '[', ']', '{', '}', ', ', '1', '0', '.5', '...', '---', '\n---\n', '|', 'null', '\r\n', '\t'],
  ),
  fc.constantFrom(
    'id: x',
    'a: { b: [c] }',
    '- { d: "e" } # f',
    'price:',
    '- id: y',
    'when: { a: b }',
    'list: [1, two]',
    'a: 1',
    '- - z',
    'a: "b" # c',
  ),
);

describe('plain YAML', () => {
  it('is read as the library reads it, whatever was written', () => {
    fc.assert(
      fc.property(
        value,
        fc.constantFrom(0, 80),
        fc.boolean(),
        fc.constantFrom('any', 'flow'),
        (written, lineWidth, indentSeq, collectionStyle) => {
          expectTheSame(stringify(written, { lineWidth, indentSeq, collectionStyle }));
          expectTheSame(stringify({ all: [written, written] }, { lineWidth, indentSeq }));
          expectTheSame(`all:\n  - ${stringify(written, { lineWidth: 0, collectionStyle })}`);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is read as the library reads it, or not at all, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => expectTheSame(pieces.join(''))),
      { numRuns: 20_000 },
    );
  });

  it('is what rulebooks are written in', () => {
    const folder = join(__dirname, '../../../../rulebooks');
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
      const content = readFileSync(join(folder, file), 'utf8');
      expect({ file, ...readPlainYaml(content) }).toEqual({ file, value: parseAnyYaml(content) });
    }
  });

  it.each([
    ['lists in a key, indented or not', 'a:\n- x\n- y: 1\n  z: 2\nb:\n  - c\n', { a: ['x', { y: 1, z: 2 }], b: ['c'] }],
    ['comments and empty lines', '# all\na: 1 # one\n\nb: # none\n  c: "#" # two\n', { a: 1, b: { c: '#' } }],
    ['nothing behind a key', 'a:\nb:\n  - c:\n  - d\n', { a: null, b: [{ c: null }, 'd'] }],
    [
      'flow on one line',
      "a: [1, two, 'three']\nb: { c: d, e: 0.5 }\nf: []\ng: {}\n",
      { a: [1, 'two', 'three'], b: { c: 'd', e: 0.5 }, f: [], g: {} },
    ],
    [
      'times, dates and ids',
      'a: 24:00\nb: 2026-01-01T00:00:00Z\nc: 01-ai/yi\nd: x:y\n',
      { a: '24:00', b: '2026-01-01T00:00:00Z', c: '01-ai/yi', d: 'x:y' },
    ],
  ])('has %s', (_name, content, expected) => {
    expect(readPlainYaml(content)).toEqual({ value: expected });
  });

  it.each([
    'a: b\n  c',
    'a: 1\na: 2',
    '__proto__: 1',
    'a: &x 1',
    'a: |\n  b',
    'a: "\\n"',
    '- a\n b: 1',
    ' a: 1',
    'a: 1e3',
    'a: True',
    '{ a: [b] }',
    `${'- '.repeat(40)}a`,
  ])('is not %j', (content) => {
    expect(readPlainYaml(content)).toBeUndefined();
  });
});
