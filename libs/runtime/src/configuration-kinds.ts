/** One environment variable: how it is read, what it means and what stands in for it. */
export interface Setting<T> {
  /** The text that is read where the variable is absent or empty; null where the setting then is null. */
  readonly byDefault: string | null;
  /** Completes the sentence "NAME must be …". */
  readonly expects: string;
  /** One sentence for `docs/operating.md`. */
  readonly meaning: string;
  /** Undefined when the text is not what is expected. */
  readonly read: (text: string) => T | undefined;
}

export const integer = (least: number, most: number, byDefault: number, meaning: string): Setting<number> => ({
  byDefault: String(byDefault),
  expects: `a whole number from ${least} to ${most}`,
  meaning,
  read: (text) => {
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  },
});

export const matching = (pattern: RegExp, expects: string, byDefault: string, meaning: string): Setting<string> => ({
  byDefault,
  expects,
  meaning,
  read: (text) => (pattern.test(text) ? text : undefined),
});

export const oneOf = <const Word extends string>(
  words: readonly Word[],
  byDefault: Word,
  meaning: string,
): Setting<Word> => ({
  byDefault,
  expects: `one of ${words.join(', ')}`,
  meaning,
  read: (text) => words.find((word) => word === text),
});

export const optional = (expects: string, meaning: string): Setting<string | null> => ({
  byDefault: null,
  expects,
  meaning,
  read: (text) => text,
});

export const optionally = <T>(setting: Setting<T>): Setting<T | null> => ({ ...setting, byDefault: null });

/** A list with commas; each item fits the pattern, or whatever else can tell. */
export const listOf = (
  pattern: Pick<RegExp, 'test'>,
  expects: string,
  meaning: string,
  byDefault = '',
): Setting<readonly string[]> => ({
  byDefault,
  expects,
  meaning,
  read: (text) => {
    const items = text === '' ? [] : text.split(',').map((item) => item.trim());
    return items.every((item) => pattern.test(item)) ? items : undefined;
  },
});
