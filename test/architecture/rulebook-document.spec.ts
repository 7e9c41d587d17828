import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { toText } from '@meterbook/domain/amount/decimal';
import { rate } from '@meterbook/domain/rating/rate';
import { readRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import { rulebookSchema } from '@meterbook/domain/rulebook/rulebook-schema';
import type { Units } from '@meterbook/domain/usage/usage';
import { section, tableRows } from './markdown';
import { root } from './planted-tree';

type Shape = Readonly<Record<string, unknown>>;

const text = readFileSync(join(root, 'docs/rulebook.md'), 'utf8');
const schema = rulebookSchema();
const parts = schema['definitions'] as Readonly<Record<string, Shape>>;
/** The pieces of the page are one rulebook. */
const content: unknown = parse([...text.matchAll(/```yaml\n([^]*?)```/g)].map(([, piece = '']) => piece).join(''));

const shapes = (value: unknown): readonly Shape[] => (Array.isArray(value) ? (value as Shape[]) : []);
const isShape = (value: unknown): value is Shape => typeof value === 'object' && value !== null;

/** Every key that the reader knows: its path, its sentence, and what it is where it is left out. Other prices are like a model's. */
function* keysOf(shape: Shape, path: string): Generator<readonly [path: string, description: string, absent: string]> {
  const reference = typeof shape['$ref'] === 'string' ? shape['$ref'].split('/').at(-1) : undefined;
  if (reference === 'Price' && !path.endsWith('models[].price')) return;
  if (reference !== undefined) yield* keysOf(parts[reference] ?? {}, path);
  for (const each of ['allOf', 'oneOf', 'anyOf'].flatMap((key) => shapes(shape[key]))) yield* keysOf(each, path);
  if (isShape(shape['items'])) yield* keysOf(shape['items'], `${path}[]`);
  const others = shape['additionalProperties'];
  if (isShape(others)) yield* keysOf(others, `${path}.*`);
  if (others !== false) return;
  const required = shape['required'] as readonly string[] | undefined;
  for (const [key, member] of Object.entries(shape['properties'] as Readonly<Record<string, Shape>>)) {
    const at = path === '' ? key : `${path}.${key}`;
    const value = member['default'] === undefined ? '' : `\`${JSON.stringify(member['default'])}\``;
    yield [at, String(member['description']), required?.includes(key) ? 'required' : value];
    yield* keysOf(member, at);
  }
}

const keys = new Map([...keysOf(schema, '')].reverse().map((key) => [key[0], key]));

/** The paths of what stands in the content: those of lists and of free names as the schema's. */
function* pathsOf(value: unknown, path: string): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* pathsOf(item, `${path}[]`);
  else if (isShape(value)) {
    for (const [key, member] of Object.entries(value)) {
      const named = path === '' ? key : `${path}.${key}`;
      const at = keys.has(named) ? named : `${path}.*`;
      yield at;
      yield* pathsOf(member, at);
    }
  }
}

describe('the page of the rulebook', () => {
  const rows = tableRows(text).filter(([key = '']) => keys.has(key.replaceAll('`', '')));

  it('has a row for every key, as its reader describes it', () => {
    expect(keys.size).toBeGreaterThan(100);
    const written = rows.map(([key = '', description, absent]) => [key.replaceAll('`', ''), description, absent]);
    expect(written.sort()).toEqual([...keys.values()].map((key) => [...key]).sort());
  });

  it('has pieces that are one rulebook, with every key in it', () => {
    expect(readRulebook(content)).toMatchObject({ kind: 'valid' });
    const shown = new Set(pathsOf(content, ''));
    expect([...keys.keys()].filter((key) => !shown.has(key))).toEqual([]);
  });

  it('says what usage comes to', () => {
    const read = readRulebook(content);
    if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
    const amounts = tableRows(section(text, 'Models and prices')).filter(([, units = '']) => units.startsWith('`{'));
    expect(amounts.length).toBeGreaterThanOrEqual(8);
    for (const [model = '', units = '', fields = '', amount] of amounts) {
      const request = {
        model: model.replaceAll('`', ''),
        group: null,
        channel: null,
        units: JSON.parse(units.replaceAll('`', '')) as Units,
        fields: JSON.parse(fields.replaceAll('`', '')) as Readonly<Record<string, string>>,
        // A Monday: the window is of the weekend.
        at: Date.parse('2026-11-23T12:00:00Z'),
      };
      const rated = rate(read.rulebook, request, { tier: 'default', customMultiplier: null });
      expect([model, units, rated.kind === 'rated' ? toText(rated.amount) : rated.code]).toEqual([
        model,
        units,
        amount,
      ]);
    }
  });
});
