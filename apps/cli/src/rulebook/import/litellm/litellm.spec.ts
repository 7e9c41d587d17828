import { scratchFolder } from '../../../testing/scratch-folder';
import { amountOf, importedList, refusedList } from '../testing/imported-list';

const searches = (low: number, medium: number, high: number) => ({
  search_context_size_low: low,
  search_context_size_medium: medium,
  search_context_size_high: high,
});

/** One entry a feature. */
const list = {
  sample_spec: { input_cost_per_token: 0, mode: 'one of: chat, embedding' },
  cached: {
    litellm_provider: 'openai',
    mode: 'chat',
    input_cost_per_token: 2.5e-6,
    output_cost_per_token: 1e-5,
    cache_read_input_token_cost: 1.25e-6,
    max_tokens: 128000,
    supports_vision: true,
  },
  writes: {
    litellm_provider: 'anthropic',
    input_cost_per_token: 3e-6,
    output_cost_per_token: 1.5e-5,
    cache_read_input_token_cost: 3e-7,
    cache_creation_input_token_cost: 3.75e-6,
    cache_creation_input_token_cost_above_1hr: 6e-6,
    input_cost_per_token_above_200k_tokens: 6e-6,
    output_cost_per_token_above_200k_tokens: 2.25e-5,
    cache_creation_input_token_cost_above_1hr_above_200k_tokens: 1.2e-5,
    search_context_cost_per_query: searches(0.01, 0.01, 0.01),
    provider_specific_entry: { us: 1.1, fast: 6, note: 'x' },
    aliases: ['writes-latest', 'cached'],
  },
  tiers: {
    litellm_provider: 'openai',
    input_cost_per_token: 2e-6,
    output_cost_per_token: 8e-6,
    cache_read_input_token_cost: 5e-7,
    output_cost_per_reasoning_token: 9e-6,
    input_cost_per_token_priority: 3.5e-6,
    output_cost_per_token_priority: 1.4e-5,
    input_cost_per_token_flex: '1e-06',
    input_cost_per_token_batches: 1e-6,
    output_cost_per_token_batches: 4e-6,
    input_cost_per_token_above_128k_tokens: 4e-6,
    input_cost_per_token_above_128k_tokens_priority: 7e-6,
    output_cost_per_token_above_128k_tokens: 1.2e-5,
    search_context_cost_per_query: searches(0.025, 0.0275, 0.03),
    regional_processing_uplift_multiplier_eu: 1.1,
  },
  senses: {
    litellm_provider: 'gemini',
    input_cost_per_token: 1e-6,
    output_cost_per_token: 4e-6,
    input_cost_per_audio_token: 3e-6,
    input_cost_per_image_token: 2e-6,
    input_cost_per_video_token: 5e-6,
    cache_read_input_audio_token_cost: 7e-7,
    cache_read_input_image_token_cost: 6e-7,
    output_cost_per_audio_token: 1.2e-5,
    output_cost_per_image_token: 3e-5,
    input_cost_per_image: 0.0005,
    google_maps_grounding_cost_per_query: 0.014,
    regional_endpoint_uplift_multiplier: 1.1,
    metadata: { notes: 'The first 1,500 requests a day are free of charge each month: free quota.' },
  },
  reached: {
    litellm_provider: 'xai',
    input_cost_per_token: 1.25e-6,
    output_cost_per_token: 2.5e-6,
    input_cost_per_token_above_200k_tokens: 2.5e-6,
  },
  table: {
    litellm_provider: 'dashscope',
    output_cost_per_token: 2e-6,
    tiered_pricing: [
      { range: [128000, 256000], input_cost_per_token: 8e-7, output_cost_per_token: 4e-6 },
      {
        range: [0, 128000],
        input_cost_per_token: 4e-7,
        cache_read_input_token_cost: 8e-8,
        output_cost_per_reasoning_token: 3e-6,
      },
    ],
  },
  nightly: {
    litellm_provider: 'deepseek',
    input_cost_per_token: 5e-7,
    output_cost_per_token: 2e-6,
    cache_read_input_token_cost: 1e-7,
    off_peak_pricing: {
      hours_utc: '16:30-00:30',
      windows: [{ hours_utc: ['22:00-23:00'], weekdays: ['Sat', 7] }],
      weekday_timezone: 'Asia/Shanghai',
      input_cost_per_token: 2.5e-7,
      output_cost_per_token: 1e-6,
      cache_read_input_token_cost: 5e-8,
    },
  },
  uneven: {
    litellm_provider: 'deepseek',
    input_cost_per_token: 5e-7,
    output_cost_per_token: 2e-6,
    off_peak_pricing: { hours_utc: '16:30-00:30', input_cost_per_token: 1e-7, output_cost_per_token: 1e-6 },
  },
  embedding: { litellm_provider: 'openai', mode: 'embedding', input_cost_per_token: 2e-8, output_cost_per_token: 0 },
  painter: {
    litellm_provider: 'openai',
    mode: 'image_generation',
    input_cost_per_token: 5e-6,
    output_cost_per_image_token: 4e-5,
  },
  picture: {
    litellm_provider: 'fal',
    mode: 'image_generation',
    input_cost_per_token: 0,
    output_cost_per_token: 0,
    output_cost_per_image: 0.04,
    output_cost_per_image_4K: 0.08,
    output_cost_per_image_premium_image: 0.06,
    output_cost_per_image_above_1024_and_1024_pixels_and_premium_image: 0.1,
  },
  pixels: {
    litellm_provider: 'openai',
    mode: 'image_generation',
    input_cost_per_pixel: 1.9e-8,
    output_cost_per_pixel: 0,
  },
  film: {
    litellm_provider: 'x',
    mode: 'video_generation',
    output_cost_per_second_720p: 0.1,
    output_cost_per_second_1080p: 0.2,
  },
  hearing: {
    litellm_provider: 'openai',
    mode: 'audio_transcription',
    input_cost_per_second: 0.0001,
    output_cost_per_second: 0.0001,
  },
  speech: { litellm_provider: 'openai', mode: 'audio_speech', input_cost_per_character: 1.5e-5 },
  ranks: {
    litellm_provider: 'cohere',
    mode: 'rerank',
    input_cost_per_query: 0.002,
    input_cost_per_token: 0,
    output_cost_per_token: 0,
  },
  pages: {
    litellm_provider: 'mistral',
    mode: 'ocr',
    ocr_cost_per_page: 0.001,
    ocr_cost_per_page_batches: 0.0005,
    annotation_cost_per_page: 0.003,
  },
  several: {
    litellm_provider: 'vertex_ai',
    mode: 'embedding',
    input_cost_per_image: 0.0001,
    input_cost_per_video_per_second: 0.0005,
  },
  letters: {
    litellm_provider: 'vertex_ai',
    input_cost_per_token: 1e-6,
    output_cost_per_token: 2e-6,
    input_cost_per_character: 2.5e-7,
  },
  storage: {
    litellm_provider: 'openai',
    input_cost_per_token: 1e-6,
    vector_store_cost_per_gb_per_day: 0.1,
    input_dbu_cost_per_token: 1e-5,
  },
  noisy: {
    litellm_provider: 'x',
    input_cost_per_token: 3.0000000000000004e-7,
    output_cost_per_token: 1.4285714285714e-6,
  },
  'free-model': { litellm_provider: 'x', input_cost_per_token: 0, output_cost_per_token: 0 },
  'bedrock/*/one-month/model': { litellm_provider: 'bedrock', input_cost_per_second: 0.1 },
  nothing: { litellm_provider: 'x', mode: 'chat' },
  results: {
    litellm_provider: 'exa',
    mode: 'search',
    tiered_pricing: [{ max_results_range: [0, 25], input_cost_per_query: 0.005 }],
  },
  negative: { litellm_provider: 'x', input_cost_per_token: -1 },
  text: { litellm_provider: 'x', input_cost_per_token: 'a lot' },
  list: [],
};

