import { scratchFolder } from '../../../testing/scratch-folder';
import { amountOf, importedList, refusedList } from '../testing/imported-list';

/** One model a feature. */
const list = {
  openai: {
    id: 'openai',
    models: {
      'plain-1': { id: 'plain-1', cost: { input: 1.25, output: 10, cache_read: 0.125 } },
      'think-1': { id: 'think-1', cost: { input: 2, output: 8, reasoning: 12, cache_write: 2.5 } },
      'talk-1': { id: 'talk-1', cost: { input: 4, output: 16, input_audio: 32, output_audio: 64 } },
      'long-1': {
        id: 'long-1',
        cost: {
          input: 5,
          output: 30,
          cache_read: 0.5,
          tiers: [
            { tier: { type: 'context', size: 272000 }, input: 10, output: 45, cache_read: 1 },
            { tier: { size: 500000 }, input: 20, output: 90 },
          ],
          context_over_200k: { input: 10, output: 45, cache_read: 1 },
        },
        experimental: {
          modes: {
            fast: {
              cost: { input: 12.5, output: 75 },
              provider: { body: { service_tier: 'priority' } },
            },
          },
        },
      },
      unpriced: { id: 'unpriced' },
      gift: { id: 'gift', cost: { input: 0, output: 0 } },
    },
  },
  anthropic: {
    id: 'anthropic',
    models: {
      'old-1': { id: 'old-1', cost: { input: 3, output: 15, context_over_200k: { input: 6, output: 22.5 } } },
      'quick-1': {
        id: 'quick-1',
        cost: { input: 5, output: 25, cache_read: 0.5, cache_write: 6.25 },
        experimental: { modes: { fast: { cost: { input: 30, output: 150 } } } },
      },
    },
  },
  xai: {
    id: 'xai',
    models: {
      'reach-1': { cost: { input: 1.25, output: 2.5, tiers: [{ tier: { size: 200000 }, input: 2.5, output: 5 }] } },
      'odd-1': {
        cost: { input: 1, output: 1, tiers: [{ tier: { type: 'volume', size: 5 }, input: 2, output: 2 }], image: 3 },
      },
    },
  },
  other: {
    id: 'other',
    models: {
      'noisy-1': { cost: { input: 0.30000000000000004, output: 1.4285714285714286 } },
      'broken-1': { cost: { input: -1, output: 2 } },
      'wide 1': { cost: { input: 1, output: 2 } },
      'any-*': { cost: { input: 1, output: 2 } },
      'any-thing': { cost: { input: 3, output: 4 } },
    },
  },
};

