import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { StoredEvent } from '../event-store';

/**
 * A frame is one row of the embedded store: the events of one append, a line each, in store order, UTF-8.
 *
 *     stream revision previousPosition previousOffset ⇥ type ⇥ hash ⇥ metadata ⇥ data ↵
 *
 * Metadata and data are JSON texts, which never hold a raw tab or line break, so that a person can read a frame in the
 * database's own console (`SELECT CAST(body AS TEXT) FROM frames`). The previous position and byte offset say where the
 * stream's event before this one stands (`- -` for none): a stream is read by walking them back.
 */
export interface Frame {
  /** Position of its first event; the others follow one by one. */
  readonly position: number;
  readonly events: number;
  readonly bookedAt: number;
  readonly hash: string;
  readonly body: Buffer;
}

/** Where an event stands: its position and the byte offset of its line in the body of its frame; -1 for none. */
export interface Place {
  readonly position: number;
  readonly offset: number;
}

/** Which event a line is, and where the one before it stands. */
export interface LinePointer {
  readonly stream: string;
  readonly revision: number;
  readonly previous: Place;
}

export interface FrameLine extends LinePointer {
  readonly type: string;
  readonly hash: string;
  readonly metadata: string;
  readonly data: string;
}

export const nowhere: Place = { position: -1, offset: -1 };

export function encodeLine(
  stream: string,
  revision: number,
  previous: Place | undefined,
  event: { readonly type: string; readonly hash: string; readonly metadata: string; readonly data: string },
): string {
  const pointer = previous ? `${previous.position} ${previous.offset}` : '- -';
  return `${stream} ${revision} ${pointer}\t${event.type}\t${event.hash}\t${event.metadata}\t${event.data}\n`;
}

/** The body with one unit a byte, so that offsets hold whatever the texts contain; `textOf` gives a part of it back as text. */
export function unitsOf(body: Buffer): string {
  return body.toString('latin1');
}

/** The line at an offset of a body's units, `end` being its line break. Undefined where it is not whole. */
export function decodeLine(units: string, offset: number, end: number, isAscii = false): FrameLine | undefined {
  const typeAt = units.indexOf('\t', offset);
  const hashAt = units.indexOf('\t', typeAt + 1);
  const metadataAt = units.indexOf('\t', hashAt + 1);
  const dataAt = units.indexOf('\t', metadataAt + 1);
  if (end < 0 || typeAt < 0 || hashAt < 0 || metadataAt < 0 || dataAt < 0 || dataAt > end) return undefined;
  const pointer = decodePointer(units, offset, typeAt);
  if (!pointer) return undefined;
  const metadata = units.slice(metadataAt + 1, dataAt);
  const data = units.slice(dataAt + 1, end);
  return {
    stream: pointer.stream,
    revision: pointer.revision,
    previous: pointer.previous,
    type: units.slice(typeAt + 1, hashAt),
    hash: units.slice(hashAt + 1, metadataAt),
    metadata: isAscii ? metadata : textOf(metadata),
    data: isAscii ? data : textOf(data),
  };
}

/** What stands before the first tab of a line, at `end`. Undefined where it is not whole. */
export function decodePointer(units: string, offset: number, end: number): LinePointer | undefined {
  const revisionAt = units.indexOf(' ', offset);
  const positionAt = units.indexOf(' ', revisionAt + 1);
  const offsetAt = units.indexOf(' ', positionAt + 1);
  if (end < 0 || revisionAt < 0 || positionAt < 0 || offsetAt < 0 || offsetAt > end) return undefined;
  const revision = toInteger(units, revisionAt + 1, positionAt);
  const previousPosition = toInteger(units, positionAt + 1, offsetAt);
  const previousOffset = toInteger(units, offsetAt + 1, end);
  if (revision < 0 || previousPosition < -1 || previousOffset < -1) return undefined;
  return {
    stream: units.slice(offset, revisionAt),
    revision,
    previous: previousPosition < 0 ? nowhere : { position: previousPosition, offset: previousOffset },
  };
}

/** A line in the body of its frame, and the position of its event. */
export interface PlacedLine extends Place {
  readonly line: FrameLine;
}

/** Every line of a frame with its event's position. Throws where one is not whole. */
export function linesOf(frame: Frame): PlacedLine[] {
  const units = unitsOf(frame.body);
  const ascii = isAscii(frame.body);
  const lines: PlacedLine[] = [];
  let offset = 0;
  for (let position = frame.position; position < frame.position + frame.events; position++) {
    const end = units.indexOf('\n', offset);
    const line = decodeLine(units, offset, end, ascii);
    if (!line) throw new Error(`the event at position ${position} cannot be read`);
    lines.push({ position, offset, line });
    offset = end + 1;
  }
  return lines;
}

export function toStoredEvent(position: number, bookedAt: number, line: FrameLine): StoredEvent {
  return {
    stream: line.stream,
    revision: line.revision,
    position: String(position),
    bookedAt,
    type: line.type,
    data: line.data,
    metadata: line.metadata,
    hash: line.hash,
  };
}

/** SHA-256, base64url, over the frame before and everything this one says: it covers what an event's own hash cannot. */
export function frameHash(previousHash: string, frame: Omit<Frame, 'hash'>): string {
  const digest = createHash('sha256');
  digest.update(`${previousHash}\n${frame.position} ${frame.events} ${frame.bookedAt}\n`);
  return digest.update(frame.body).digest('base64url');
}

const beyondAscii = /[\x80-\xff]/;
const ZERO = 48;
const MINUS = 45;
/** Digits that a whole number may have so that it is exact whatever they are. */
const MAX_DIGITS = 15;

function textOf(units: string): string {
  return beyondAscii.test(units) ? Buffer.from(units, 'latin1').toString('utf8') : units;
}

/** A whole number in its one spelling; -1 for `-`, -2 for anything else. */
function toInteger(units: string, start: number, end: number): number {
  const first = units.charCodeAt(start);
  if (first === MINUS && end === start + 1) return -1;
  if (end <= start || end - start > MAX_DIGITS || (first === ZERO && end > start + 1)) return -2;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = units.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return -2;
    value = value * 10 + digit;
  }
  return value;
}
