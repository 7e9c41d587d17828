import { UnreadableText } from './json-text';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const spaces = /^[\t\n\r ]*$/;
const list = /^[\t\n\r ]*\[/;

const notJson = (): UnreadableText => new UnreadableText('invalid_json', 'The body cannot be read as JSON.');

/**
 * The texts of the items of a JSON list, each when it is asked for, so that a large list can be read a little at a time; undefined
 * where the text is no list. Whether an item is JSON is found out by whoever parses it: where all are, so is the list. Throws
 * an `UnreadableText` where the list itself is none.
 */
export function itemTexts(text: string): Iterable<string> | undefined {
  const opened = list.exec(text);
  return opened ? cut(text, opened[0].length) : undefined;
}

function* cut(text: string, from: number): Generator<string, void> {
  let [start, depth] = [from, 0];
  for (let at = from; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = closingQuote(text, at);
    else if (char === OPEN_LIST || char === OPEN_OBJECT) depth += 1;
    else if (char === COMMA && depth === 0) {
      yield text.slice(start, at);
      start = at + 1;
    } else if (char === CLOSE_LIST || char === CLOSE_OBJECT) {
      depth -= 1;
      if (depth >= 0) continue;
      const last = text.slice(start, at);
      if (char !== CLOSE_LIST || !spaces.test(text.slice(at + 1))) throw notJson();
      if (start > from || !spaces.test(last)) yield last;
      return;
    }
  }
  throw notJson();
}

/** Where the string that opens at `from` closes. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((at - before) % 2 === 1) return at;
  }
  throw notJson();
}
