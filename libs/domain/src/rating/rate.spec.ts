import fc from 'fast-check';
import { add, compare, decimal, multiply, round, subtract, toText, type Decimal } from '../amount/decimal';
import { readRulebook, readStoredRulebook } from '../rulebook/read-rulebook';
import { rulebookContent } from '../testing/rulebooks';
import type { Rulebook } from '../rulebook/rulebook';
import type { Units } from '../usage/usage';
import { rate } from './rate';
import type { Rated, RatingRequest } from './rated';

type Json = Record<string, unknown>;

const token = { mode: 'token', per: 1000, input: '0.003', output: '0.015' };
const model = (id: string, price: Json, more: Json = {}) => ({ id, group: 'default', price, ...more });

function rulesWith(models: readonly Json[], more: Json = {}): Rulebook {
  const read = readRulebook({
    platform: 'p',
    currency: 'USD',
    rounding: { scale: 6, mode: 'half-up' },
    tiers: [
      { id: 'default', rank: 1 },
      { id: 'gold', rank: 2, discount: '0.9' },
    ],
    groups: [{ id: 'default' }, { id: 'vip', multiplier: '0.8' }],
    channels: [
      { id: 'official', discount: '1' },
      { id: 'relay', discount: '0.6' },
    ],
    models,
    ...more,
  });
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  return read.rulebook;
}

const noon = Date.parse('2026-10-01T12:00:00Z');

type Ask = Partial<RatingRequest> & { readonly tier?: string; readonly custom?: string };

function outcome(rulebook: Rulebook, units: Units, { tier, custom, ...request }: Ask = {}) {
  return rate(
    rulebook,
    { model: 'm', group: null, channel: null, fields: {}, at: noon, ...request, units },
    { tier: tier ?? 'default', customMultiplier: custom === undefined ? null : decimal(custom) },
  );
}

function rated(rulebook: Rulebook, units: Units, ask: Ask = {}): Rated {
  const answer = outcome(rulebook, units, ask);
  if (answer.kind === 'refused') throw new Error(`${answer.code}: ${answer.detail}`);
  return answer;
}

const unroundedOf = (rulebook: Rulebook, units: Units, ask: Ask = {}) => toText(rated(rulebook, units, ask).unrounded);

describe('what the user pays', () => {
  const matrix = { default: { default: '1', vip: '2' }, gold: { default: '0.7', vip: '1.2' } };
  const plain = rulesWith([model('m', { mode: 'request', unit: '10' })]);
  const withMatrix = rulesWith([model('m', { mode: 'request', unit: '10' })], { tierMultipliers: matrix });

  it.each([
    [{}, '10', []],
    [{ tier: 'gold' }, '9', [['tierDiscount', '0.9', 'gold']]],
    [{ group: 'vip' }, '8', [['groupMultiplier', '0.8', 'vip']]],
    [
      { tier: 'gold', group: 'vip' },
      '7.2',
      [
        ['tierDiscount', '0.9', 'gold'],
        ['groupMultiplier', '0.8', 'vip'],
      ],
    ],
    [{ channel: 'official' }, '10', [['channelDiscount', '1', 'official']]],
    [
      { tier: 'gold', channel: 'relay' },
      '5.4',
      [
        ['channelDiscount', '0.6', 'relay'],
        ['tierDiscount', '0.9', 'gold'],
      ],
    ],
    [{ tier: 'gold', group: 'vip', custom: '0.5' }, '5', [['customMultiplier', '0.5', 'account']]],
    [{ custom: '0' }, '0', [['customMultiplier', '0', 'account']]],
    [{ tier: 'forgotten' }, '10', []],
  ] as const)('is tier discount × group multiplier, or the account’s own: %j', (ask, amount, factors) => {
    const { unrounded, factors: told } = rated(plain, {}, ask);
    expect([toText(unrounded), told]).toEqual([amount, factors]);
  });

  it.each([
    [{}, '10', ['tierMultiplier', '1', 'default/default']],
    [{ tier: 'gold', group: 'vip' }, '12', ['tierMultiplier', '1.2', 'gold/vip']],
    [{ tier: 'forgotten', group: 'vip' }, '20', ['tierMultiplier', '2', 'default/vip']],
    [{ tier: 'gold', group: 'vip', custom: '0.25' }, '2.5', ['customMultiplier', '0.25', 'account']],
  ] as const)('is the matrix’s multiplier where there is one: %j', (ask, amount, factor) => {
    const { unrounded, factors } = rated(withMatrix, {}, ask);
    expect([toText(unrounded), factors]).toEqual([amount, [factor]]);
  });

  it('names the tier and the group that counted', () => {
    const { tier, group } = rated(plain, {}, { tier: 'forgotten' });
    expect([tier, group]).toEqual(['default', 'default']);
    const customised = rated(plain, {}, { tier: 'gold', group: 'vip', custom: '1' });
    expect([customised.tier, customised.group]).toEqual(['gold', 'vip']);
    expect(rated(plain, {}, { tier: 'forgotten', custom: '1' }).tier).toBe('default');
  });

  it('multiplies fields, window, channel and user factor in this order', () => {
    const windows = [{ from: '00:00', to: '00:00', zone: 'UTC', multiplier: '0.5' }];
    const fieldMultipliers = [
      { field: 'priority', equals: 'high', multiplier: '1.8' },
      { field: 'priority', equals: 'low', multiplier: '7' },
      { field: 'batch', equals: 'true', multiplier: '0.5' },
    ];
    const rulebook = rulesWith([model('m', { mode: 'request', unit: '10', windows }, { fieldMultipliers })]);
    const ask = {
      fields: { priority: 'high', batch: 'true', other: 'x' },
      channel: 'relay',
      tier: 'gold',
      group: 'vip',
    };
    const { factors, unrounded, cost } = rated(rulebook, {}, ask);
    expect(factors).toEqual([
      ['field', '1.8', 'priority=high'],
      ['field', '0.5', 'batch=true'],
      ['window', '0.5', '00:00-00:00 UTC'],
      ['channelDiscount', '0.6', 'relay'],
      ['tierDiscount', '0.9', 'gold'],
      ['groupMultiplier', '0.8', 'vip'],
    ]);
    expect(toText(unrounded)).toBe('1.944');
    expect(toText(cost)).toBe('4.5');
  });

  it('compares fields exactly, and asks no prototype for them', () => {
    const fieldMultipliers = [
      { field: 'priority', equals: 'high', multiplier: '3' },
      { field: 'constructor', equals: 'x', multiplier: '5' },
    ];
    const rulebook = rulesWith([model('m', { mode: 'request', unit: '1' }, { fieldMultipliers })]);
    for (const fields of [{}, { priority: 'High' }, { priority: 'high ' }, { Priority: 'high' }]) {
      expect(unroundedOf(rulebook, {}, { fields })).toBe('1');
    }
  });
});

