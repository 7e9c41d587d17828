import { extname } from 'node:path';
import { MAX_RULEBOOK_BYTES } from '@meterbook/http/rulebook/rulebook-limits';
import { readRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import type { Rulebook } from '@meterbook/domain/rulebook/rulebook';
import { parseYaml } from '@meterbook/http/request/yaml-text';
import { parseStrictJson, UnreadableText } from '@meterbook/messages/reading/json-text';
import { boundedText, UnusableFile } from './bounded-file';
import { placeOf } from './place-in-text';

/** A rulebook's file, as it stands there. */
export interface RulebookFile {
  readonly path: string;
  readonly text: string;
  /** What it says, not yet read as a rulebook. */
  readonly content: unknown;
}

/** Reads a file that holds a rulebook as JSON or YAML, by the service's own parsers and bounds. Throws `UnusableFile`. */
export function rulebookFile(path: string): RulebookFile {
  const text = boundedText(path, MAX_RULEBOOK_BYTES);
  try {
    return { path, text, content: isJson(path, text) ? parseStrictJson(text) : parseYaml(text) };
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    throw new UnusableFile(
      `${path} cannot be used: ${error.detail.replace(/^The body /, 'it ').replace(/\.$/, '')}.`,
      'Mend it, and try again.',
    );
  }
}

/** YAML would read nearly all JSON, but slowly. */
function isJson(path: string, text: string): boolean {
  return extname(path).toLowerCase() === '.json' || /^\s*\{/.test(text);
}

/** A fault of a rulebook, and the line of the file where it stands. */
export interface PlacedFault {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
  readonly line: number;
}

export type ReadFile =
  | { readonly kind: 'valid'; readonly rulebook: Rulebook }
  /** `more` faults than these were found. */
  | { readonly kind: 'invalid'; readonly faults: readonly PlacedFault[]; readonly more: number };

/** Reads the rulebook in a file as the service would when it comes in. */
export function readRulebookFile({ text, content }: RulebookFile): ReadFile {
  const read = readRulebook(content);
  if (read.kind === 'valid') return { kind: 'valid', rulebook: read.rulebook };
  const lineOf = placeOf(text);
  const faults = read.faults.map((fault) => ({ ...fault, line: lineOf(fault.pointer) }));
  return { kind: 'invalid', faults, more: read.more };
}

/** The rulebook in a file that has to hold a valid one. Throws `UnusableFile`. */
export function validRulebook(path: string): RulebookFile & { readonly rulebook: Rulebook } {
  const file = rulebookFile(path);
  const read = readRulebookFile(file);
  if (read.kind === 'valid') return { ...file, rulebook: read.rulebook };
  const [first] = read.faults;
  const others = read.faults.length + read.more - 1;
  const where = first ? `${faultText(first)}${others > 0 ? `, and ${others} more` : ''}` : 'it is faulty';
  throw new UnusableFile(
    `${path} is no valid rulebook: ${where}.`,
    `meterbook rulebook validate ${path} names every fault.`,
  );
}

/** A fault in one line. */
export function faultText({ pointer, code, detail, line }: PlacedFault): string {
  return `line ${line}, ${pointer === '' ? 'the rulebook' : pointer}: ${code}: ${detail}`;
}
