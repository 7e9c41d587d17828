import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ErrorObject } from 'ajv';
import { parse } from 'yaml';
import type { RulebookFault } from '@meterbook/domain/rulebook/fault';
import { readRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import { rulebookSchema } from '@meterbook/domain/rulebook/rulebook-schema';

const presets = join(__dirname, '../../../../rulebooks');
const contents = readdirSync(presets)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => parse(readFileSync(join(presets, file), 'utf8')) as Json);

type Json = null | boolean | number | string | Json[] | Members;
interface Members {
  readonly [key: string]: Json;
}

const isMembers = (value: Json): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
ajv.addFormat('date-time', true);
const fits = ajv.compile(rulebookSchema());

/** What no schema can say, because it is about two places at once. */
const onlyTheReaderTells = ['dangling_reference', 'duplicate_id', 'incomplete_matrix'];
const tellsShape = ({ code, pointer }: RulebookFault): boolean =>
  !onlyTheReaderTells.includes(code) && !(code === 'required' && pointer === '/creditsPerUnit');

/** The content with each value replaced, each key left out and one added to each object: one change at a time. */
function* changed(value: Json): Generator<Json> {
  yield* [null, 'x', 'x'.repeat(300), '', '-1', '1.50', '0', -1, 1.5, 1e15, true, [], {}, ['', ''], { x: 'x' }];
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries())
      for (const other of changed(item)) yield value.map((each, index) => (index === at ? other : each));
  } else if (isMembers(value)) {
    yield { ...value, surprise: 1 };
    for (const [key, member] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
      for (const other of changed(member)) yield { ...value, [key]: other };
    }
  }
}

/** A preset with one item of each list: as many kinds of things, and far fewer changes. */
const shortened = (value: Json): Json => {
  if (Array.isArray(value)) return value.slice(0, 2).map((item) => shortened(item));
  if (!isMembers(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shortened(member)]));
};

interface Words {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Words>>;
}

/** Every key of every object of the schema, with its words. */
function* keysOf(schema: unknown): Generator<readonly [string, Words]> {
  if (typeof schema !== 'object' || schema === null) return;
  const { properties = {} } = schema as Words;
  for (const entry of Object.entries(properties)) yield entry;
  for (const member of Object.values(schema)) yield* keysOf(member);
}

describe('the schema of a rulebook', () => {
  it.each(contents.map((content) => [(content as { readonly platform: string }).platform, content]))(
    'takes the preset of %s',
    (_platform, content) => {
      fits(content);
      expect(fits.errors).toBeNull();
    },
  );

  it('takes and refuses what the reader does, whatever is changed about a rulebook', () => {
    const disagreements: unknown[] = [];
    for (const content of contents)
      for (const candidate of changed(shortened(content))) {
        const read = readRulebook(candidate);
        const faults = read.kind === 'valid' ? [] : read.faults;
        const toldByShape = faults.filter(tellsShape);
        if (fits(candidate) !== (toldByShape.length === 0))
          disagreements.push([
            fits.errors?.slice(0, 2).map(({ instancePath, message }: ErrorObject) => `${instancePath} ${message}`),
            toldByShape.slice(0, 2),
          ]);
      }
    expect(disagreements).toEqual([]);
  });

  it('says of each key what it is for', () => {
    const keys = [...keysOf(rulebookSchema())];
    expect(keys.length).toBeGreaterThan(90);
    expect(keys.filter(([, { description = '' }]) => !/^[A-Z].*\.$/.test(description))).toEqual([]);
  });

  it('names what stands in several places, so that each is there once', () => {
    const { definitions } = rulebookSchema() as { readonly definitions: Readonly<Record<string, unknown>> };
    const text = JSON.stringify(rulebookSchema());
    for (const name of Object.keys(definitions))
      expect([name, text.includes(`"#/definitions/${name}"`)]).toEqual([name, true]);
    expect(text.match(/"tokenCounts":/g)?.length).toBe(1);
  });
});
