import { join } from 'node:path';
import { MAX_RULEBOOK_BYTES } from '@meterbook/http/rulebook/rulebook-limits';
import { scratchFolder } from '../../testing/scratch-folder';
import { told } from '../../testing/told';

const presets = join(__dirname, '../../../../../rulebooks');

const good = `platform: harbour
currency: USD
tiers: [{ id: default, rank: 1 }]
groups: [{ id: default }]
models:
  - { id: small, group: default, price: { mode: request, unit: "0.05" } }
`;

describe('rulebook validate', () => {
  const { file, path } = scratchFolder();
  const validate = (name: string, content: unknown, ...options: string[]) =>
    told(['rulebook', 'validate', file(name, content), ...options]);

  it('tells what a valid one is, and the hash that it would be published under', async () => {
    const { code, out, err } = await told(['rulebook', 'validate', join(presets, 'apibox.yaml')]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/apibox\.yaml is valid: platform apibox, CNY, [0-9]+ models, SHA-256 [0-9a-f]{64}\.\n$/);
  });

  it('gives JSON and YAML of the same content the same hash, whatever they say of when it holds', async () => {
    const content = {
      effectiveFrom: '2026-11-01T00:00:00.000Z',
      currency: 'USD',
      models: [{ price: { unit: '0.05', mode: 'request' }, group: 'default', id: 'small' }],
      groups: [{ id: 'default' }],
      tiers: [{ rank: 1, id: 'default' }],
      platform: 'harbour',
    };
    const [yaml, json] = [await validate('good.yaml', good, '--json'), await validate('good.json', content, '--json')];
    expect(JSON.parse(yaml.out)).toMatchObject({ valid: true, platform: 'harbour', models: 1, errors: [], more: 0 });
    expect(JSON.parse(json.out)).toEqual(JSON.parse(yaml.out));
  });

  it('names every fault with its line and pointer', async () => {
    const text = good.replace('unit: "0.05"', 'unit: 0.05') + '  - id: large\n    group: nobody\n    prise: {}\n';
    const { code, out } = await validate('bad.yaml', text);
    expect(code).toBe(3);
    const lines = out.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(`${path('bad.yaml')}: `, ''))).toEqual([
      expect.stringMatching(/^line 6, \/models\/0\/price\/unit: invalid_value: /),
      'line 9, /models/1/prise: unknown_key: no such key',
      // What is missing belongs into the model that begins there.
      'line 7, /models/1/price: required: missing',
      expect.stringMatching(/^line 8, \/models\/1\/group: dangling_reference: /),
      expect.stringMatching(/has 4 faults\.$/),
    ]);
  });

  it('names lines of JSON too', async () => {
    const { out } = await validate('bad.json', '{\n "platform": "harbour",\n "currency": "usd"\n}', '--json');
    const { errors } = JSON.parse(out) as { errors: { pointer: string; line: number }[] };
    expect(errors.find(({ pointer }) => pointer === '/currency')?.line).toBe(3);
    expect(errors.find(({ pointer }) => pointer === '/tiers')?.line).toBe(1);
  });

  it('counts the faults that it does not show', async () => {
    const models = Array.from({ length: 150 }, () => 0);
    const { code, out } = await validate('many.json', { models });
    expect(code).toBe(3);
    expect(out).toMatch(/\nand [0-9]+ more\.\n.* has [0-9]+ faults\.\n$/);
  });

  it.each([
    ['is not there', () => path('nowhere.yaml'), /cannot be read: it is not there\.\nName another file\.\n$/],
    ['is a folder', () => path('.'), /cannot be read: it is a folder\./],
    [
      'is too large',
      () => file('large.yaml', 'x'.repeat(MAX_RULEBOOK_BYTES + 1)),
      /is larger than 4 MiB, the most that is read here\./,
    ],
    ['is no text', () => file('binary.yaml', new Uint8Array([0xc3, 0x28])), /is not UTF-8\./],
    ['is no YAML', () => file('no.yaml', 'a: b\n[\n'), /cannot be used: it cannot be read as YAML \(line 2\)\./],
    ['is no JSON', () => file('no.json', '{"a": NaN}'), /cannot be used: it cannot be read as JSON\./],
    ['is deep', () => file('deep.json', '['.repeat(100_000) + ']'.repeat(100_000)), /nested deeper than 32 levels/],
    ['is deep YAML', () => file('deep.yaml', '['.repeat(100_000)), /nested deeper than 32 levels/],
    ['names a prototype', () => file('proto.json', '{"__proto__": {}}'), /may not be __proto__/],
  ])('says in a sentence that a file %s', async (_what, make, sentence) => {
    const { code, out, err } = await told(['rulebook', 'validate', make()]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(sentence);
    expect(err).not.toMatch(/\n\s+at /);
  });
});
