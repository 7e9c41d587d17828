import { scratchFolder } from '../../../testing/scratch-folder';
import { amountOf, importedList, refusedList } from '../testing/imported-list';

/** One model a feature. */
const settings = {
  ModelRatio: {
    'house-model': 1.25,
    'gpt-4o-like': 1.25,
    'claude-sonnet-4-x': 1.5,
    'gpt-5-x': 0.625,
    'gpt-3.5-x': 0.75,
    'yuan-model': 8.219178082191782,
    'vendor/gpt-5-copy': 0.8,
    embedding: 0.01,
    painter: 2.5,
    talker: 2.5,
    gift: 0,
    broken: -1,
    'gpt-4-gizmo-*': 15,
    'gemini-2.5-flash-thinking-*': 0.075,
    'gemini-2.5-flash-lite-thinking-*': 0.05,
    both: 1,
  },
  CompletionRatio: {
    'house-model': 4,
    'gpt-5-x': 2,
    'vendor/gpt-5-copy': 3,
    painter: 8,
    'gpt-4-gizmo-*': 2,
    'yuan-model': 1,
  },
  CacheRatio: { 'house-model': 0.5, 'claude-sonnet-4-x': 0.1 },
  CreateCacheRatio: { 'claude-sonnet-4-x': 1.25 },
  ImageRatio: { painter: 2 },
  AudioRatio: { talker: 8 },
  AudioCompletionRatio: { talker: 2 },
  ModelPrice: { drawing: 0.04, both: 0.1, 'not-set': -1 },
  GroupRatio: { default: 1, vip: 0.8, svip: 0.5 },
};

