import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import { canonicalJson } from '@meterbook/domain/rulebook/canonical-json';
import type { RulebookFault } from '@meterbook/domain/rulebook/fault';
import { readRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import { isPlainObject } from '@meterbook/messages/reading/value-check';
import { bodyDigest } from '../request/body-digest';
import { parseYaml } from '../request/yaml-text';
import { parseStrictJson, UnreadableText, utf8Text } from '@meterbook/messages/reading/json-text';

/** What a body that should be a rulebook comes to; plain data, so that a thread can tell it to another. */
export type ReadContent =
  | {
      readonly kind: 'valid';
      readonly platform: string;
      readonly currency: string;
      /** The labels that it names. */
      readonly labels: readonly string[];
      /** As it was sent, RFC 3339; null where it was left out. */
      readonly effectiveFrom: string | null;
      /** Hex, of the canonical JSON of the content without `effectiveFrom`. */
      readonly sha256: string;
      /** JSON text of the content without `effectiveFrom`. */
      readonly text: string;
    }
  /** `more` faults than these were found. */
  | { readonly kind: 'invalid'; readonly faults: readonly RulebookFault[]; readonly more: number }
  | { readonly kind: 'unreadable'; readonly code: UnreadableText['code']; readonly detail: string };

/** What a body comes to that has a rulebook among its members; plain data. */
export interface ReadWithin {
  readonly kind: 'within';
  /** JSON text of the other members. */
  readonly others: string;
  /** Of the whole body. */
  readonly digest: string;
  /** Null where the body has none. */
  readonly content: Exclude<ReadContent, { readonly kind: 'unreadable' }> | null;
}

/** UTF-16 units of what else stands in such a body. */
const MAX_OTHERS_UNITS = 64 * 1024;

/** Reads the bytes of a body, JSON or YAML, as a rulebook. It may take seconds and hundreds of megabytes: see `RulebookReading`. */
export function readContent(bytes: Uint8Array, isYaml: boolean): ReadContent {
  try {
    return readValue(parsed(bytes, isYaml));
  } catch (error) {
    return unreadable(error);
  }
}

/** Reads the bytes of a body that has a rulebook as one of its members. What is no object has no members. */
export function readWithin(bytes: Uint8Array, isYaml: boolean, member: string): ReadWithin | ReadContent {
  try {
    const body = parsed(bytes, isYaml);
    const members = isPlainObject(body) ? body : {};
    const { [member]: rulebook, ...others } = members;
    const text = JSON.stringify(isPlainObject(body) ? others : (body ?? null));
    if (text.length > MAX_OTHERS_UNITS) return tooLarge;
    const content = rulebook === undefined ? null : readValue(rulebook);
    return { kind: 'within', others: text, digest: bodyDigest(body), content };
  } catch (error) {
    return unreadable(error);
  }
}

const tooLarge: ReadContent = {
  kind: 'invalid',
  faults: [{ pointer: '', code: 'too_large', detail: 'says too much beside its rulebook' }],
  more: 0,
};

function unreadable(error: unknown): Extract<ReadContent, { readonly kind: 'unreadable' }> {
  if (!(error instanceof UnreadableText)) throw error;
  return { kind: 'unreadable', code: error.code, detail: error.detail };
}

function parsed(array: Uint8Array, isYaml: boolean): unknown {
  const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  if (bytes.length === 0) return undefined;
  return isYaml ? parseYaml(utf8Text(bytes)) : parseStrictJson(utf8Text(bytes));
}

function readValue(content: unknown): Exclude<ReadContent, { readonly kind: 'unreadable' }> {
  const read = readRulebook(content);
  if (read.kind === 'invalid') return { kind: 'invalid', faults: read.faults, more: read.more };
  const { effectiveFrom: asked, ...rules } = content as Readonly<Record<string, unknown>>;
  const { platform, currency, labels } = read.rulebook;
  const sha256 = hash('sha256', canonicalJson(rules), 'hex');
  const effectiveFrom = typeof asked === 'string' ? asked : null;
  return { kind: 'valid', platform, currency, labels: [...labels], effectiveFrom, sha256, text: JSON.stringify(rules) };
}