describe('units', () => {
  it.each([
    [{ mode: 'request', unit: '0.05' }, {}, '0.05', '1'],
    [{ mode: 'request', unit: '0.05' }, { requests: 3 }, '0.15', undefined],
    [{ mode: 'request', unit: '0.05' }, { requests: 0 }, '0', undefined],
    [{ mode: 'second', unit: '0.12' }, { seconds: '7.5' }, '0.9', undefined],
    [{ mode: 'second', unit: '0.12' }, { seconds: 5 }, '0.6', undefined],
    [{ mode: 'megapixel', unit: '0.02' }, { width: 1024, height: 1024 }, '0.02097152', '1.048576'],
    [{ mode: 'megapixel', unit: '0.02' }, { width: 1000, height: 1000, images: 4 }, '0.08', '4'],
    [
      { mode: 'megapixel', unit: '1' },
      { width: 1e12, height: 1e12, images: 1e12 },
      `1${'0'.repeat(30)}`,
      `1${'0'.repeat(30)}`,
    ],
    [{ mode: 'image', unit: '0.04' }, { images: 3 }, '0.12', undefined],
    [{ mode: 'unit', unit: '0.25' }, { count: 1e12 }, '250000000000', undefined],
  ])('of %j: %j come to %s', (price, units, expected, quantity) => {
    const { unrounded, price: applied } = rated(rulesWith([model('m', price)]), units);
    expect(toText(unrounded)).toBe(expected);
    expect(applied).toEqual({ mode: price.mode, unit: price.unit, ...(quantity === undefined ? {} : { quantity }) });
  });

  it.each([
    [{ mode: 'second', unit: '1' }, {}, 'missing_units'],
    [{ mode: 'megapixel', unit: '1' }, { width: 1 }, 'missing_units'],
    [{ mode: 'megapixel', unit: '1' }, { height: 1, images: 1 }, 'missing_units'],
    [{ mode: 'image', unit: '1' }, {}, 'missing_units'],
    [{ mode: 'unit', unit: '1' }, { images: 1 }, 'unknown_unit'],
    [{ mode: 'image', unit: '1' }, { width: 1 }, 'unknown_unit'],
    [{ mode: 'request', unit: '1' }, { inputTokens: 1 }, 'unknown_unit'],
    [token, { requests: 1 }, 'unknown_unit'],
    [token, { webSearchCalls: 1 }, 'unknown_unit'],
    [token, { constructor: 1 }, 'unknown_unit'],
  ])('of %j: %j are refused as %s %s', (price, units, code) => {
    expect(outcome(rulesWith([model('m', price)]), units as Units)).toMatchObject({ kind: 'refused', code });
  });

  it('may be fractions of seconds, as a number or as a text', () => {
    const rules = rulesWith([model('m', { mode: 'second', unit: '0.1' })]);
    expect(unroundedOf(rules, { seconds: 0.5 })).toBe('0.05');
    expect(unroundedOf(rules, { seconds: '0.5' })).toBe('0.05');
  });

  it('are only those that were reported, whatever an object inherits', () => {
    for (const name of ['toString', 'constructor', 'valueOf', 'hasOwnProperty']) {
      const rules = rulesWith([model('m', { mode: 'request', unit: '1', extras: { [name]: '3' } })]);
      expect(unroundedOf(rules, {})).toBe('1');
      expect(unroundedOf(rules, { [name]: 2 })).toBe('7');
    }
  });

  it('that only the cost knows are known, and missing where it needs them', () => {
    const rulebook = rulesWith([model('m', token, { cost: { mode: 'second', unit: '0.01', extras: { tools: '1' } } })]);
    expect(toText(rated(rulebook, { inputTokens: 1000, seconds: 7, tools: 2 }).cost)).toBe('2.07');
    expect(outcome(rulebook, { inputTokens: 1000 })).toMatchObject({
      code: 'missing_units',
      detail: 'seconds is missing',
    });
    expect(outcome(rulebook, { inputTokens: 1, count: 1 })).toMatchObject({ code: 'unknown_unit' });
  });

  it('that one of price and cost counts are known, whatever rows of the other take for an extra', () => {
    const bands = [{ when: { tier: 'a' }, extras: { images: '2', tools: '1' } }];
    const byRequest = { mode: 'request', unit: '1', bands };
    const byImage = { mode: 'image', unit: '1' };
    for (const [price, cost] of [
      [byImage, byRequest],
      [byRequest, byImage],
    ] as const) {
      const rulebook = rulesWith([model('m', price, { cost })]);
      expect(outcome(rulebook, { images: 3 })).toMatchObject({ kind: 'rated' });
      expect(outcome(rulebook, { images: 3, tools: 1 })).toMatchObject({ code: 'unknown_unit' });
      // A row of one of them is enough.
      expect(outcome(rulebook, { images: 3, tools: 1 }, { fields: { tier: 'a' } })).toMatchObject({ kind: 'rated' });
    }
  });

  it('belong to their own model, however like another’s their names are', () => {
    const price = (...names: readonly string[]) => ({
      mode: 'request',
      unit: '1',
      extras: Object.fromEntries(names.map((name) => [name, '1'])),
    });
    const rulebook = rulesWith([model('m', price('ab')), model('n', price('a', 'b'))]);
    expect(unroundedOf(rulebook, { ab: 1 })).toBe('2');
    expect(unroundedOf(rulebook, { a: 1, b: 1 }, { model: 'n' })).toBe('3');
    expect(outcome(rulebook, { ab: 1 }, { model: 'n' })).toMatchObject({ code: 'unknown_unit' });
  });

  it('that extras name are added in every mode, outside field multipliers and windows', () => {
    const windows = [{ from: '00:00', to: '00:00', zone: 'UTC', multiplier: '0.5' }];
    const rulebook = rulesWith([
      model(
        'm',
        { mode: 'request', unit: '10', windows, extras: { tools: '1' } },
        { fieldMultipliers: [{ field: 'a', equals: 'b', multiplier: '3' }] },
      ),
    ]);
    const { unrounded, cost } = rated(rulebook, { tools: 2 }, { fields: { a: 'b' }, channel: 'relay' });
    expect([unrounded, cost].map(toText)).toEqual(['10.2', '17']);
  });

  it('that only some rows price are refused where none of them holds', () => {
    const bands = [
      { when: { tier: 'a' }, extras: { tools: '2' } },
      { when: { tier: 'b' }, unit: '3' },
    ];
    const price = { mode: 'image', unit: '1', bands };
    const rulebook = rulesWith([model('m', price), model('n', price, { cost: { ...price, extras: { tools: '1' } } })]);
    const used = { images: 1, tools: 5 };
    expect(unroundedOf(rulebook, used, { fields: { tier: 'a' } })).toBe('11');
    for (const fields of [{}, { tier: 'b' }]) {
      expect(outcome(rulebook, used, { fields })).toMatchObject({ code: 'unknown_unit' });
      expect(outcome(rulebook, { tools: 5 }, { fields })).toMatchObject({ code: 'unknown_unit' });
      expect(unroundedOf(rulebook, { images: 1 }, { fields })).toBe('tier' in fields ? '3' : '1');
      // Somebody prices it: what upstream takes for it is known.
      expect(rated(rulebook, used, { fields, model: 'n' }).kind).toBe('rated');
    }
  });

  it('that extras name are added in every mode, before channel and user', () => {
    const extras = { webSearchCalls: '0.01', toolSeconds: '0.5' };
    for (const [price, units, base] of [
      [{ ...token, extras }, { inputTokens: 1000 }, '0.003'],
      [{ mode: 'image', unit: '0.04', extras }, { images: 2 }, '0.08'],
    ] as const) {
      const { unrounded, price: applied } = rated(
        rulesWith([model('m', price)]),
        { ...units, webSearchCalls: 5, toolSeconds: '1.5' },
        { channel: 'relay' },
      );
      expect(toText(unrounded)).toBe(toText(multiply(add(decimal(base), decimal('0.8')), decimal('0.6'))));
      expect(applied.extras).toEqual([
        ['webSearchCalls', '5', '0.01'],
        ['toolSeconds', '1.5', '0.5'],
      ]);
    }
    expect(rated(rulesWith([model('m', { ...token, extras })]), { webSearchCalls: 0 }).price).not.toHaveProperty(
      'extras',
    );
  });
});

