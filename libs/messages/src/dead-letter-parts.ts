import { hash } from 'node:crypto';
import type { TopicRecord } from '@meterbook/topics/topics';

/** Largest record of a dead letter, bytes of key, headers and value together. */
export const MAX_LETTER_RECORD_BYTES = 900 * 1024;
/** Room for key and headers in it. */
const ENVELOPE_BYTES = 2 * 1024;
const TEXT_BYTES = MAX_LETTER_RECORD_BYTES - ENVELOPE_BYTES;
/** Most records that one dead letter is cut into, which is more than any record of a topic could come to. */
const MAX_PARTS = 1_000;

/** Which part of which dead letter a record holds: `{id} {digest of the whole text} {part, from 1} {parts}`. */
export const deadLetterPartHeader = 'dead-letter-part';
const partHeader = /^(\S{1,300}) ([\w-]{43}) ([1-9]\d{0,3}) ([1-9]\d{0,3})$/;

/** A part of the text of a dead letter that is too large for one record. */
export interface DeadLetterPart {
  readonly kind: 'dead-letter-part';
  /** The id of the dead letter. */
  readonly id: string;
  /** SHA-256 of its whole text: a dead letter that is written again may have another text. */
  readonly digest: string;
  /** From 1. */
  readonly part: number;
  readonly parts: number;
  readonly text: string;
}

/** The records that carry a text: itself where it fits into one, else its parts, each no larger than a record may be. */
export function recordsOfText(key: string, id: string, text: string): TopicRecord[] {
  const bytes = Buffer.from(text);
  if (bytes.length <= TEXT_BYTES) return [{ key, value: text }];
  const slices: string[] = [];
  for (let from = 0; from < bytes.length;) {
    const to = startOfCharacter(bytes, Math.min(from + TEXT_BYTES, bytes.length));
    slices.push(bytes.toString('utf8', from, to));
    from = to;
  }
  const digest = hash('sha256', bytes, 'base64url');
  return slices.map((value, i) => ({
    key,
    headers: { [deadLetterPartHeader]: `${id} ${digest} ${i + 1} ${slices.length}` },
    value,
  }));
}

/** The part that a record holds; undefined where it holds none. */
export function partIn({ headers, value }: TopicRecord): DeadLetterPart | undefined {
  const [, id, digest, number, count] = partHeader.exec(headers?.[deadLetterPartHeader] ?? '') ?? [];
  const [part, parts] = [Number(number), Number(count)];
  if (id === undefined || digest === undefined || !(part <= parts && parts <= MAX_PARTS)) return undefined;
  return { kind: 'dead-letter-part', id, digest, part, parts, text: value };
}

/** A cut in the middle of a character would lose it. */
function startOfCharacter(bytes: Buffer, at: number): number {
  let start = at;
  while (start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start;
}
