/** Special kinds of input tokens that every price knows; a kind without a multiple counts as 1 (SPEC §4). */
export const specialInputKinds: readonly string[] = [
  'cache',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'inputAudio',
  'inputImage',
];

/** Special kinds of output tokens; their counts are always part of `outputTokens`. */
export const outputKinds: readonly string[] = ['outputAudio', 'outputImage', 'reasoning'];

/** The unit in which usage reports a kind of tokens, or the whole of a side. */
export function unitOf(kind: string): string {
  return `${kind}Tokens`;
}