describe('refusals', () => {
  const rulebook = rulesWith([model('m', { mode: 'image', unit: '1' })]);
  const everythingWrong = { model: 'x', group: 'x', channel: 'x' };

  it('come in the order of SPEC §9', () => {
    const code = (ask: Ask, units: Units) => {
      const answer = outcome(rulebook, units, ask);
      return answer.kind === 'refused' ? answer.code : answer.kind;
    };
    expect(code(everythingWrong, { x: 1 })).toBe('unknown_model');
    expect(code({ ...everythingWrong, model: 'm' }, { x: 1 })).toBe('unknown_group');
    expect(code({ channel: 'x' }, { x: 1 })).toBe('unknown_channel');
    expect(code({}, { x: 1 })).toBe('unknown_unit');
    expect(code({}, {})).toBe('missing_units');
    expect(code({}, { images: 1 })).toBe('rated');
  });

  it('say what is not known, or missing', () => {
    const bands = [{ when: { tier: 'a' }, extras: { tools: '1' } }];
    const withRow = rulesWith([model('m', { mode: 'image', unit: '1', bands })]);
    const detail = (units: Units, ask: Ask = {}) => {
      const answer = outcome(withRow, units, ask);
      return answer.kind === 'refused' ? answer.detail : answer.kind;
    };
    expect(detail({}, { model: 'x' })).toBe('no model x');
    expect(detail({}, { group: 'x' })).toBe('no group x');
    expect(detail({}, { channel: 'x' })).toBe('no channel x');
    expect(detail({ x: 1 })).toBe('neither price nor cost knows x');
    expect(detail({ tools: 1 })).toBe('no row that holds knows tools');
    expect(detail({})).toBe('images is missing');
  });

  it.each(['__proto__', 'constructor', 'toString', ''])('cover the name %j', (name) => {
    expect(outcome(rulebook, { images: 1 }, { model: name })).toMatchObject({ code: 'unknown_model' });
    expect(outcome(rulebook, { images: 1 }, { group: name })).toMatchObject({ code: 'unknown_group' });
    expect(outcome(rulebook, { images: 1 }, { channel: name })).toMatchObject({ code: 'unknown_channel' });
  });
});

