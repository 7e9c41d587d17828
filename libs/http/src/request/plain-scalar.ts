/** What is read here is more than plain YAML: the library has to read it. */
export class NotPlain extends Error {
  override readonly name = 'NotPlain';
}

/** A key; a longer one, or one of other letters, is left to the library. */
export const keyText = '[A-Za-z_][\\w.-]{0,99}';
const member = new RegExp(`^(${keyText}):(?: +(.*))?$`);
/** Texts that YAML's core schema takes for something else than a text, in their other spellings too. */
const word = /^(?:null|true|false)$/i;
/** Numbers that have one spelling and the same value in every language. */
const number = /^(?:0|-?[1-9]\d{0,14})(?:\.\d{1,15})?$/;
/** What begins like a number is certainly none with one of these in it. */
const noDigit = /[^\d.+eExXoOa-fA-F_-]/;
const doubleQuoted = /^"([^"\\]*)"(?: +#.*)?$/;
const singleQuoted = /^'([^']*)'(?: +#.*)?$/;

const words: Readonly<Record<string, unknown>> = { null: null, true: true, false: false };

/** The key of a line, and what stands behind it: '' for nothing or a comment. Undefined where the line begins with no plain key. */
export function memberOf(text: string): { readonly key: string; readonly rest: string } | undefined {
  const [, key, rest = ''] = member.exec(text) ?? [];
  if (key === undefined) return undefined;
  if (key === '__proto__') throw new NotPlain();
  return { key, rest: rest.startsWith('#') ? '' : rest };
}

/** The value that a line ends with: a text, a number or a word, with a comment behind it or none. Throws `NotPlain` on any other. */
export function scalarOf(text: string): unknown {
  const quoted = text.startsWith('"') ? doubleQuoted : text.startsWith("'") ? singleQuoted : null;
  if (quoted) {
    const content = quoted.exec(text)?.[1];
    if (content === undefined) throw new NotPlain();
    return content;
  }
  const comment = text.indexOf(' #');
  return bareScalar(comment < 0 ? text : text.slice(0, comment).trimEnd());
}

/** The value of a text without quotes. Throws `NotPlain`. */
export function bareScalar(text: string): unknown {
  if (number.test(text)) return Number(text);
  if (word.test(text)) {
    if (!Object.hasOwn(words, text)) throw new NotPlain();
    return words[text];
  }
  const begins = /^[A-Za-z_]/.test(text) || text.charCodeAt(0) > 0x7e || (/^\d/.test(text) && noDigit.test(text));
  if (!begins || text.includes(': ') || text.endsWith(':')) throw new NotPlain();
  return text;
}
