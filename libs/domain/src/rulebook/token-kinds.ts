/** Special kinds of input tokens that every price knows; a kind without a price or a multiple costs what its parent costs (SPEC §4). */
export const specialInputKinds: readonly string[] = [
  'cache',
  'cacheRead',
  'cacheReadAudio',
  'cacheReadImage',
  'cacheWrite5m',
  'cacheWrite1h',
  'cacheWrite12h',
  'inputAudio',
  'inputImage',
  'inputVideo',
];

/** Special kinds of output tokens; their counts are always part of `outputTokens`. */
export const outputKinds: readonly string[] = ['outputAudio', 'outputImage', 'outputVideo', 'reasoning'];

/** Kinds that are of another kind too, and cost what that one costs where nothing is said of them; all others are of their side alone. */
const parents: ReadonlyMap<string, string> = new Map([
  ['cacheReadAudio', 'cacheRead'],
  ['cacheReadImage', 'cacheRead'],
  ['cacheWrite1h', 'cacheWrite5m'],
  ['cacheWrite12h', 'cacheWrite5m'],
]);

/** A kind, and the kind whose price it takes where it has none, in this order. */
export function withParent(kind: string): readonly string[] {
  const parent = parents.get(kind);
  return parent === undefined ? [kind] : [kind, parent];
}

/** The unit in which usage reports a kind of tokens, or the whole of a side. */
export function unitOf(kind: string): string {
  return `${kind}Tokens`;
}