describe("models.dev's list", () => {
  const folder = scratchFolder();

  it('becomes a price for each feature', async () => {
    const { model, content } = await importedList(folder, 'models.dev', list);
    expect(content).toMatchObject({ platform: 'models-dev', currency: 'USD', rounding: { scale: 9, mode: 'half-up' } });
    const priceOf = (id: string) => model(id)?.price;
    const token = { mode: 'token', per: 1000000 };
    expect(priceOf('openai/plain-1')).toEqual({
      ...token,
      input: '1.25',
      output: '10',
      inputPrices: { cacheRead: '0.125' },
    });
    expect(priceOf('openai/think-1')).toEqual({
      ...token,
      input: '2',
      output: '8',
      inputPrices: { cacheWrite5m: '2.5' },
      outputPrices: { reasoning: '12' },
    });
    expect(priceOf('openai/talk-1')).toMatchObject({
      inputPrices: { inputAudio: '32' },
      outputPrices: { outputAudio: '64' },
    });
    // The exact threshold of `tiers`, and not the older form beside it.
    expect(priceOf('openai/long-1')?.['bands']).toEqual([
      { promptTokensOver: 272000, input: '10', output: '45', inputPrices: { cacheRead: '1' } },
      { promptTokensOver: 500000, input: '20', output: '90' },
      { when: { service_tier: 'priority' }, input: '12.5', output: '75' },
    ]);
    expect(priceOf('anthropic/old-1')?.['bands']).toEqual([{ promptTokensOver: 200000, input: '6', output: '22.5' }]);
    expect(priceOf('anthropic/quick-1')?.['bands']).toEqual([{ when: { speed: 'fast' }, input: '30', output: '150' }]);
    expect(priceOf('xai/reach-1')?.['bands']).toEqual([{ promptTokensAtLeast: 200000, input: '2.5', output: '5' }]);
    expect(model('openai/gift')).toMatchObject({ free: true, price: { input: '0', output: '0' } });
  });

  it('is told whole: taken, changed and left out', async () => {
    const { report, changesOf } = await importedList(folder, 'models.dev', list);
    expect(report).toMatchObject({ entries: 15, taken: 12, takenWithAChange: 3, leftOut: 3, notAsked: 0 });
    expect(report.left.map(({ entry, reason }) => [entry, reason])).toEqual([
      ['openai/unpriced', 'no_price'],
      ['other/broken-1', 'unfit_price'],
      ['other/wide 1', 'unfit_id'],
    ]);
    expect(changesOf('other/noisy-1')).toEqual([
      'noise: input 0.30000000000000004 is 0.3',
      'rounding: output 1.4285714285714286 is 1.42857142857',
    ]);
    expect(changesOf('xai/odd-1')).toEqual([
      'unknown: cost.image',
      'left_out: a row of cost.tiers that is not by the length of the prompt',
    ]);
    expect(changesOf('other/any-*')).toEqual(['pattern: `*` stands for any characters']);
  });

  it.each([
    [
      'plain: 600 × 1.25 + 400 × 0.125 + 100 × 10',
      { model: 'openai/plain-1', units: { inputTokens: 1000, cacheReadTokens: 400, outputTokens: 100 } },
      '0.0018',
    ],
    [
      'reasoning: 1,000 × 2 + 20 × 8 + 80 × 12',
      { model: 'openai/think-1', units: { inputTokens: 1000, outputTokens: 100, reasoningTokens: 80 } },
      '0.00312',
    ],
    [
      'a cache write: 900 × 2 + 100 × 2.5',
      { model: 'openai/think-1', units: { inputTokens: 1000, cacheWrite5mTokens: 100 } },
      '0.00205',
    ],
    [
      'audio: 10 × 4 + 90 × 32 + 5 × 16 + 45 × 64',
      {
        model: 'openai/talk-1',
        units: { inputTokens: 100, inputAudioTokens: 90, outputTokens: 50, outputAudioTokens: 45 },
      },
      '0.00588',
    ],
    ['at the threshold: 272,000 × 5', { model: 'openai/long-1', units: { inputTokens: 272000 } }, '1.36'],
    [
      'over it: 271,001 × 10 + 1,000 × 1',
      { model: 'openai/long-1', units: { inputTokens: 272001, cacheReadTokens: 1000 } },
      '2.71101',
    ],
    ['over the second: 500,001 × 20', { model: 'openai/long-1', units: { inputTokens: 500001 } }, '10.00002'],
    [
      'a mode: 900 × 12.5 + 100 × 0.5 + 10 × 75',
      {
        model: 'openai/long-1',
        units: { inputTokens: 1000, cacheReadTokens: 100, outputTokens: 10 },
        fields: { service_tier: 'priority' },
      },
      '0.01205',
    ],
    ["xAI's threshold is reached: 200,000 × 2.5", { model: 'xai/reach-1', units: { inputTokens: 200000 } }, '0.5'],
    ['a name before a pattern: 10 × 3', { model: 'other/any-thing', units: { inputTokens: 10 } }, '0.00003'],
    ['a pattern: 10 × 1', { model: 'other/any-other', units: { inputTokens: 10 } }, '0.00001'],
  ])('rates %s', async (_how, usage, amount) => {
    const { rulebook } = await importedList(folder, 'models.dev', list);
    expect(amountOf(rulebook, usage)).toBe(amount);
  });

  it('is imported by provider, and then by the names of the models alone', async () => {
    const { content, report } = await importedList(folder, 'models.dev', list, '--provider', 'xai');
    expect(content.models.map(({ id }) => id)).toEqual(['reach-1', 'odd-1']);
    expect(report.notAsked).toBe(13);
    const named = await importedList(folder, 'models.dev', list, '--provider', 'xai', '--ids', 'provider');
    expect(named.content.models.map(({ id }) => id)).toEqual(['xai/reach-1', 'xai/odd-1']);
    const two = await importedList(
      folder,
      'models.dev',
      list,
      '--provider',
      'xai',
      'anthropic',
      '--only',
      '*-1',
      '--thresholds',
      'over',
    );
    expect(two.content.models.map(({ id }) => id)).toEqual([
      'anthropic/old-1',
      'anthropic/quick-1',
      'xai/reach-1',
      'xai/odd-1',
    ]);
    expect(two.model('xai/reach-1')?.price['bands']).toMatchObject([{ promptTokensOver: 200000 }]);
  });

  it('scales what a mode does not price, where that is asked for', async () => {
    const { model, changesOf, rulebook } = await importedList(folder, 'models.dev', list, '--tier-gaps', 'scale');
    expect(model('openai/long-1')?.price['bands']).toMatchObject([
      {},
      {},
      { when: { service_tier: 'priority' }, inputPrices: { cacheRead: '1.25' } },
      // As many times 12.5 and 75 as long prompts cost 5 and 30 without a mode.
      {
        when: { service_tier: 'priority' },
        promptTokensOver: 272000,
        input: '25',
        output: '112.5',
        inputPrices: { cacheRead: '2.5' },
      },
      {
        when: { service_tier: 'priority' },
        promptTokensOver: 500000,
        input: '50',
        output: '225',
        inputPrices: { cacheRead: '1.25' },
      },
    ]);
    expect(changesOf('openai/long-1')).toContain('scaled: cacheRead of service_tier priority');
    const usage = { model: 'openai/long-1', units: { inputTokens: 300000 }, fields: { service_tier: 'priority' } };
    expect(amountOf(rulebook, usage)).toBe('7.5');
  });

  it('counts cached tokens beside the input for who does so, where that is asked for', async () => {
    const { model } = await importedList(folder, 'models.dev', list, '--counts', 'provider');
    expect(model('anthropic/quick-1')?.price['tokenCounts']).toBe('exclusive');
    expect(model('openai/plain-1')?.price['tokenCounts']).toBeUndefined();
  });

  it('skips what is free, and patterns, where that is asked for', async () => {
    const { report } = await importedList(folder, 'models.dev', list, '--zero', 'skip', '--patterns', 'skip');
    expect(report.left.map(({ entry, reason }) => [entry, reason])).toEqual(
      expect.arrayContaining([
        ['openai/gift', 'zero_price'],
        ['other/any-*', 'pattern'],
      ]),
    );
  });

  it('is refused in a sentence where it is none', async () => {
    const { code, out, err } = await refusedList(folder, 'models.dev', { 'gpt-x': { input_cost_per_token: 1 } });
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^This is no list of models\.dev: .*\nFetch https:\/\/models\.dev\/api\.json/);
  });
});
