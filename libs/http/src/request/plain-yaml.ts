import { flowOf } from './plain-flow';
import { memberOf, NotPlain, scalarOf } from './plain-scalar';

/** Blocks in one another that are read here. A rulebook needs eight. */
const MAX_DEPTH = 16;
/** Letters that mean nothing but themselves: no tab, no other space or line break, no mark of order, no half of a pair. */
const unusual =
  /[^\n\x20-\x7e\u00a1-\u167f\u1681-\u1fff\u2010-\u2027\u2030-\u2fff\u3001-\ud7ff\uf900-\ufdff\ufe30-\ufefe\uff00-\uffef]/;

interface Line {
  readonly indent: number;
  readonly text: string;
}

/**
 * The value of a text in plain YAML, as price lists are written: block mappings and lists of texts, numbers and words, a line
 * each, and flow collections of these on one line. Undefined for any other text, be it wrong or only unusual: then the library
 * has to say what it is, which takes ten times as long. What is read here means the same to the library.
 */
export function readPlainYaml(text: string): { readonly value: unknown } | undefined {
  if (unusual.test(text)) return undefined;
  try {
    return { value: new PlainYaml(linesOf(text)).read() };
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

/** Without those that say nothing. */
function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (const whole of text.split('\n')) {
    const content = whole.trim();
    if (content === '' || content.startsWith('#')) continue;
    lines.push({ indent: whole.search(/[^ ]/), text: content });
  }
  return lines;
}

const isItem = (text: string): boolean => text.startsWith('- ');

class PlainYaml {
  private at = 0;

  constructor(private readonly lines: Line[]) {}

  read(): unknown {
    const [first] = this.lines;
    if (first?.indent !== 0) throw new NotPlain();
    const value = this.block(first, 1);
    if (this.at < this.lines.length) throw new NotPlain();
    return value;
  }

  private block({ indent, text }: Line, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new NotPlain();
    const value = isItem(text) ? this.list(indent, depth) : this.mapping(indent, depth);
    this.refuseDeeper(indent);
    return value;
  }

  private list(indent: number, depth: number): unknown[] {
    const items: unknown[] = [];
    for (let line = this.lines[this.at]; line?.indent === indent && isItem(line.text); line = this.lines[this.at]) {
      const rest = line.text.slice(1).trimStart();
      if (isItem(rest) || memberOf(rest)) {
        // What stands behind the dash begins a block of its own, indented as far as it stands.
        const inner = { indent: indent + line.text.length - rest.length, text: rest };
        this.lines[this.at] = inner;
        items.push(this.block(inner, depth + 1));
      } else {
        items.push(this.scalar(rest, indent));
      }
    }
    return items;
  }

  private mapping(indent: number, depth: number): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (let line = this.lines[this.at]; line?.indent === indent; line = this.lines[this.at]) {
      const found = memberOf(line.text);
      if (found === undefined || Object.hasOwn(values, found.key)) throw new NotPlain();
      values[found.key] = found.rest === '' ? this.nested(indent, depth) : this.scalar(found.rest, indent);
    }
    return values;
  }

  /** What belongs to a key that nothing stands behind: what is indented further, or a list that is indented as far. */
  private nested(indent: number, depth: number): unknown {
    this.at += 1;
    const next = this.lines[this.at];
    const isNested = next !== undefined && (next.indent > indent || (next.indent === indent && isItem(next.text)));
    return isNested ? this.block(next, depth + 1) : null;
  }

  /** A value that ends its line. One that goes on, on lines that are indented further, is not read here. */
  private scalar(text: string, indent: number): unknown {
    this.at += 1;
    this.refuseDeeper(indent);
    return text.startsWith('[') || text.startsWith('{') ? flowOf(text) : scalarOf(text);
  }

  private refuseDeeper(indent: number): void {
    const next = this.lines[this.at];
    if (next !== undefined && next.indent > indent) throw new NotPlain();
  }
}