describe('tokens', () => {
  const multiples = { inputMultiples: { cacheRead: '0.1', video: '3' }, outputMultiples: { reasoning: '1.4' } };
  const inclusive = rulesWith([model('m', { ...token, ...multiples })]);
  const exclusive = rulesWith([model('m', { ...token, ...multiples, tokenCounts: 'exclusive' })]);

  it.each([
    [inclusive, { inputTokens: 1200, outputTokens: 350, cacheReadTokens: 800 }, '480', undefined],
    [inclusive, { inputTokens: 1000, videoTokens: 100 }, '1200', undefined],
    [inclusive, { inputTokens: 1000, cacheTokens: 500 }, undefined, undefined],
    [inclusive, { outputTokens: 600, reasoningTokens: 500 }, undefined, '800'],
    [exclusive, { inputTokens: 1200, cacheReadTokens: 800, cacheTokens: 5 }, '1285', undefined],
    [exclusive, { outputTokens: 600, reasoningTokens: 500 }, undefined, '800'],
    [inclusive, { inputTokens: 100, cacheReadTokens: 150, cacheTokens: 30 }, '45', undefined],
  ])('are adjusted by their multiples, and never below nothing', (rulebook, units, adjustedInput, adjustedOutput) => {
    const { price } = rated(rulebook, units);
    expect([price.adjustedInput, price.adjustedOutput]).toEqual([adjustedInput, adjustedOutput]);
  });

  it.each([
    [inclusive, { inputTokens: 800, cacheReadTokens: 700, cacheTokens: 100 }, [['cacheRead', '0.1']], undefined],
    [inclusive, { inputTokens: 800, cacheTokens: 100, cacheReadTokens: 0 }, undefined, undefined],
    [
      inclusive,
      { inputTokens: 799, cacheReadTokens: 700, cacheTokens: 100 },
      [
        ['cache', '1'],
        ['cacheRead', '0.1'],
      ],
      undefined,
    ],
    [exclusive, { inputTokens: 800, cacheTokens: 100 }, [['cache', '1']], 'exclusive'],
    [exclusive, { inputTokens: 800 }, undefined, undefined],
  ])('are told with the multiples that made a difference, and no others', (rulebook, units, multiples, tokenCounts) => {
    const { price } = rated(rulebook, units);
    expect([price.inputMultiples, price.tokenCounts]).toEqual([multiples, tokenCounts]);
  });

  it('cost nothing where none are reported', () => {
    expect(unroundedOf(inclusive, {})).toBe('0');
    expect(rated(inclusive, {}).price).toEqual({ mode: 'token', per: 1000, input: '0.003', output: '0.015' });
  });

  const counts = fc.record({
    plain: fc.nat(1e9),
    cacheReadTokens: fc.nat(1e9),
    videoTokens: fc.nat(1e9),
    cacheTokens: fc.nat(1e9),
    outputTokens: fc.nat(1e9),
  });

  it('come to the same whether special kinds are part of the input or beside it', () => {
    fc.assert(
      fc.property(counts, ({ plain, ...units }) => {
        const special = units.cacheReadTokens + units.videoTokens + units.cacheTokens;
        expect(unroundedOf(inclusive, { ...units, inputTokens: plain + special })).toBe(
          unroundedOf(exclusive, { ...units, inputTokens: plain }),
        );
      }),
    );
  });

  it('follow S4: tokens + extra × (multiple − 1), while the parts do not exceed the whole', () => {
    fc.assert(
      fc.property(counts, ({ plain, outputTokens, ...special }) => {
        const inputTokens = plain + special.cacheReadTokens + special.videoTokens + special.cacheTokens;
        const adjusted = [
          fromCount(inputTokens),
          multiply(fromCount(special.cacheReadTokens), decimal('-0.9')),
          multiply(fromCount(special.videoTokens), decimal('2')),
        ].reduce(add);
        const expected = add(
          multiply(adjusted, decimal('0.000003')),
          multiply(fromCount(outputTokens), decimal('0.000015')),
        );
        expect(unroundedOf(inclusive, { ...special, inputTokens, outputTokens })).toBe(toText(expected));
      }),
    );
  });

  it.each([
    [100, '1'],
    [101, '3'],
    [200, '2'],
    [201, '4'],
    [5000, '1'],
  ])('in a prompt of %d are priced by the highest band that holds: %s', (inputTokens, price) => {
    const bands = [
      { promptTokensOver: 100, input: '3' },
      { promptTokensAtLeast: 200, input: '2' },
      { promptTokensAtLeast: 5000, inputMultiples: { video: '2' } },
      { promptTokensOver: 200, input: '4', output: '5' },
    ];
    const { price: applied } = rated(rulesWith([model('m', { ...token, input: '1', bands })]), { inputTokens });
    expect([applied.input, applied.output]).toEqual([price, inputTokens === 201 ? '5' : '0.015']);
  });

  it('of a prompt are counted as reported, or with their special kinds where those stand beside it', () => {
    const banded = { ...token, bands: [{ promptTokensOver: 1000, input: '1' }] };
    const band = (tokenCounts: string, units: Units) =>
      rated(rulesWith([model('m', { ...banded, tokenCounts })]), units).price.band;
    expect(band('inclusive', { inputTokens: 900, cacheReadTokens: 500 })).toBeUndefined();
    expect(band('exclusive', { inputTokens: 900, cacheReadTokens: 500 })).toBe('promptTokensOver 1000');
    expect(band('inclusive', { inputTokens: 1001 })).toBe('promptTokensOver 1000');
    expect(band('exclusive', { inputTokens: 1000, outputTokens: 9, reasoningTokens: 9 })).toBeUndefined();
  });
});

