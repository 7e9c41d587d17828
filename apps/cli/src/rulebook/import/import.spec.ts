import { closeSync, existsSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseYaml } from '@meterbook/http/request/yaml-text';
import { scratchFolder } from '../../testing/scratch-folder';
import { told } from '../../testing/told';
import { formatNames } from './formats';
import { amountOf, importedList, refusedList } from './testing/imported-list';
import { longLists } from './testing/long-lists';

const presets = join(__dirname, '../../../../../rulebooks');
const price = { litellm_provider: 'x', input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 };
/** Longer than the slowest machine needs, and much shorter than what grows with the square of the list. */
const DEADLINE_MS = 60_000;

describe('rulebook import', () => {
  const folder = scratchFolder();
  const { file, path } = folder;
  const importOf = (list: unknown, ...options: string[]) => refusedList(folder, 'litellm', list, ...options);

  it('prints the YAML, and tells the report beside it', async () => {
    const { code, out, err } = await importOf({ small: price, none: {} });
    expect(code).toBe(0);
    expect(parseYaml(out)).toMatchObject({ platform: 'litellm', models: [{ id: 'small' }] });
    expect(err).toBe(
      '2 entries: 1 taken, 0 of them with a change, 1 left out.\nLeft out:\n  no price is told: 1: none (it names no price that is known here)\n',
    );
  });

  it('writes the same bytes for the same list', async () => {
    const first = await importedList(folder, 'litellm', { small: price });
    expect((await importedList(folder, 'litellm', { small: price })).yaml).toBe(first.yaml);
  });

  it('writes over no file that somebody may have edited, unless it is told to', async () => {
    const taken = file('taken.yaml', 'mine\n');
    const words = ['rulebook', 'import', '--from', 'litellm', file('list.json', { small: price }), '-o', taken];
    const refused = await told(words);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toMatch(/taken\.yaml is there already: name another file, or say --force\n$/);
    expect(readFileSync(taken, 'utf8')).toBe('mine\n');
    expect((await told([...words, '--force'])).code).toBe(0);
    expect(readFileSync(taken, 'utf8')).toMatch(/^# Made by/);
  });

  it('takes everything but the models from a rulebook, where one is named', async () => {
    const around = join(presets, 'usdcny.yaml');
    const { content } = await importedList(folder, 'litellm', { small: price }, '--around', around);
    const before = parseYaml(readFileSync(around, 'utf8')) as Record<string, unknown>;
    expect({ ...content, models: [] }).toEqual({ ...before, models: [] });
    expect(content.models.map(({ id }) => id)).toEqual(['small']);
    const other = await importOf({ small: price }, '--around', join(presets, 'apibox.yaml'));
    expect(other).toMatchObject({ code: 2, out: '' });
    expect(other.err).toMatch(/has prices in CNY: say --currency CNY/);
    const stranger = await importOf({ small: price }, '--around', around, '--group', 'nobody');
    expect(stranger.code).toBe(1);
    expect(stranger.err).toMatch(/The models do not fit the rulebook around them: \/models\/0\/group: /);
  });

  it.each([
    [['--json'], /--json needs --output/],
    [['--currency', 'JPY'], /'--currency JPY' needs --rate/],
    [['--currency', 'yen'], /'--currency': a currency such as USD belongs here/],
    [['--rate', '-3'], /'--rate': -3 is no number such as 7\.3/],
    [['--rate', '0'], /'--rate': 0 is no number/],
    [['--scale', '10'], /'--scale': a whole number from 0 to 9/],
    [['--platform', 'My Shop'], /'--platform': a platform/],
    [['--group', ' '], /'--group': an id/],
    [['--zero', 'maybe'], /'maybe' is invalid\. Allowed choices are free, keep, skip/],
  ])('is refused before it begins with %j', async (options, sentence) => {
    const { code, out, err } = await importOf({ small: price }, ...options);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(sentence);
  });

  it('asks for the form of the list', async () => {
    const { code, err } = await told(['rulebook', 'import', 'list.json']);
    expect(code).toBe(2);
    expect(err).toMatch(/required option '--from <format>' not specified/);
  });

  it.each(formatNames)('takes 3,000 models of %s, and none twice', async (from) => {
    const began = Date.now();
    const { content, rulebook, report } = await importedList(folder, from, longLists[from](3000), '--currency', 'USD');
    expect(Date.now() - began).toBeLessThan(DEADLINE_MS);
    expect(report).toMatchObject({ taken: 3000, leftOut: 0 });
    expect(new Set(content.models.map(({ id }) => id)).size).toBe(3000);
    // 1,000 × 1.25 and 100 × 10, whatever the list.
    expect(amountOf(rulebook, { model: 'model-2999', units: { inputTokens: 1000, outputTokens: 100 } })).toBe(
      '0.00225',
    );
  });

  describe('of what nobody should have to read', () => {
    const sparse = (name: string, bytes: number): string => {
      const opened = openSync(path(name), 'w');
      ftruncateSync(opened, bytes);
      closeSync(opened);
      return path(name);
    };

    it.each([
      [
        'a file of 200 MB',
        () => sparse('huge.json', 200_000_000),
        /huge\.json is larger than 64 MiB, the most that is read here\./,
      ],
      ['no file', () => path('nowhere.json'), /cannot be read: it is not there\./],
      ['no JSON', () => file('bad.json', 'models:\n - a'), /bad\.json cannot be read as JSON\./],
      [
        'a number that is none',
        () => file('nan.json', '{"m": {"input_cost_per_token": NaN}}'),
        /cannot be read as JSON\.\nNumbers such as NaN/,
      ],
      ['nothing', () => file('empty.json', ''), /cannot be read as JSON/],
      ['deep nesting', () => file('deep.json', '['.repeat(1_000_000) + ']'.repeat(1_000_000)), /no list of LiteLLM's/],
      [
        '100,000 models',
        () => file('many.json', longLists.litellm(100_000)),
        /has 100000 models, and a rulebook holds 10000 at most\.\nChoose some/,
      ],
      [
        'only what cannot be taken',
        () => file('none.json', { a: { input_cost_per_token: -1 } }),
        /No model of the list can be taken/,
      ],
    ])('%s is a sentence and an exit code', async (_what, make, sentence) => {
      const output = path('never.yaml');
      const { code, out, err } = await told(['rulebook', 'import', '--from', 'litellm', make(), '-o', output]);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(sentence);
      expect(err).not.toMatch(/\n\s+at /);
      expect(existsSync(output)).toBe(false);
    });

    it.each(formatNames)(
      'deep values, wrong kinds and names of prototypes in a list of %s stay their own',
      async (from) => {
        const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
        const odd = [deep, '"x"', 'true', '1e300', '-0', 'null', '{}', '[]']
          .concat(
            ['cost', 'input_cost_per_token', 'tiered_pricing', 'metadata', 'off_peak_pricing'].map(
              (key) => `{"${key}": ${deep}}`,
            ),
          )
          .concat(`{"${'x'.repeat(5_000)}": 1}`, '{"cost": {"__proto__": 1, "input": {}}}');
        const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
        const entries = odd.map((text, index) => `"${names[index] ?? `odd-${index}`}": ${text}`).join(', ');
        const good = { ...price, cost: { input: 1, output: 2 } };
        const list = {
          litellm: `{"good": ${JSON.stringify(good)}, ${entries}}`,
          'models.dev': `{"one": {"models": {"good": ${JSON.stringify(good)}, ${entries}}}, ${entries}}`,
          'new-api': `{"ModelRatio": {"good": 0.5, "constructor": 0.5, ${entries}}, "CompletionRatio": {"good": 2, ${entries}}, "GroupRatio": {${entries}}}`,
        }[from];
        const { rulebook } = await importedList(folder, from, list, '--currency', 'USD');
        expect(amountOf(rulebook, { model: 'good', units: { inputTokens: 1000, outputTokens: 500 } })).toBe('0.002');
      },
    );

    it.each([
      ['1e400', '1e400'],
      ['-1e-6', '-0.000001'],
      ['1e-300', '1e-300'],
      ['1e15', '1e\\+15|1000000000000000000000'],
      ['"0x10"', '0x10'],
      ['1e-20', '0\\.00000000000001'],
    ])('a price of %s costs its model its place, and no other', async (text, shown) => {
      const list = `{"bad": {"input_cost_per_token": ${text}}, "good": ${JSON.stringify(price)}}`;
      const { report } = await importedList(folder, 'litellm', list);
      expect(report).toMatchObject({ taken: 1, leftOut: 1, left: [{ entry: 'bad', reason: 'unfit_price' }] });
      expect(report.left[0]?.detail).toMatch(new RegExp(text === '1e400' ? 'Infinity' : shown));
    });

    it('names that no rulebook holds are left out, and what a name says ends no comment', async () => {
      const names = [
        'two words',
        '!not',
        'new\nline',
        'x'.repeat(300),
        '',
        '# hash',
        'emoji-😀',
        'колибри',
        'a/b:c@d',
        '"quote',
        '{brace}',
        '- dash',
      ];
      const list = Object.fromEntries(
        names.map((name) => [name, { ...price, litellm_provider: 'evil\nplatform: other' }]),
      );
      const { content, report } = await importedList(folder, 'litellm', list);
      expect(content['platform']).toBe('litellm');
      expect(content.models.map(({ id }) => id)).toEqual(['emoji-😀', 'колибри', 'a/b:c@d', '"quote', '{brace}']);
      expect(new Set(report.left.map(({ reason }) => reason))).toEqual(new Set(['unfit_id']));
    });
  });
});
