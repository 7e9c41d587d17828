import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import { canonicalJson } from '@meterbook/domain/rulebook/canonical-json';
import type { RulebookFault } from '@meterbook/domain/rulebook/fault';
import { readRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import { parseYaml } from '@meterbook/http/request/yaml-text';
import { parseStrictJson, UnreadableText, utf8Text } from '@meterbook/messages/reading/json-text';

/** What a body that should be a rulebook comes to; plain data, so that a thread can tell it to another. */
export type ReadContent =
  | {
      readonly kind: 'valid';
      readonly platform: string;
      readonly currency: string;
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

/** Reads the bytes of a body, JSON or YAML, as a rulebook. It may take seconds and hundreds of megabytes: see `RulebookReading`. */
export function readContent(bytes: Uint8Array, isYaml: boolean): ReadContent {
  try {
    return readValue(parsed(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), isYaml));
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    return { kind: 'unreadable', code: error.code, detail: error.detail };
  }
}

function parsed(bytes: Buffer, isYaml: boolean): unknown {
  if (bytes.length === 0) return undefined;
  return isYaml ? parseYaml(utf8Text(bytes)) : parseStrictJson(utf8Text(bytes));
}

function readValue(content: unknown): ReadContent {
  const read = readRulebook(content);
  if (read.kind === 'invalid') return { kind: 'invalid', faults: read.faults, more: read.more };
  const { effectiveFrom: asked, ...rules } = content as Readonly<Record<string, unknown>>;
  const { platform, currency } = read.rulebook;
  const sha256 = hash('sha256', canonicalJson(rules), 'hex');
  const effectiveFrom = typeof asked === 'string' ? asked : null;
  return { kind: 'valid', platform, currency, effectiveFrom, sha256, text: JSON.stringify(rules) };
}
