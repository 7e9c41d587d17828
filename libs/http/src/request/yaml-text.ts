import { Composer, isScalar, Lexer, LineCounter, Parser, visit, type CST, type Document } from 'yaml';
import { MAX_NESTING, UnreadableText } from '@meterbook/messages/reading/json-text';
import { readPlainYaml } from './plain-yaml';

/** Most aliases that one document may resolve: a few lines of them could otherwise grow to gigabytes. */
const MAX_ALIASES = 100;

const notYaml = (detail: string): UnreadableText => new UnreadableText('invalid_yaml', detail);

/** Collections, and the document and scalar around and in them, that are open at a time where the nesting is allowed. */
const MAX_OPEN_TOKENS = MAX_NESTING + 8;

/**
 * The tokens of a text. Deep nesting is refused before anything reads them recursively, since a document is a token once all of
 * it has been seen: a stack that overflows while a regular expression is compiled ends the whole process, and nothing can catch
 * that.
 */
function* tokensOf(text: string, parser: Parser): Generator<CST.Token, void> {
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_OPEN_TOKENS)
      throw notYaml(`The body is nested deeper than ${MAX_NESTING} levels, or cannot be read as YAML.`);
  }
  yield* parser.end();
}

function refuseHostile(document: Document): void {
  visit(document, {
    Node(_key, _node, path) {
      // The path holds a pair between a mapping and its value.
      if (path.filter((step) => !('key' in step)).length > MAX_NESTING + 1) {
        throw notYaml(`The body is nested deeper than ${MAX_NESTING} levels.`);
      }
    },
    Map(_key, node) {
      // The parser's own check compares every key with every other.
      const keys = new Set(node.items.map(({ key }) => (isScalar(key) ? String(key.value) : key)));
      if (keys.size < node.items.length) throw notYaml('A key stands twice in one mapping.');
    },
    Scalar(key, node) {
      if (key === 'key' && node.value === '__proto__') throw notYaml('A key may not be __proto__.');
      // JSON would make null of it, which means that something is unlimited.
      if (typeof node.value === 'number' && !Number.isFinite(node.value))
        throw notYaml('A number may be neither infinite nor no number.');
    },
  });
}

/** The value of a YAML 1.2 text, JSON's types only; throws an `UnreadableText`. */
export function parseYaml(text: string): unknown {
  const plain = readPlainYaml(text);
  return plain ? plain.value : parseAnyYaml(text);
}

/** The same by the library alone, whatever the text holds. */
export function parseAnyYaml(text: string): unknown {
  const lines = new LineCounter();
  const documents = readDocuments(text, lines);
  const [document] = documents;
  if (document === undefined) throw notYaml('The body cannot be read as YAML.');
  const [fault] = document.errors;
  if (fault) throw notYaml(`The body cannot be read as YAML (line ${lines.linePos(fault.pos[0]).line}).`);
  if (documents.length > 1) throw notYaml('The body holds more than one document.');
  refuseHostile(document);
  try {
    // Through JSON, so that nothing but JSON's own types reaches a reader.
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: MAX_ALIASES }))) as unknown;
  } catch {
    throw notYaml('The body uses more aliases than are taken here, or what JSON cannot say.');
  }
}

/** The first document, and the second where there is one: a long text is lexed once, and no further than that. */
function readDocuments(text: string, lines: LineCounter): readonly Document[] {
  const documents: Document[] = [];
  try {
    const parser = new Parser(lines.addNewLine);
    lines.addNewLine(0);
    const composer = new Composer({ schema: 'core', uniqueKeys: false, stringKeys: true });
    for (const document of composer.compose(tokensOf(text, parser), true, text.length)) {
      documents.push(document);
      if (documents.length > 1) break;
    }
  } catch (error) {
    throw error instanceof UnreadableText ? error : notYaml('The body cannot be read as YAML.');
  }
  return documents;
}
