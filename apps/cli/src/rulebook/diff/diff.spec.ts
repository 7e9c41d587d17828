import { scratchFolder } from '../../testing/scratch-folder';
import { told } from '../../testing/told';
import type { RulebookDifference } from './compare-rulebooks';

const model = (id: string, price: object, rest: object = {}) => ({ id, group: 'default', price, ...rest });
const tokens = (input: string, output: string, rest: object = {}) => ({
  mode: 'token',
  per: 1000000,
  input,
  output,
  ...rest,
});
const rulebook = (models: readonly object[], rest: object = {}) => ({
  platform: 'harbour',
  currency: 'USD',
  tiers: [{ id: 'default', rank: 1 }],
  groups: [{ id: 'default' }, { id: 'half', multiplier: '0.5' }],
  models,
  ...rest,
});

describe('rulebook diff', () => {
  const { file } = scratchFolder();
  const diff = (old: object, next: object, ...options: string[]) =>
    told(['rulebook', 'diff', file('old.json', old), file('new.json', next), ...options]);
  const compared = async (old: object, next: object, ...options: string[]) =>
    JSON.parse((await diff(old, next, ...options, '--json')).out) as RulebookDifference;
  const ofOne = async (before: object, after: object, rest: object = {}) => {
    const { models } = await compared(rulebook([model('m', before)]), rulebook([model('m', after, rest)]));
    return models[0];
  };

  it('finds nothing between a rulebook and itself, however its prices are quoted', async () => {
    const same = rulebook([model('m', tokens('2', '8', { inputMultiples: { cacheRead: '0.5' } }))]);
    const other = rulebook([
      model('m', { mode: 'token', per: 1000, input: '0.002', output: '0.008', inputPrices: { cacheRead: '0.001' } }),
    ]);
    const { code, out } = await diff(same, other, '--exit-code');
    expect([code, out]).toEqual([
      0,
      '0 models dearer, 0 cheaper, 0 both, 0 otherwise changed, 0 new, 0 gone, 1 as before.\n',
    ]);
  });

  it('tells by how much each price and a typical request changes', async () => {
    const before = tokens('2', '8', {
      inputPrices: { cacheRead: '1' },
      bands: [{ when: { service_tier: 'priority' }, input: '4', inputPrices: { cacheRead: '2' } }],
      extras: { webSearchCalls: '0.01' },
    });
    const after = tokens('2.4', '8', {
      inputPrices: { cacheRead: '0.75' },
      bands: [{ when: { service_tier: 'priority' }, input: '5', inputPrices: { cacheRead: '2' } }],
      extras: { webSearchCalls: '0.02' },
    });
    // 1,000 × 2 + 500 × 8 = 6,000, and then 6,400.
    expect(await ofOne(before, after)).toEqual({
      model: 'm',
      verdict: 'both',
      prices: [
        { name: 'input', old: '2', new: '2.4', percent: '+20' },
        { name: 'cacheRead', old: '1', new: '0.75', percent: '-25' },
        { name: 'service_tier=priority: input', old: '4', new: '5', percent: '+25' },
        { name: 'webSearchCalls', old: '0.01', new: '0.02', percent: '+100' },
      ],
      typical: { name: '1000 inputTokens, 500 outputTokens', old: '0.006', new: '0.0064', percent: '+6.7' },
    });
  });

  it.each([
    ['dearer', tokens('2', '8'), tokens('2', '9')],
    ['cheaper', tokens('2', '8'), tokens('1.99', '8')],
    ['both', tokens('2', '8'), tokens('3', '7')],
    ['otherwise', tokens('2', '8'), tokens('2', '8', { extras: { webSearchCalls: '0.01' } })],
    ['otherwise', tokens('2', '8'), { mode: 'request', unit: '1' }],
    ['cheaper', { mode: 'image', unit: '2' }, { mode: 'image', unit: '1' }],
    // What is not priced costs what its parent or its side costs.
    ['cheaper', tokens('2', '8'), tokens('2', '8', { inputPrices: { cacheRead: '1' } })],
    ['dearer', tokens('2', '8', { outputPrices: { reasoning: '4' } }), tokens('2', '8')],
    [
      'dearer',
      tokens('2', '8', { inputPrices: { cacheWrite5m: '1' } }),
      tokens('2', '8', { inputPrices: { cacheWrite5m: '1', cacheWrite1h: '3' } }),
    ],
    [
      'dearer',
      tokens('2', '8', { windows: [{ from: '00:00', to: '08:00', zone: 'UTC', multiplier: '0.5' }] }),
      tokens('2', '8', { windows: [{ from: '00:00', to: '08:00', zone: 'UTC', multiplier: '0.6' }] }),
    ],
  ])('calls a model %s', async (verdict, before, after) => {
    expect(await ofOne(before, after)).toMatchObject({ verdict });
  });

  it('sees another group by what a request comes to, and a cost as no price', async () => {
    expect(await ofOne(tokens('2', '8'), tokens('2', '8'), { group: 'half' })).toMatchObject({
      verdict: 'cheaper',
      prices: [{ name: 'group', old: 'default', new: 'half' }],
      typical: { old: '0.006', new: '0.003', percent: '-50' },
    });
    expect(await ofOne(tokens('2', '8'), tokens('2', '8'), { cost: tokens('1', '4') })).toMatchObject({
      verdict: 'otherwise',
      prices: [{ name: 'cost: mode' }, { name: 'cost: input', old: null, new: '1' }, { name: 'cost: output' }],
    });
  });

  it('calls nothing dearer of which only the cost changes', async () => {
    const costing = (input: string) => rulebook([model('m', tokens('2', '8'), { cost: tokens(input, '4') })]);
    const { models } = await compared(costing('1'), costing('1.5'));
    expect(models).toMatchObject([{ verdict: 'otherwise', prices: [{ name: 'cost: input', percent: '+50' }] }]);
  });

  it('compares what a name is sold at, be it by its name, a pattern or another order', async () => {
    const old = rulebook([
      model('gpt-a', tokens('2', '8')),
      model('gpt-b', tokens('2', '8')),
      model('old-*', tokens('1', '1')),
    ]);
    const next = rulebook([
      model('gpt-*', tokens('3', '8')),
      model('gpt-b', tokens('2', '8')),
      model('new', tokens('1', '1')),
    ]);
    const { models, added, gone, same } = await compared(old, next);
    expect(models.map(({ model: name, verdict }) => [name, verdict])).toEqual([
      ['gpt-a', 'dearer'],
      // Its own price comes too late: the pattern stands before it.
      ['gpt-b', 'dearer'],
    ]);
    expect([added, gone, same]).toEqual([['gpt-*', 'new'], ['old-*'], 0]);
  });

  it('tells of currency, rounding and other parts, and compares no prices in two currencies', async () => {
    const old = rulebook([model('m', tokens('2', '8'))]);
    const next = rulebook([model('m', tokens('14.6', '58.4'))], {
      currency: 'CNY',
      rounding: { scale: 2, mode: 'up' },
      refund: { windowDays: 14 },
      effectiveFrom: '2027-01-01T00:00:00Z',
    });
    const { code, out } = await diff(old, next, '--fail-on', 'dearer');
    expect(code).toBe(0);
    expect(out).toBe(
      [
        '0 models new, 0 gone. Prices in two currencies are not compared.',
        'currency: USD → CNY (no version of a platform may change it)',
        'rounding: half-up to 6 places → up to 2 places',
        'other parts that differ: refund',
        '',
      ].join('\n'),
    );
    expect((await diff(old, next, '--fail-on', 'currency')).code).toBe(3);
  });

  it.each([
    ['dearer', 3],
    ['cheaper', 0],
    ['new', 3],
    ['gone', 0],
    ['currency', 0],
    ['rounding', 0],
    ['other', 3],
  ])('fails on %s with exit code %i', async (what, code) => {
    const old = rulebook([model('m', tokens('2', '8'))]);
    const next = rulebook([model('m', tokens('3', '8')), model('n', tokens('3', '8'))], { refund: { windowDays: 1 } });
    expect((await diff(old, next, '--fail-on', what)).code).toBe(code);
    expect((await diff(old, next, '--exit-code')).code).toBe(3);
    expect((await diff(old, next)).code).toBe(0);
  });

  it('takes a typical request of your own, and tells a person in lines', async () => {
    const old = rulebook([
      model('m', tokens('2', '8', { inputPrices: { cacheRead: '1' } })),
      model('gone', tokens('1', '1')),
    ]);
    const next = rulebook([
      model('m', tokens('2', '8', { inputPrices: { cacheRead: '1.5' } })),
      model('new', tokens('1', '1')),
    ]);
    const { out } = await diff(old, next, '--units', 'inputTokens=1000', 'cacheReadTokens=1000');
    expect(out).toBe(
      [
        '1 models dearer, 0 cheaper, 0 both, 0 otherwise changed, 1 new, 1 gone, 0 as before.',
        'm: dearer',
        '  cacheRead: 1 → 1.5 (+50 %)',
        '  a request of 1000 inputTokens, 1000 cacheReadTokens: 0.001 → 0.0015 (+50 %)',
        'new: new',
        'gone: gone',
        '',
      ].join('\n'),
    );
  });

  it.each([
    [['--units', 'inputTokens'], /'inputTokens' is not of the form inputTokens=1000/],
    [['--units', 'inputTokens=-1'], /'inputTokens=-1': /],
    [['--at', 'tomorrow'], /'tomorrow' is no RFC 3339 instant/],
  ])('is refused with %j', async (options, sentence) => {
    const same = rulebook([model('m', tokens('2', '8'))]);
    const { code, err } = await diff(same, same, ...options);
    expect(code).toBe(2);
    expect(err).toMatch(sentence);
  });

  it('names the first fault of a file that holds no rulebook', async () => {
    const { code, out, err } = await diff(rulebook([model('m', tokens('2', '-8'))]), rulebook([]));
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(
      /old\.json is no valid rulebook: line 1, \/models\/0\/price\/output: invalid_value: .*\nmeterbook rulebook validate .*old\.json names every fault\.\n$/,
    );
  });
});
