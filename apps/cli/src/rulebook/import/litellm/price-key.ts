import type { UnitPrice } from '@meterbook/domain/rulebook/price';

/** What a price of LiteLLM is for. */
export type Target =
  | { readonly kind: 'side'; readonly side: 'input' | 'output' }
  /** A kind of tokens. */
  | { readonly kind: 'tokens'; readonly name: string }
  /** A unit that can be all that a model is priced by; beside another price it is an extra of this name. */
  | { readonly kind: 'unit'; readonly mode: UnitPrice['mode']; readonly name: string; readonly factor: Factor }
  /** A unit that is never all. */
  | { readonly kind: 'extra'; readonly name: string; readonly factor: Factor };

/** What makes a price of one of it: pixels are priced by the million here. */
export type Factor = 'one' | 'million' | 'thousandth';

/** The name of a price of LiteLLM, taken apart. */
export interface PriceKey {
  readonly target: Target;
  /** The service tier that it holds for; null without one. */
  readonly tier: string | null;
  /** The length of the prompt from which on it holds, in tokens; null without one. */
  readonly tokens: number | null;
  /** What else has to hold, such as the resolution of a picture. */
  readonly variant: string | null;
}

const side = (name: 'input' | 'output'): Target => ({ kind: 'side', side: name });
const tokens = (name: string): Target => ({ kind: 'tokens', name });
const unit = (mode: UnitPrice['mode'], name: string, factor: Factor = 'one'): Target => ({
  kind: 'unit',
  mode,
  name,
  factor,
});
const extra = (name: string, factor: Factor = 'one'): Target => ({ kind: 'extra', name, factor });

const targets: ReadonlyMap<string, Target> = new Map([
  ['input_cost_per_token', side('input')],
  ['output_cost_per_token', side('output')],
  ['cache_read_input_token_cost', tokens('cacheRead')],
  ['input_cost_per_token_cache_hit', tokens('cacheRead')],
  ['cache_creation_input_token_cost', tokens('cacheWrite5m')],
  ['cache_creation_input_token_cost_above_1hr', tokens('cacheWrite1h')],
  ['cache_read_input_audio_token_cost', tokens('cacheReadAudio')],
  ['cache_read_input_image_token_cost', tokens('cacheReadImage')],
  ['cache_creation_input_audio_token_cost', tokens('cacheWriteAudio')],
  ['input_cost_per_audio_token', tokens('inputAudio')],
  ['input_cost_per_image_token', tokens('inputImage')],
  ['input_cost_per_video_token', tokens('inputVideo')],
  ['output_cost_per_reasoning_token', tokens('reasoning')],
  ['output_cost_per_audio_token', tokens('outputAudio')],
  ['output_cost_per_image_token', tokens('outputImage')],
  ['output_cost_per_video_token', tokens('outputVideo')],
  ['output_cost_per_image', unit('image', 'images')],
  ['input_cost_per_image', unit('image', 'inputImages')],
  ['output_cost_per_second', unit('second', 'seconds')],
  ['output_cost_per_video_per_second', unit('second', 'outputVideoSeconds')],
  ['output_cost_per_audio_per_second', unit('second', 'outputAudioSeconds')],
  ['input_cost_per_second', unit('second', 'inputSeconds')],
  ['input_cost_per_audio_per_second', unit('second', 'inputAudioSeconds')],
  ['input_cost_per_video_per_second', unit('second', 'inputVideoSeconds')],
  ['output_cost_per_pixel', unit('megapixel', 'outputPixels', 'million')],
  ['input_cost_per_pixel', unit('megapixel', 'inputPixels', 'million')],
  ['input_cost_per_query', unit('request', 'queries')],
  ['input_cost_per_request', unit('request', 'requests')],
  ['ocr_cost_per_page', unit('unit', 'pages')],
  ['ocr_cost_per_credit', unit('unit', 'credits')],
  ['output_cost_per_character', unit('unit', 'outputCharacters')],
  ['input_cost_per_character', unit('unit', 'inputCharacters')],
  ['code_interpreter_cost_per_session', unit('unit', 'codeInterpreterSessions')],
  ['annotation_cost_per_page', extra('annotatedPages')],
  ['citation_cost_per_token', extra('citationTokens')],
  ['google_maps_grounding_cost_per_query', extra('mapsQueries')],
  ['file_search_cost_per_1k_calls', extra('fileSearchCalls', 'thousandth')],
]);

/** Service tiers as they end a name, and what usage says of them. */
const tiers: ReadonlyMap<string, string> = new Map([
  ['priority', 'priority'],
  ['flex', 'flex'],
  ['batches', 'batch'],
  ['batch_requests', 'batch'],
  ['balanced', 'balanced'],
  ['ultrafast', 'ultrafast'],
  ['fast', 'fast'],
]);
const tierNames = [...tiers.keys()].join('|');
/** `…_above_200k_tokens_priority` and `…_priority_above_200k_tokens` are both written. */
const parts = new RegExp(`^(.+?)(?:_(${tierNames}))?(?:_above_([0-9]{1,9})(k?)_tokens)?(?:_(${tierNames}))?$`);
const imageVariant = /^(output_cost_per_image)_(?!token)(.+)$/;
const videoVariant = /^(output_cost_per_second)_([0-9]+[pk])$/;

const TOKENS_PER_K = 1000;

/** Takes the name of a field apart; null where it is no price that is known here. */
export function priceKey(key: string): PriceKey | null {
  const [, name = '', before = '', count, k, after = ''] = parts.exec(key) ?? [];
  const [, base = name, variant = null] = imageVariant.exec(name) ?? videoVariant.exec(name) ?? [];
  const target = targets.get(base);
  if (target === undefined) return null;
  const tokens = count === undefined ? null : Number(count) * (k === 'k' ? TOKENS_PER_K : 1);
  return { target, tier: tiers.get(before) ?? tiers.get(after) ?? null, tokens, variant };
}
