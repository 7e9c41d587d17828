import { bareScalar, keyText, NotPlain } from './plain-scalar';

/** Collections in one another on a line that are read here. */
const MAX_DEPTH = 16;

const key = new RegExp(keyText, 'y');
const colon = /: +/y;
/** A text in quotes without escapes, whichever quotes. */
const quoted = /"[^"\\]*"|'[^']*'(?!')/y;
const bare = /[^\s,[\]{}"'#:&*!|>%@`?][^,[\]{}"'#:]*/y;
const ending = /^ *(?: #.*)?$/;

/** The value of a flow collection that begins and ends on its line, with a comment behind it or none. Throws `NotPlain` on any other text. */
export function flowOf(text: string): unknown {
  const reader = new PlainFlow(text);
  const value = reader.value(1);
  if (!ending.test(text.slice(reader.at))) throw new NotPlain();
  return value;
}

class PlainFlow {
  at = 0;

  constructor(private readonly text: string) {}

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new NotPlain();
    const first = this.text[this.at];
    if (first === '[') return this.list(depth);
    if (first === '{') return this.mapping(depth);
    if (first === '"' || first === "'") return this.take(quoted).slice(1, -1);
    return bareScalar(this.take(bare).trimEnd());
  }

  private list(depth: number): unknown[] {
    const items: unknown[] = [];
    for (let more = this.opens(']'); more; more = this.goesOn(']')) items.push(this.value(depth + 1));
    return items;
  }

  private mapping(depth: number): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (let more = this.opens('}'); more; more = this.goesOn('}')) {
      const name = this.take(key);
      if (name === '__proto__' || Object.hasOwn(values, name)) throw new NotPlain();
      this.take(colon);
      values[name] = this.value(depth + 1);
    }
    return values;
  }

  /** Passes the bracket that opens; false where the one that closes follows at once. */
  private opens(closing: string): boolean {
    this.at += 1;
    this.skipSpaces();
    if (this.text[this.at] !== closing) return true;
    this.at += 1;
    return false;
  }

  /** Passes what stands behind a part: a comma, or the bracket that closes. */
  private goesOn(closing: string): boolean {
    this.skipSpaces();
    const next = this.text[this.at];
    if (next !== ',' && next !== closing) throw new NotPlain();
    this.at += 1;
    if (next === closing) return false;
    this.skipSpaces();
    return true;
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) throw new NotPlain();
    const from = this.at;
    this.at = pattern.lastIndex;
    return this.text.slice(from, this.at);
  }

  private skipSpaces(): void {
    while (this.text[this.at] === ' ') this.at += 1;
  }
}
