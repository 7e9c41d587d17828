import type { FormatName } from '../formats';

/** A list of so many models, some with rows, in the form of each. */
export const longLists: Readonly<Record<FormatName, (models: number) => unknown>> = {
  litellm: (models) =>
    Object.fromEntries(
      numbered(models, (number) => ({
        litellm_provider: number % 2 === 0 ? 'openai' : 'anthropic',
        mode: 'chat',
        input_cost_per_token: 1.25e-6,
        output_cost_per_token: 1e-5,
        cache_read_input_token_cost: 1.25e-7,
        ...(number % 3 === 0
          ? {
              input_cost_per_token_priority: 2.5e-6,
              input_cost_per_token_flex: 6.25e-7,
              input_cost_per_token_above_200k_tokens: 2e-6,
            }
          : {}),
        search_context_cost_per_query: {
          search_context_size_low: 0.01,
          search_context_size_medium: 0.01,
          search_context_size_high: 0.01,
        },
      })),
    ),
  'new-api': (models) => ({
    ModelRatio: Object.fromEntries(numbered(models, () => 0.625)),
    CompletionRatio: Object.fromEntries(numbered(models, () => 8)),
    CacheRatio: Object.fromEntries(numbered(models, () => 0.1)),
  }),
  'models.dev': (models) => ({
    all: {
      id: 'all',
      models: Object.fromEntries(
        numbered(models, (number) => ({
          cost: {
            input: 1.25,
            output: 10,
            cache_read: 0.125,
            ...(number % 3 === 0 ? { tiers: [{ tier: { size: 200000 }, input: 2.5, output: 15 }] } : {}),
          },
        })),
      ),
    },
  }),
};

function numbered<T>(count: number, make: (number: number) => T): (readonly [string, T])[] {
  return Array.from({ length: count }, (_, number) => [`model-${number}`, make(number)] as const);
}