describe('a kind of tokens', () => {
  const perToken = { mode: 'token', per: 1, input: '10', output: '100' };
  const costs = (price: Json, units: Units, fields = {}) =>
    unroundedOf(rulesWith([model('m', { ...perToken, ...price })]), units, { fields });

  it('costs its own price, or its multiple of its side’s, or its parent’s, or its side’s', () => {
    const price = {
      inputPrices: { cacheRead: '1', cacheWrite12h: '7' },
      inputMultiples: { cacheWrite5m: '0.5' },
      outputPrices: { reasoning: '3' },
    };
    const each = (kind: string) => costs(price, { [`${kind}Tokens`]: 1 });
    expect(
      ['cacheRead', 'cacheReadAudio', 'cacheReadImage', 'cacheWrite5m', 'cacheWrite1h', 'cacheWrite12h'].map(each),
    ).toEqual(['1', '1', '1', '5', '5', '7']);
    expect(['cache', 'inputAudio', 'inputVideo', 'reasoning', 'outputVideo'].map(each)).toEqual([
      '10',
      '10',
      '10',
      '3',
      '100',
    ]);
  });

  it('is looked for in the row before the base, and itself before its parent', () => {
    const price = {
      inputPrices: { cacheRead: '1' },
      inputMultiples: { cacheWrite1h: '2' },
      bands: [
        { when: { a: 'x' }, inputMultiples: { cacheRead: '0.5' }, inputPrices: { cacheWrite5m: '4' } },
        { when: { a: 'y' }, input: '20' },
      ],
    };
    const each = (kind: string, a: string) => costs(price, { [`${kind}Tokens`]: 1 }, { a });
    expect(['cacheRead', 'cacheReadAudio', 'cacheWrite5m', 'cacheWrite1h'].map((kind) => each(kind, 'x'))).toEqual([
      '5',
      '5',
      '4',
      '20',
    ]);
    expect(['cacheRead', 'cacheWrite1h', 'inputAudio'].map((kind) => each(kind, 'y'))).toEqual(['1', '40', '20']);
  });

  it('is told with its price, and the plain tokens without it', () => {
    const price = { ...perToken, inputPrices: { cacheRead: '1' }, inputMultiples: { cacheWrite5m: '0.5' } };
    const told = (units: Units, tokenCounts = 'inclusive') =>
      rated(rulesWith([model('m', { ...price, tokenCounts })]), units).price;
    const used = { inputTokens: 100, cacheReadTokens: 30, cacheWrite5mTokens: 20, inputAudioTokens: 5 };
    expect(told(used)).toMatchObject({
      adjustedInput: '60',
      inputMultiples: [['cacheWrite5m', '0.5']],
      inputPrices: [['cacheRead', '1']],
    });
    expect(told(used, 'exclusive')).toMatchObject({
      adjustedInput: '115',
      tokenCounts: 'exclusive',
      inputMultiples: [
        ['cacheWrite5m', '0.5'],
        ['inputAudio', '1'],
      ],
      inputPrices: [['cacheRead', '1']],
    });
  });

  /** The rules as they were before kinds of tokens had names of their own. */
  const before = (price: Json) => {
    const read = readStoredRulebook({ ...rulebookContent({}), models: [model('m', { ...perToken, ...price })] });
    if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
    return read.rulebook;
  };

  it('that a rulebook from before it was known names as something else stays that', () => {
    const both = before({ inputMultiples: { outputVideo: '2' }, extras: { inputVideoTokens: '3' } });
    expect(unroundedOf(both, { inputTokens: 10, outputVideoTokens: 4 })).toBe('140');
    expect(unroundedOf(both, { inputTokens: 10, inputVideoTokens: 4 })).toBe('112');
    const otherSide = before({ inputMultiples: { outputVideo: '2' } });
    expect(unroundedOf(otherSide, { inputTokens: 10, outputVideoTokens: 4 })).toBe('140');
  });

  it('that a price adds is one of its kinds, beside an extra that has the name of a known one', () => {
    const rules = before({ inputMultiples: { video: '3' }, extras: { inputVideoTokens: '5' } });
    expect(unroundedOf(rules, { inputTokens: 10, videoTokens: 1, inputVideoTokens: 2 })).toBe('130');
  });

  it('that one row of such a rulebook takes for an extra is one in every row', () => {
    const rules = before({ bands: [{ when: { a: 'x' }, extras: { inputVideoTokens: '3' } }] });
    const used = { inputTokens: 10, inputVideoTokens: 4 };
    expect(unroundedOf(rules, used, { fields: { a: 'x' } })).toBe('112');
    expect(outcome(rules, used)).toMatchObject({ code: 'unknown_unit' });
  });

  it('is told by what made a difference, and nothing else is', () => {
    const price = { ...perToken, inputPrices: { cacheRead: '1' }, inputMultiples: { cacheWrite5m: '0.5' } };
    const told = (units: Units) => rated(rulesWith([model('m', price)]), units).price;
    const base = { mode: 'token', per: 1, input: '10', output: '100' };
    expect(Object.keys(told({ inputTokens: 9, cacheWrite5mTokens: 2 }))).toEqual([
      ...Object.keys(base),
      'adjustedInput',
      'inputMultiples',
    ]);
    expect(Object.keys(told({ inputTokens: 9, cacheReadTokens: 2 }))).toEqual([
      ...Object.keys(base),
      'adjustedInput',
      'inputPrices',
    ]);
  });
});