describe("new-api's settings", () => {
  const folder = scratchFolder();
  const token = { mode: 'token', per: 1000000 };

  it('become a price for each feature, in yuan, in which all of it is exact', async () => {
    const { model, content } = await importedList(folder, 'new-api', settings);
    expect(content).toMatchObject({
      platform: 'new-api',
      currency: 'CNY',
      fx: [{ pair: 'USD/CNY', rate: '7.3' }],
      groups: [
        { id: 'default', multiplier: '1' },
        { id: 'vip', multiplier: '0.8' },
        { id: 'svip', multiplier: '0.5' },
      ],
    });
    const priceOf = (id: string) => model(id)?.price;
    // 1.25 × $2 × 7.3 = 18.25.
    expect(priceOf('house-model')).toEqual({
      ...token,
      input: '18.25',
      output: '73',
      inputPrices: { cacheRead: '9.125' },
    });
    // ¥120 a million, divided by 7.3 once.
    expect(priceOf('yuan-model')).toEqual({ ...token, input: '120', output: '120' });
    expect(priceOf('drawing')).toEqual({ mode: 'request', unit: '0.292' });
    // A price by the request comes before a ratio.
    expect(priceOf('both')).toEqual({ mode: 'request', unit: '0.73' });
    expect(model('gift')).toMatchObject({ free: true });
    // The most exact pattern first: each means what comes after a budget for thinking.
    expect(content.models.slice(-3).map(({ id }) => id)).toEqual([
      'gemini-2.5-flash-lite*-thinking-*',
      'gemini-2.5-flash*-thinking-*',
      'gpt-4-gizmo-*',
    ]);
  });

  it('become dollars where they are asked for', async () => {
    const { model, content, changesOf } = await importedList(folder, 'new-api', settings, '--currency', 'USD');
    expect(content['fx']).toBeUndefined();
    const priceOf = (id: string) => model(id)?.price;
    expect(priceOf('house-model')).toEqual({
      ...token,
      input: '2.5',
      output: '10',
      inputPrices: { cacheRead: '1.25' },
    });
    // 1.25 × 1.6 is what an hour in the cache costs.
    expect(priceOf('claude-sonnet-4-x')).toEqual({
      ...token,
      input: '3',
      output: '15',
      inputPrices: { cacheRead: '0.3', cacheWrite5m: '3.75', cacheWrite1h: '6' },
    });
    expect(priceOf('painter')).toEqual({ ...token, input: '5', output: '40', inputPrices: { inputImage: '10' } });
    expect(priceOf('talker')).toEqual({
      ...token,
      input: '5',
      output: '5',
      inputPrices: { inputAudio: '40' },
      outputPrices: { outputAudio: '80' },
    });
    expect(priceOf('embedding')).toEqual({ ...token, input: '0.02', output: '0.02' });
    expect(changesOf('yuan-model')).toEqual([
      'rounding: input 16.438356164383564 is 16.4383561644',
      'rounding: output 16.438356164383564 is 16.4383561644',
    ]);
  });

  it("take new-api's own completion ratios where the setting says nothing, or is not charged by", async () => {
    const { model, changesOf } = await importedList(folder, 'new-api', settings, '--currency', 'USD');
    const outputOf = (id: string) => model(id)?.price['output'];
    expect(outputOf('gpt-4o-like')).toBe('10');
    expect(changesOf('gpt-4o-like')).toEqual(["derived: output by new-api's own ratio, 4 / 1"]);
    expect(outputOf('gpt-5-x')).toBe('10');
    expect(changesOf('gpt-5-x')).toEqual(["chosen: output by new-api's own ratio, 8 / 1, and not by the setting, 2"]);
    // A third that ends nowhere, of a price that it makes whole: 1.5 × 4 / 3.
    expect(outputOf('gpt-3.5-x')).toBe('2');
    expect(outputOf('vendor/gpt-5-copy')).toBe('4.8');
    expect(changesOf('vendor/gpt-5-copy')).toEqual([]);
  });

  it('are told whole: taken, changed and left out', async () => {
    const { report, changesOf } = await importedList(folder, 'new-api', settings);
    expect(report).toMatchObject({ entries: 18, taken: 16, leftOut: 2 });
    expect(report.left.map(({ entry, reason }) => [entry, reason])).toEqual([
      ['not-set', 'no_price'],
      ['broken', 'unfit_price'],
    ]);
    expect(changesOf('yuan-model')).toEqual([
      'noise: input 120.0000000000000172 is 120',
      'noise: output 120.0000000000000172 is 120',
    ]);
  });

  it.each([
    [
      'text: 600 × 18.25 + 400 × 9.125 + 100 × 73',
      { model: 'house-model', units: { inputTokens: 1000, cacheReadTokens: 400, outputTokens: 100 } },
      '0.0219',
    ],
    [
      'yuan: 1,000 × 120 + 1,000 × 120',
      { model: 'yuan-model', units: { inputTokens: 1000, outputTokens: 1000 } },
      '0.24',
    ],
    [
      'a cache write: 100 × 27.375',
      { model: 'claude-sonnet-4-x', units: { inputTokens: 100, cacheWrite5mTokens: 100 } },
      '0.0027375',
    ],
    [
      'an hour in the cache: 100 × 43.8',
      { model: 'claude-sonnet-4-x', units: { inputTokens: 100, cacheWrite1hTokens: 100 } },
      '0.00438',
    ],
    [
      'reading it: 1,000 × 2.19',
      { model: 'claude-sonnet-4-x', units: { inputTokens: 1000, cacheReadTokens: 1000 } },
      '0.00219',
    ],
    [
      'a picture made: 50 × 36.5 + 1,000 × 292',
      { model: 'painter', units: { inputTokens: 50, outputTokens: 1000 } },
      '0.293825',
    ],
    ['a picture read: 10 × 73', { model: 'painter', units: { inputTokens: 10, inputImageTokens: 10 } }, '0.00073'],
    [
      'speech: 100 × 292 + 50 × 584',
      { model: 'talker', units: { inputTokens: 100, inputAudioTokens: 100, outputTokens: 50, outputAudioTokens: 50 } },
      '0.0584',
    ],
    ['a request', { model: 'drawing', units: {} }, '0.292'],
    ['three requests', { model: 'drawing', units: { requests: 3 } }, '0.876'],
    [
      'a pattern: 1,000 × 219 + 10 × 438',
      { model: 'gpt-4-gizmo-7', units: { inputTokens: 1000, outputTokens: 10 } },
      '0.22338',
    ],
    [
      'a budget for thinking: 1,000 × 0.73',
      { model: 'gemini-2.5-flash-lite-thinking-128', units: { inputTokens: 1000 } },
      '0.00073',
    ],
  ])('rates %s', async (_how, usage, amount) => {
    const { rulebook } = await importedList(folder, 'new-api', settings);
    expect(amountOf(rulebook, usage)).toBe(amount);
  });

  it('become a matrix where groups of users pay another ratio in a group', async () => {
    const special = { ...settings, GroupGroupRatio: { vip: { svip: 0.4, gone: 0.1 }, stranger: { vip: 1 } } };
    const { content } = await importedList(folder, 'new-api', special);
    expect(content).toMatchObject({
      tiers: [
        { id: 'default', rank: 1 },
        { id: 'vip', rank: 2 },
        { id: 'svip', rank: 3 },
      ],
      tierMultipliers: {
        default: { default: '1', vip: '0.8', svip: '0.5' },
        vip: { default: '1', vip: '0.8', svip: '0.4' },
        svip: { default: '1', vip: '0.8', svip: '0.5' },
      },
    });
  });

  it('are read as each of its routes shows them', async () => {
    const asTexts = Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, JSON.stringify(value)]));
    const asOptions = { success: true, data: Object.entries(asTexts).map(([key, value]) => ({ key, value })) };
    const overApi = {
      success: true,
      data: {
        model_ratio: settings.ModelRatio,
        completion_ratio: settings.CompletionRatio,
        cache_ratio: settings.CacheRatio,
        create_cache_ratio: settings.CreateCacheRatio,
        image_ratio: settings.ImageRatio,
        audio_ratio: settings.AudioRatio,
        audio_completion_ratio: settings.AudioCompletionRatio,
        model_price: settings.ModelPrice,
        group_ratio: settings.GroupRatio,
      },
    };
    const { content } = await importedList(folder, 'new-api', settings);
    for (const form of [asTexts, asOptions, overApi])
      expect((await importedList(folder, 'new-api', form)).content).toEqual(content);
  });

  it('are read from the list of prices, where every ratio is the one that is charged', async () => {
    const pricing = {
      success: true,
      data: [
        {
          model_name: 'gpt-5-x',
          quota_type: 0,
          model_ratio: 0.625,
          model_price: 0,
          completion_ratio: 2,
          cache_ratio: 0.1,
          enable_groups: ['default'],
        },
        { model_name: 'drawing', quota_type: 1, model_ratio: 0, model_price: 0.04, completion_ratio: 0 },
        {
          model_name: 'formula',
          quota_type: 0,
          model_ratio: 1,
          completion_ratio: 1,
          billing_mode: 'tiered_expr',
          billing_expr: 'p * 2',
        },
      ],
      group_ratio: { default: 1 },
    };
    const { model, report } = await importedList(folder, 'new-api', pricing, '--currency', 'USD');
    expect(model('gpt-5-x')?.price).toEqual({
      ...token,
      input: '1.25',
      output: '2.5',
      inputPrices: { cacheRead: '0.125' },
    });
    expect(model('drawing')?.price).toEqual({ mode: 'request', unit: '0.04' });
    expect(report.left).toEqual([{ entry: 'formula', reason: 'unsaid', detail: 'it is billed by an expression' }]);
  });

  it.each([[{}], [[]], [{ success: false, message: 'no' }], [{ ModelRatio: 'broken' }], [null]])(
    'are refused in a sentence where they are none: %j',
    async (list) => {
      const { code, out, err } = await refusedList(folder, 'new-api', list);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(/^These are no settings of new-api's: /);
    },
  );
});