describe("LiteLLM's list", () => {
  const folder = scratchFolder();
  const token = { mode: 'token', per: 1000000 };

  it('becomes a price for each feature', async () => {
    const { model, content } = await importedList(folder, 'litellm', list);
    expect(content).toMatchObject({ platform: 'litellm', currency: 'USD', rounding: { scale: 9, mode: 'half-up' } });
    const priceOf = (id: string) => model(id)?.price;
    expect(priceOf('cached')).toEqual({ ...token, input: '2.5', output: '10', inputPrices: { cacheRead: '1.25' } });
    expect(model('writes')).toEqual({
      id: 'writes',
      group: 'default',
      price: {
        ...token,
        input: '3',
        output: '15',
        inputPrices: { cacheRead: '0.3', cacheWrite5m: '3.75', cacheWrite1h: '6' },
        bands: [{ promptTokensOver: 200000, input: '6', output: '22.5', inputPrices: { cacheWrite1h: '12' } }],
        extras: { webSearchCalls: '0.01' },
      },
      fieldMultipliers: [
        { field: 'inference_geo', equals: 'us', multiplier: '1.1' },
        { field: 'speed', equals: 'fast', multiplier: '6' },
      ],
    });
    expect(priceOf('tiers')).toMatchObject({
      bands: [
        { promptTokensOver: 128000, input: '4', output: '12' },
        // Reasoning that a tier does not price is its output; where it prices no output, both stay.
        { when: { service_tier: 'priority' }, input: '3.5', output: '14', outputPrices: { reasoning: '14' } },
        {
          when: { service_tier: 'priority' },
          promptTokensOver: 128000,
          input: '7',
          output: '12',
          outputPrices: { reasoning: '12' },
        },
        { when: { service_tier: 'flex' }, input: '1' },
        { when: { service_tier: 'flex' }, promptTokensOver: 128000, input: '4', output: '12' },
        { when: { service_tier: 'batch' }, input: '1', output: '4', outputPrices: { reasoning: '4' } },
        {
          when: { service_tier: 'batch' },
          promptTokensOver: 128000,
          input: '4',
          output: '12',
          outputPrices: { reasoning: '12' },
        },
      ],
      extras: { webSearchCallsLow: '0.025', webSearchCallsMedium: '0.0275', webSearchCallsHigh: '0.03' },
    });
    expect(model('tiers')?.['fieldMultipliers']).toEqual([{ field: 'residency', equals: 'eu', multiplier: '1.1' }]);
    expect(priceOf('senses')).toEqual({
      ...token,
      input: '1',
      output: '4',
      inputPrices: { inputAudio: '3', inputImage: '2', inputVideo: '5', cacheReadAudio: '0.7', cacheReadImage: '0.6' },
      outputPrices: { outputAudio: '12', outputImage: '30' },
      extras: { inputImages: '0.0005', mapsQueries: '0.014' },
    });
    expect(model('senses')?.['fieldMultipliers']).toEqual([
      { field: 'endpoint', equals: 'regional', multiplier: '1.1' },
    ]);
    expect(priceOf('reached')?.['bands']).toEqual([{ promptTokensAtLeast: 200000, input: '2.5' }]);
    // What a row of the table does not price costs what its side costs there; output is priced outside.
    expect(priceOf('table')).toEqual({
      ...token,
      input: '0.4',
      output: '2',
      inputPrices: { cacheRead: '0.08' },
      outputPrices: { reasoning: '3' },
      bands: [
        {
          promptTokensOver: 128000,
          input: '0.8',
          output: '4',
          inputPrices: { cacheRead: '0.8' },
          outputPrices: { reasoning: '4' },
        },
      ],
    });
    expect(priceOf('nightly')?.['windows']).toEqual([
      { from: '16:30', to: '00:30', zone: 'UTC', multiplier: '0.5' },
      { from: '06:00', to: '07:00', zone: 'Asia/Shanghai', multiplier: '0.5', days: ['sat', 'sun'] },
    ]);
    expect(priceOf('painter')).toEqual({ ...token, input: '5', output: '40', outputPrices: { outputImage: '40' } });
    expect(priceOf('picture')).toEqual({
      mode: 'image',
      unit: '0.04',
      bands: [
        { when: { resolution: '4K' }, unit: '0.08' },
        { when: { quality: 'premium' }, unit: '0.06' },
        { when: { resolution: 'above-1024x1024', quality: 'premium' }, unit: '0.1' },
      ],
    });
    expect(priceOf('pixels')).toEqual({ mode: 'megapixel', unit: '0.019' });
    expect(priceOf('film')).toMatchObject({
      mode: 'second',
      unit: '0.2',
      bands: [{ when: { resolution: '720p' }, unit: '0.1' }, {}],
    });
    expect(priceOf('hearing')).toEqual({ mode: 'second', unit: '0.0001' });
    expect(priceOf('speech')).toEqual({ mode: 'unit', unit: '0.000015' });
    expect(priceOf('ranks')).toEqual({ mode: 'request', unit: '0.002' });
    expect(priceOf('pages')).toEqual({
      mode: 'unit',
      unit: '0.001',
      bands: [{ when: { service_tier: 'batch' }, unit: '0.0005' }],
      extras: { annotatedPages: '0.003' },
    });
    expect(priceOf('several')).toEqual({
      mode: 'request',
      unit: '0',
      extras: { inputImages: '0.0001', inputVideoSeconds: '0.0005' },
    });
    expect(priceOf('letters')).toEqual({ ...token, input: '1', output: '2' });
    expect(model('free-model')).toMatchObject({ free: true });
    expect(content.models.at(-1)?.id).toBe('bedrock/*/one-month/model');
  });

  it('is told whole: taken, changed, left out, and what no price can say', async () => {
    const { report, changesOf, model } = await importedList(folder, 'litellm', list);
    expect(report).toMatchObject({ entries: 29, taken: 24, leftOut: 5, notAsked: 0 });
    expect(report.left.map(({ entry, reason }) => [entry, reason])).toEqual([
      ['nothing', 'no_price'],
      ['results', 'unsaid'],
      ['negative', 'unfit_price'],
      ['text', 'unfit_price'],
      ['list', 'no_entry'],
    ]);
    // An alias that is a model's own name is not taken from it.
    expect(model('writes-latest')?.price).toEqual(model('writes')?.price);
    expect(model('cached')?.price['input']).toBe('2.5');
    expect(changesOf('noisy')).toEqual([
      'noise: input 0.30000000000000004 is 0.3',
      'rounding: output 1.4285714285714 is 1.42857142857',
    ]);
    expect(changesOf('writes')).toEqual(['left_out: provider_specific_entry.note']);
    expect(changesOf('uneven')).toEqual(['left_out: off_peak_pricing: its prices are not one multiple of the others']);
    expect(changesOf('letters')).toEqual(['left_out: input_cost_per_character: the tokens are priced']);
    expect(changesOf('storage')).toEqual(['unknown: vector_store_cost_per_gb_per_day']);
    expect(changesOf('film')).toEqual(['chosen: without a resolution it costs as much as the dearest']);
    expect(changesOf('several')).toEqual(['extra: inputImages', 'extra: inputVideoSeconds']);
    expect(changesOf('cached')).toEqual([]);
    expect(report.warnings).toEqual(['senses: a note tells of a free quota, which no price can say']);
  });

  it.each([
    [
      'cached: 200 × 2.5 + 800 × 1.25 + 300 × 10',
      { model: 'cached', units: { inputTokens: 1000, cacheReadTokens: 800, outputTokens: 300 } },
      '0.0045',
    ],
    [
      'writes: 100 × 3 + 200 × 3.75 + 300 × 6, and a search',
      {
        model: 'writes',
        units: { inputTokens: 600, cacheWrite5mTokens: 200, cacheWrite1hTokens: 300, webSearchCalls: 1 },
      },
      '0.01285',
    ],
    [
      'a region: (1,000 × 3) × 1.1, and a search outside',
      { model: 'writes', units: { inputTokens: 1000, webSearchCalls: 1 }, fields: { inference_geo: 'us' } },
      '0.0133',
    ],
    [
      'long: 200,001 × 6 + 10 × 22.5',
      { model: 'writes', units: { inputTokens: 200001, outputTokens: 10 } },
      '1.200231',
    ],
    [
      'priority: 1,000 × 3.5 + 10 × 14 + 10 × 14',
      {
        model: 'tiers',
        units: { inputTokens: 1000, outputTokens: 20, reasoningTokens: 10 },
        fields: { service_tier: 'priority' },
      },
      '0.00378',
    ],
    [
      'priority and long: 128,001 × 7',
      { model: 'tiers', units: { inputTokens: 128001 }, fields: { service_tier: 'priority' } },
      '0.896007',
    ],
    [
      'flex keeps the output: 1,000 × 1 + 100 × 8',
      { model: 'tiers', units: { inputTokens: 1000, outputTokens: 100 }, fields: { service_tier: 'flex' } },
      '0.0018',
    ],
    ['xAI reaches: 200,000 × 2.5', { model: 'reached', units: { inputTokens: 200000 } }, '0.5'],
    [
      'a table: 129,000 × 0.8 + 1,000 × 4',
      { model: 'table', units: { inputTokens: 129000, outputTokens: 1000 } },
      '0.1072',
    ],
    [
      'at night: (1,000 × 0.5 + 100 × 2) × 0.5',
      { model: 'nightly', units: { inputTokens: 1000, outputTokens: 100 }, at: '2026-11-27T23:00:00Z' },
      '0.00035',
    ],
    [
      'by day',
      { model: 'nightly', units: { inputTokens: 1000, outputTokens: 100 }, at: '2026-11-27T12:00:00Z' },
      '0.0007',
    ],
    ['a picture of 4K: 2 × 0.08', { model: 'picture', units: { images: 2 }, fields: { resolution: '4K' } }, '0.16'],
    ['a film without a resolution: 10 × 0.2', { model: 'film', units: { seconds: 10 } }, '2'],
    ['letters: 1,000 × 0.000015', { model: 'speech', units: { count: 1000 } }, '0.015'],
    ['a megapixel: 1.048576 × 0.019', { model: 'pixels', units: { width: 1024, height: 1024 } }, '0.019922944'],
    [
      'several things: 3 × 0.0001 + 20 × 0.0005',
      { model: 'several', units: { inputImages: 3, inputVideoSeconds: 20 } },
      '0.0103',
    ],
    ['a pattern: 2 × 0.1', { model: 'bedrock/eu/one-month/model', units: { seconds: 2 } }, '0.2'],
  ])('rates %s', async (_how, usage, amount) => {
    const { rulebook } = await importedList(folder, 'litellm', list);
    expect(amountOf(rulebook, usage)).toBe(amount);
  });

  it('says nothing that it does not mean: no price is rounded that is none of floating point', async () => {
    const { yaml } = await importedList(folder, 'litellm', list);
    expect(yaml).toContain('# floating-point noise taken off: input 0.30000000000000004 is 0.3');
    expect(yaml).toMatch(
      /^# Made by `meterbook rulebook import --from litellm` of list\.json \(SHA-256 [0-9a-f]{64}\)\.\n/,
    );
    expect(yaml).toContain('        - { when: { service_tier: flex }, input: "1" }\n');
  });

  it('takes each choice', async () => {
    const scaled = await importedList(
      folder,
      'litellm',
      list,
      '--tier-gaps',
      'scale',
      '--search',
      'one',
      '--aliases',
      'skip',
    );
    expect(scaled.model('writes-latest')).toBeUndefined();
    expect(scaled.model('tiers')?.price).toMatchObject({
      bands: [
        {},
        // 0.5 × 3.5 / 2 and 9 × 14 / 8.
        {
          when: { service_tier: 'priority' },
          inputPrices: { cacheRead: '0.875' },
          outputPrices: { reasoning: '15.75' },
        },
        { promptTokensOver: 128000, input: '7', output: '21', outputPrices: { reasoning: '15.75' } },
        { when: { service_tier: 'flex' }, input: '1', inputPrices: { cacheRead: '0.25' } },
        { promptTokensOver: 128000, output: '12' },
        {},
        {},
      ],
      extras: { webSearchCalls: '0.0275' },
    });
    expect(scaled.changesOf('tiers')).toContain('chosen: searches cost what those of a medium context do');

    const three = await importedList(folder, 'litellm', list, '--search', 'three', '--thresholds', 'at-least');
    expect(Object.keys(three.model('writes')?.price['extras'] ?? {})).toHaveLength(3);
    expect(three.model('writes')?.price['bands']).toMatchObject([{ promptTokensAtLeast: 200000 }]);

    const words = [
      '--tier-field',
      'plan',
      '--region-field',
      'geo',
      '--speed-field',
      'pace',
      '--residency-field',
      'home',
    ];
    const named = await importedList(
      folder,
      'litellm',
      list,
      ...words,
      '--endpoint-field',
      'at',
      '--resolution-field',
      'size',
      '--quality-field',
      'grade',
    );
    const texts = JSON.stringify(named.content);
    for (const field of ['plan', 'geo', 'pace', 'home', 'at', 'size', 'grade'])
      expect(texts).toMatch(new RegExp(`"${field}"`));
    expect(texts).not.toMatch(/service_tier|inference_geo|"speed"|residency|endpoint|resolution|quality/);

    const yen = await importedList(
      folder,
      'litellm',
      list,
      '--currency',
      'JPY',
      '--rate',
      '150',
      '--scale',
      '4',
      '--rounding',
      'up',
    );
    expect(yen.content).toMatchObject({
      currency: 'JPY',
      fx: [{ pair: 'USD/JPY', rate: '150' }],
      rounding: { scale: 4, mode: 'up' },
    });
    expect(yen.model('cached')?.price['input']).toBe('375');
    // Multipliers are no money.
    expect(yen.model('senses')?.['fieldMultipliers']).toMatchObject([{ multiplier: '1.1' }]);

    const own = await importedList(
      folder,
      'litellm',
      list,
      '--platform',
      'mine',
      '--group',
      'all',
      '--tier',
      'first',
      '--only',
      'cached',
      'wri*',
    );
    expect(own.content).toMatchObject({ platform: 'mine', tiers: [{ id: 'first' }], groups: [{ id: 'all' }] });
    expect(own.content.models.map(({ id, group }) => [id, group])).toEqual([
      ['cached', 'all'],
      ['writes', 'all'],
      ['writes-latest', 'all'],
    ]);
  });

  it('is refused in a sentence where it is none', async () => {
    const { code, out, err } = await refusedList(folder, 'litellm', { openai: { models: {} } });
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^This is no list of LiteLLM's: /);
  });
});