describe('the row that holds', () => {
  const bands: readonly Json[] = [
    { when: { tier: 'flex' }, unit: '2' },
    { when: { tier: 'flex', size: 'l' }, unit: '3' },
    { outputTokensOver: 10, unit: '4' },
    { outputTokensAtLeast: 11, unit: '5' },
    { promptTokensAtLeast: 100, unit: '6' },
    { promptTokensAtLeast: 100, outputTokensOver: 0, unit: '7' },
    { when: { constructor: 'x' }, unit: '8' },
    { when: { tier: 'twice' }, unit: '9' },
    { when: { tier: 'twice' }, unit: '10' },
  ];
  const rulebook = rulesWith([model('m', { mode: 'request', unit: '1', bands })]);

  it.each([
    [{}, {}, '1', undefined],
    [{}, { tier: 'flex' }, '2', 'tier=flex'],
    [{ inputTokens: 500 }, { tier: 'flex', size: 'l' }, '3', 'tier=flex, size=l'],
    [{ outputTokens: 11 }, {}, '5', 'outputTokensAtLeast 11'],
    [{ outputTokens: 12, inputTokens: 99 }, {}, '5', 'outputTokensAtLeast 11'],
    [{ inputTokens: 100 }, {}, '6', 'promptTokensAtLeast 100'],
    [{ inputTokens: 100, outputTokens: 50 }, {}, '7', 'promptTokensAtLeast 100, outputTokensOver 0'],
    [{}, { tier: 'twice' }, '9', 'tier=twice'],
    [{}, { tier: 'Flex', size: 'l' }, '1', undefined],
  ] as const)('for %j and %j is %s: %s', (units, fields, expected, told) => {
    const { unrounded, price } = rated(rulebook, units, { fields });
    expect([toText(unrounded), price.band]).toEqual([expected, told]);
  });

  it('counts lengths only where a row asks for them: elsewhere they are nobody’s', () => {
    const plain = rulesWith([model('m', { mode: 'request', unit: '1', bands: [{ promptTokensOver: 1, unit: '2' }] })]);
    expect(outcome(plain, { inputTokens: 1 }).kind).toBe('rated');
    expect(outcome(plain, { outputTokens: 1 })).toMatchObject({ code: 'unknown_unit' });
    const byField = rulesWith([model('m', { mode: 'request', unit: '1', bands: [{ when: { a: 'b' }, unit: '2' }] })]);
    expect(outcome(byField, { inputTokens: 1 })).toMatchObject({ code: 'unknown_unit' });
  });

  it('keeps of the base what it does not name', () => {
    const price = {
      mode: 'image',
      unit: '1',
      extras: { faces: '0.1', hands: '0.2' },
      bands: [{ when: { q: 'hd' }, extras: { hands: '5' } }],
    };
    const rules = rulesWith([model('m', price)]);
    expect(unroundedOf(rules, { images: 1, faces: 1, hands: 1 }, { fields: { q: 'hd' } })).toBe('6.1');
    expect(unroundedOf(rules, { images: 1, faces: 1, hands: 1 })).toBe('1.3');
  });
});

const fromCount = (value: number): Decimal => ({ coefficient: BigInt(value), scale: 0 });

describe('a channel’s own price', () => {
  const windows = [{ from: '00:00', to: '00:00', zone: 'UTC', multiplier: '0.5' }];
  const rulebook = rulesWith([
    model('m', { mode: 'request', unit: '1', windows }, { channelPrices: { relay: { mode: 'second', unit: '2' } } }),
  ]);

  it('takes the place of the model’s, windows included, before the channel’s discount', () => {
    expect(unroundedOf(rulebook, {})).toBe('0.5');
    expect(unroundedOf(rulebook, {}, { channel: 'official' })).toBe('0.5');
    const { unrounded, price } = rated(rulebook, { seconds: 10 }, { channel: 'relay' });
    expect(toText(unrounded)).toBe('12');
    expect(price).toEqual({ mode: 'second', unit: '2', ofChannel: true });
  });

  it('never is the cost', () => {
    expect(toText(rated(rulebook, { seconds: 10, requests: 3 }, { channel: 'relay' }).cost)).toBe('1.5');
  });
});

