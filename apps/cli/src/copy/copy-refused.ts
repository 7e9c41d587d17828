/** A deployment cannot be copied as it is, or not into the other one. What was copied before stays. */
export class CopyRefused extends Error {
  override readonly name = 'CopyRefused';

  constructor(
    sentence: string,
    /** What to do, a sentence. */
    readonly remedy: string,
  ) {
    super(sentence);
  }
}

/** Names that a sentence lists; there may be as many as there are accounts. */
const MAX_LISTED = 5;

/** The first of some texts, and that there are more. */
export function listed(texts: Iterable<string>): string {
  const first: string[] = [];
  for (const text of texts) {
    if (first.length === MAX_LISTED) return `${first.join('; ')}; and more`;
    first.push(text);
  }
  return first.join('; ');
}
