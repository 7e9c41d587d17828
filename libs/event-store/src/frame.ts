import { hash } from 'node:crypto';
import type { StoredEvent } from './event-store';

/**
 * A frame is one row of the embedded store: the events of one append, a line each, in store order.
 *
 *     stream revision previousFrame previousOffset ⇥ type ⇥ hash ⇥ metadata ⇥ data ↵
 *
 * Metadata and data are JSON texts, which never hold a raw tab or line break, so that a person can read a frame in the
 * database's own console. The previous frame and offset say where the stream's event before this one stands (`- -` for
 * none): a stream is read by walking them back.
 */
export interface Frame {
  /** Position of its first event; the others follow one by one. */
  readonly position: number;
  readonly events: number;
  readonly bookedAt: number;
  readonly hash: string;
  readonly body: string;
}

export interface FrameLine {
  readonly stream: string;
  readonly revision: number;
  /** Frame and offset of the stream's event before this one; -1 for none. */
  readonly previousFrame: number;
  readonly previousOffset: number;
  readonly type: string;
  readonly hash: string;
  readonly metadata: string;
  readonly data: string;
  /** Where the next line starts. */
  readonly end: number;
}

export function encodeLine(
  stream: string,
  revision: number,
  previous: { readonly frame: number; readonly offset: number } | undefined,
  event: { readonly type: string; readonly hash: string; readonly metadata: string; readonly data: string },
): string {
  const pointer = previous ? `${previous.frame} ${previous.offset}` : '- -';
  return `${stream} ${revision} ${pointer}\t${event.type}\t${event.hash}\t${event.metadata}\t${event.data}\n`;
}

/** Undefined where the line is not whole. */
export function decodeLine(body: string, offset: number): FrameLine | undefined {
  const end = body.indexOf('\n', offset);
  const typeAt = body.indexOf('\t', offset);
  const hashAt = body.indexOf('\t', typeAt + 1);
  const metadataAt = body.indexOf('\t', hashAt + 1);
  const dataAt = body.indexOf('\t', metadataAt + 1);
  if (end < 0 || typeAt < 0 || hashAt < 0 || metadataAt < 0 || dataAt < 0 || dataAt > end) return undefined;
  const revisionAt = body.indexOf(' ', offset);
  const frameAt = body.indexOf(' ', revisionAt + 1);
  const offsetAt = body.indexOf(' ', frameAt + 1);
  if (revisionAt < 0 || frameAt < 0 || offsetAt < 0 || offsetAt > typeAt) return undefined;
  const revision = toInteger(body.slice(revisionAt + 1, frameAt));
  const previousFrame = toInteger(body.slice(frameAt + 1, offsetAt));
  const previousOffset = toInteger(body.slice(offsetAt + 1, typeAt));
  if (revision === undefined || revision < 0 || previousFrame === undefined || previousOffset === undefined) return undefined;
  return {
    stream: body.slice(offset, revisionAt),
    revision,
    previousFrame,
    previousOffset,
    type: body.slice(typeAt + 1, hashAt),
    hash: body.slice(hashAt + 1, metadataAt),
    metadata: body.slice(metadataAt + 1, dataAt),
    data: body.slice(dataAt + 1, end),
    end: end + 1,
  };
}

export function toStoredEvent(frame: Pick<Frame, 'position' | 'bookedAt'>, ordinal: number, line: FrameLine): StoredEvent {
  return {
    stream: line.stream,
    revision: line.revision,
    position: String(frame.position + ordinal),
    bookedAt: frame.bookedAt,
    type: line.type,
    data: line.data,
    metadata: line.metadata,
    hash: line.hash,
  };
}

/** SHA-256, base64url, over the frame before and everything this one says: it covers what an event's own hash cannot. */
export function frameHash(previousHash: string, frame: Omit<Frame, 'hash'>): string {
  return hash('sha256', `${previousHash}\n${frame.position} ${frame.events} ${frame.bookedAt}\n${frame.body}`, 'base64url');
}

/** A whole number in its one spelling; -1 for `-`. */
function toInteger(text: string): number | undefined {
  if (text === '-') return -1;
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= 0 && String(value) === text ? value : undefined;
}