describe('cost', () => {
  it('is rated like a price, by its own rows, windows and extras, but without channel and user', () => {
    const cost = {
      ...token,
      input: '1',
      bands: [{ promptTokensOver: 1000, input: '2' }],
      windows: [{ from: '00:00', to: '00:00', zone: 'UTC', multiplier: '0.5' }],
      extras: { tools: '7' },
    };
    const fieldMultipliers = [{ field: 'priority', equals: 'high', multiplier: '1.5' }];
    const rulebook = rulesWith([model('m', token, { cost, fieldMultipliers })]);
    const ask = { channel: 'relay', tier: 'gold', group: 'vip', fields: { priority: 'high' } };
    expect(toText(rated(rulebook, { inputTokens: 2000 }, ask).cost)).toBe('3');
    expect(toText(rated(rulebook, { inputTokens: 1000 }, ask).cost)).toBe('0.75');
    expect(toText(rated(rulebook, { inputTokens: 1000, tools: 2 }, ask).cost)).toBe('14.75');
  });

  it('is what the provider says it took, as it stands; units that only the cost needs are not missed then', () => {
    const rulebook = rulesWith([model('m', token, { cost: { mode: 'second', unit: '1' } })], {
      rounding: { scale: 2, mode: 'half-up' },
    });
    const said = rated(rulebook, { inputTokens: 1000 }, { channel: 'relay', upstreamCost: decimal('0.00125') });
    expect(toText(said.cost)).toBe('0.00125');
    expect(outcome(rulebook, { inputTokens: 1000 })).toMatchObject({ code: 'missing_units' });
    expect(toText(rated(rulebook, { seconds: 2 }, { upstreamCost: decimal('0') }).cost)).toBe('0');
  });

  it('is what a channel takes where that is said, else what upstream takes, else the price', () => {
    const unit = (each: string) => ({ mode: 'request', unit: each });
    const rulebook = rulesWith([
      model('m', unit('10'), { cost: unit('3'), channelCosts: { relay: unit('2') } }),
      model('n', unit('10'), { channelPrices: { official: unit('20') }, channelCosts: { relay: unit('2') } }),
    ]);
    const cost = (ask: Ask) => toText(rated(rulebook, {}, ask).cost);
    expect([cost({}), cost({ channel: 'official' }), cost({ channel: 'relay' })]).toEqual(['3', '3', '2']);
    const ofPrice = [{ model: 'n' }, { model: 'n', channel: 'official' }, { model: 'n', channel: 'relay' }];
    expect(ofPrice.map(cost)).toEqual(['10', '10', '2']);
    // A channel with a cost of its own keeps the model's price.
    expect(rated(rulebook, {}, { channel: 'relay' }).price).not.toHaveProperty('ofChannel');
  });

  it('is rounded once, like the charge', () => {
    const rulebook = rulesWith([model('m', { mode: 'request', unit: '0.5' })], {
      rounding: { scale: 0, mode: 'half-even' },
    });
    const { amount, cost, unrounded } = rated(rulebook, {});
    expect([amount, cost, unrounded].map(toText)).toEqual(['0', '0', '0.5']);
  });
});

