import { isUtf8 } from 'node:buffer';

/** Deepest nesting of objects and lists in a body. A rulebook, the deepest thing we read, needs eight. */
export const MAX_NESTING = 32;

/** Halves of surrogate pairs: they have no UTF-8 form. With the `u` flag whole pairs do not match. */
const loneSurrogate = /\p{Cs}/u;

/** A body whose text is not what it should be; it is answered with the problem of its code. */
export class UnreadableText extends Error {
  override readonly name = 'UnreadableText';

  constructor(
    readonly code: 'invalid_json' | 'invalid_yaml',
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

const notJson = (detail: string): UnreadableText => new UnreadableText('invalid_json', detail);

/** The bytes as text; throws an `UnreadableText` where they are no UTF-8. */
export function utf8Text(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw notJson('The body is not UTF-8.');
  return bytes.toString('utf8');
}

/** The value of a JSON text; throws an `UnreadableText`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notJson('The body cannot be read as JSON.');
  }
}

/**
 * The value of a JSON text that means the same to every reader: no key stands twice, none is `__proto__`, every string is
 * Unicode and nothing is nested deeper than `MAX_NESTING`. Throws an `UnreadableText`.
 */
export function parseStrictJson(text: string): unknown {
  const value = parseJson(text);
  refuseAmbiguity(text);
  return value;
}

/** Where the string that opens at `from` closes, in a text that is known to be JSON. */
function closingQuote(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function decoded(token: string): string {
  const value = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
  if (loneSurrogate.test(value)) throw notJson('A string holds half of a surrogate pair.');
  return value;
}

function take(keys: Set<string>, key: string): void {
  if (key === '__proto__') throw notJson('A key may not be __proto__.');
  if (keys.has(key)) throw notJson('A key stands twice in one object.');
  keys.add(key);
}

/** Walks over the tokens of a text that is known to be JSON. */
function refuseAmbiguity(text: string): void {
  /** The keys so far of each open object; null for a list. */
  const open: (Set<string> | null)[] = [];
  let beforeKey = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') {
      const end = closingQuote(text, at);
      const value = decoded(text.slice(at, end + 1));
      const keys = open.at(-1);
      if (beforeKey && keys) take(keys, value);
      at = end;
    } else if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : null);
      if (open.length > MAX_NESTING) throw notJson(`The body is nested deeper than ${MAX_NESTING} levels.`);
      beforeKey = char === '{';
    } else if (char === '}' || char === ']') {
      open.pop();
    } else if (char === ',') {
      beforeKey = open.at(-1) !== null;
    } else if (char === ':') {
      beforeKey = false;
    }
  }
}