describe('windows', () => {
  const night = { from: '22:00', to: '06:30', zone: 'America/New_York', multiplier: '0.5' };
  const day = { from: '06:30', to: '22:00', zone: 'America/New_York', multiplier: '2' };
  const priced = (...windows: Json[]) => rulesWith([model('m', { mode: 'request', unit: '1', windows })]);

  it.each([
    ['2026-03-08T03:00:00Z', '0.5'],
    ['2026-03-08T02:59:59.999Z', '1'],
    ['2026-03-08T10:29:59.999Z', '0.5'],
    ['2026-03-08T10:30:00Z', '1'],
    ['2026-01-08T10:30:00Z', '0.5'],
    ['2026-01-08T11:29:59.999Z', '0.5'],
    ['2026-01-08T11:30:00Z', '1'],
  ])('follow the wall clock over midnight and daylight saving: %s', (at, expected) => {
    expect(unroundedOf(priced(night), {}, { at: Date.parse(at) })).toBe(expected);
  });

  it('count only the first that holds', () => {
    const whole = { from: '09:00', to: '09:00', zone: 'UTC', multiplier: '3' };
    const { unrounded, factors } = rated(priced(day, whole, night), {}, { at: Date.parse('2026-06-01T04:00:00Z') });
    expect(toText(unrounded)).toBe('3');
    expect(factors).toEqual([['window', '3', '09:00-09:00 UTC']]);
  });

  it('hold on the local weekday of the instant, also past midnight', () => {
    const weekend = { from: '22:00', to: '06:00', zone: 'Asia/Shanghai', multiplier: '0', days: ['sat', 'sun'] };
    const holds = (at: string, window: Json = weekend) =>
      unroundedOf(priced(window), {}, { at: Date.parse(at) }) === '0';
    // Saturday 2026-10-03 in Shanghai begins at 16:00 UTC of Friday.
    expect(holds('2026-10-02T15:59:59.999Z')).toBe(false);
    expect(holds('2026-10-02T16:00:00Z')).toBe(true);
    expect(holds('2026-10-03T12:00:00Z')).toBe(false);
    expect(holds('2026-10-04T15:59:59.999Z')).toBe(true);
    expect(holds('2026-10-04T16:00:00Z')).toBe(false);
    expect(holds('2026-10-04T04:00:00Z', { ...weekend, from: '12:00', to: '24:00' })).toBe(true);
    expect(
      rated(priced({ ...weekend, from: '12:00', to: '24:00' }), {}, { at: Date.parse('2026-10-04T04:00:00Z') }),
    ).toMatchObject({ factors: [['window', '0', '12:00-24:00 Asia/Shanghai sat,sun']] });
  });

  it('partition the day where one ends as the other starts', () => {
    const minutes = fc.integer({ min: 0, max: 1439 });
    const time = (minute: number) => new Date(minute * 60_000).toISOString().slice(11, 16);
    const instants = fc.integer({ min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2027-12-31T00:00:00Z') });
    const zones = fc.constantFrom('UTC', 'Europe/London', 'Asia/Kolkata', 'America/New_York', 'Pacific/Auckland');
    fc.assert(
      fc.property(minutes, minutes, zones, instants, (from, to, zone, at) => {
        fc.pre(from !== to);
        const one = { from: time(from), to: time(to), zone, multiplier: '0' };
        const other = { from: time(to), to: time(from), zone, multiplier: '0' };
        const inOne = unroundedOf(priced(one), {}, { at }) === '0';
        expect(unroundedOf(priced(other), {}, { at }) === '0').toBe(!inOne);
      }),
      { numRuns: 300 },
    );
  });
});

describe('every rating', () => {
  const decimals = fc.integer({ min: 0, max: 99_999 }).map((n) => toText({ coefficient: BigInt(n), scale: 4 }));
  const modes = fc.constantFrom('half-up', 'half-even', 'up', 'down');
  const units = fc.record({ inputTokens: fc.nat(1e6), outputTokens: fc.nat(1e6), cacheReadTokens: fc.nat(1e6) });

  it('rises, or stays, with what was used', () => {
    fc.assert(
      fc.property(decimals, decimals, decimals, units, units, (input, output, cacheRead, less, more) => {
        const price = {
          mode: 'token',
          per: 1000,
          input,
          output,
          tokenCounts: 'exclusive',
          inputMultiples: { cacheRead },
        };
        const rulebook = rulesWith([model('m', price)]);
        const sum = {
          inputTokens: less.inputTokens + more.inputTokens,
          outputTokens: less.outputTokens + more.outputTokens,
          cacheReadTokens: less.cacheReadTokens + more.cacheReadTokens,
        };
        const [small, large] = [rated(rulebook, less), rated(rulebook, sum)];
        expect(compare(small.unrounded, large.unrounded)).toBeLessThanOrEqual(0);
        expect(compare(small.amount, large.amount)).toBeLessThanOrEqual(0);
        expect(compare(small.cost, large.cost)).toBeLessThanOrEqual(0);
        expect(toText(add(small.unrounded, rated(rulebook, more).unrounded))).toBe(toText(large.unrounded));
      }),
    );
  });

  it('scales exactly with a multiplier, whoever sets it', () => {
    fc.assert(
      fc.property(units, decimals, decimals, (used, multiplier, discount) => {
        const models = [
          model('m', token),
          model('f', token, { fieldMultipliers: [{ field: 'a', equals: 'b', multiplier }] }),
        ];
        const rulebook = rulesWith(models, {
          groups: [{ id: 'default' }, { id: 'g', multiplier }],
          channels: [{ id: 'c', discount: multiplier }],
          tiers: [
            { id: 'default', rank: 1, discount },
            { id: 'scaled', rank: 2, discount: multiplier },
            { id: 'one', rank: 3, discount: '1' },
          ],
        });
        const scaled = toText(multiply(rated(rulebook, used, { tier: 'one' }).unrounded, decimal(multiplier)));
        expect(unroundedOf(rulebook, used, { tier: 'scaled' })).toBe(scaled);
        expect(unroundedOf(rulebook, used, { tier: 'one', group: 'g' })).toBe(scaled);
        expect(unroundedOf(rulebook, used, { tier: 'one', channel: 'c' })).toBe(scaled);
        expect(unroundedOf(rulebook, used, { tier: 'one', model: 'f', fields: { a: 'b' } })).toBe(scaled);
        expect(unroundedOf(rulebook, used, { tier: 'default', custom: multiplier })).toBe(scaled);
      }),
    );
  });

  it('is rounded by less than one unit of the scale, once', () => {
    fc.assert(
      fc.property(units, decimals, fc.integer({ min: 0, max: 9 }), modes, (used, input, scale, mode) => {
        const rulebook = rulesWith([model('m', { ...token, input })], { rounding: { scale, mode } });
        const { unrounded, amount } = rated(rulebook, used, { channel: 'relay', tier: 'gold' });
        const difference = subtract(amount, unrounded);
        const unit: Decimal = { coefficient: 1n, scale };
        expect(compare(difference, unit)).toBeLessThan(0);
        expect(compare(difference, multiply(unit, decimal('-1')))).toBeGreaterThan(0);
        expect(toText(amount)).toBe(toText(round(unrounded, rulebook.rounding)));
      }),
    );
  });

  it('is the same however often it is asked for, and leaves the request as it was', () => {
    const rulebook = rulesWith([model('m', { ...token, extras: { calls: '1' } })]);
    const used = Object.freeze({ inputTokens: 10, cacheReadTokens: 4, calls: 2 });
    const first = rated(rulebook, used, { channel: 'relay' });
    expect(rated(rulebook, used, { channel: 'relay' })).toEqual(first);
  });
});
