import { isAscii, isUtf8 } from 'node:buffer';
import { isSumOf } from './line-sums';
import { byteLengthOf, bytesOf, textOf } from './text-bytes';
import type { DeliveredRecord, TopicRecord } from '../topics';

/**
 * A frame is one row of an embedded topic: the records that one commit gave to one partition, one after the other.
 *
 *     keyBytes headerBytes valueBytes ⇥ key ⇥ headers ⇥ value ↵
 *
 * Headers are JSON. The lengths make the separators ornament: keys and values may hold tabs, line breaks and bytes that are
 * no UTF-8, and a person can read a frame in the database's own console all the same (`SELECT * FROM readable`). A sum of each
 * line stands beside the body (`line-sums.ts`).
 */
export interface Frame {
  /** Offset of its first record; the others follow one by one. */
  readonly base: number;
  readonly records: number;
  /** Of every record in it: they were taken in one commit. */
  readonly timestamp: number;
  readonly body: Buffer;
  /** A sum for each of its lines; null in frames of before there were any. */
  readonly sums: Buffer | null;
}

const TAB = 0x09;
const LINE_BREAK = 0x0a;
const SPACE = 0x20;
const DIGIT_ZERO = 0x30;
/** Three tabs and a line break. */
const SEPARATORS = 4;
const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

export interface EncodedRecord {
  readonly line: string;
  /** Bytes of the line. */
  readonly lineBytes: number;
  /** Bytes of key, headers and value: what `MAX_RECORD_BYTES` limits. */
  readonly bytes: number;
}

export function encodeRecord({ key, headers, value }: TopicRecord): EncodedRecord {
  const headerText = headers === undefined || headers === noHeaders ? '{}' : JSON.stringify(headers);
  const keyBytes = byteLengthOf(key);
  const headerBytes = byteLengthOf(headerText);
  const valueBytes = byteLengthOf(value);
  const lengths = `${keyBytes} ${headerBytes} ${valueBytes}`;
  const bytes = keyBytes + headerBytes + valueBytes;
  return {
    line: `${lengths}\t${key}\t${headerText}\t${value}\n`,
    lineBytes: lengths.length + bytes + SEPARATORS,
    bytes,
  };
}

export function encodeBody(lines: readonly string[]): Buffer {
  return bytesOf(lines.join(''));
}

/** Set on what stands where a record could no longer be read: its value is the bytes that were found, its key is empty. */
export const damagedHeader = 'damaged';

/**
 * Appends the frame's records from an offset on to `into`, at most `maxRecords`. Where the frame is not what was written, whatever can
 * still be read of it is, and the bytes in between come as a record of their own, with `damagedHeader`.
 */
export function decodeFrame(
  topic: string,
  partition: number,
  frame: Frame,
  from: number,
  maxRecords: number,
  into: DeliveredRecord[],
): void {
  const { base, records, timestamp, body, sums } = frame;
  const read = readerOf(body);
  const line = new LineReader(body);
  const isSame = (index: number, start: number, end: number): boolean => isSumOf(sums, index, body, start, end);
  const first = Math.max(base, from);
  const end = Math.min(base + records, first + maxRecords);
  const take = (offset: number, content: TopicRecord): void => {
    if (offset >= first && offset < end)
      into.push({ topic, partition, offset, timestamp, ...content, headers: content.headers ?? noHeaders });
  };
  const taken = into.length;
  for (let offset = base; offset < end; offset += 1) {
    const isWhole = line.next();
    if (isWhole && offset < first) continue;
    const record = isWhole ? recordAt(line, read) : undefined;
    if (record)
      take(offset, isSame(offset - base, line.start, line.end) ? record : damagedAt(line.start, line.end, read));
    else {
      into.length = taken;
      for (const [at, { start, end, record: left }] of salvage(body, records, read))
        take(base + at, left && isSame(at, start, end) ? left : damagedAt(start, end, read));
      return;
    }
  }
}

function damagedAt(start: number, end: number, read: (start: number, end: number) => string): TopicRecord {
  return { key: '', headers: { [damagedHeader]: 'true' }, value: read(start, end) };
}

/** Bytes of a damaged body: one record, or what stands where others were. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly record: TopicRecord | undefined;
}

function recordAt(line: LineReader, read: (start: number, end: number) => string): TopicRecord | undefined {
  const headers =
    line.headersEnd - line.headersStart === 2 ? noHeaders : parseHeaders(read(line.headersStart, line.headersEnd));
  return headers && { key: read(line.keyStart, line.keyEnd), headers, value: read(line.valueStart, line.valueEnd) };
}

/**
 * What is left of a damaged body, by place in the frame. Lines that can be read keep their place, counted from the start before the
 * first damage and from the end behind it; the bytes between two of them stand for all records that were there.
 */
function salvage(
  body: Buffer,
  records: number,
  read: (start: number, end: number) => string,
): (readonly [number, Piece])[] {
  const pieces: Piece[] = [];
  const line = new LineReader(body);
  let firstDamage = -1;
  for (let start = 0; start < body.length;) {
    const record = line.readAt(start) ? recordAt(line, read) : undefined;
    if (!record && firstDamage < 0) firstDamage = pieces.length;
    const end = record ? line.end : nextLine(body, start);
    pieces.push({ start, end, record });
    start = end;
  }
  if (firstDamage < 0) {
    // Every line is whole, but lines are missing.
    firstDamage = pieces.length;
    pieces.push({ start: body.length, end: body.length, record: undefined });
  }
  const offset = Math.max(0, records - pieces.length);
  return pieces
    .slice(0, records)
    .map((piece, index) => [index < firstDamage ? index : Math.min(records - 1, index + offset), piece] as const);
}

/** Where the next line starts that can be read, or the end of the body. */
function nextLine(body: Buffer, after: number): number {
  const line = new LineReader(body);
  for (let at = body.indexOf(LINE_BREAK, after); at >= 0; at = body.indexOf(LINE_BREAK, at + 1))
    if (line.readAt(at + 1)) return at + 1;
  return body.length;
}

/** Walks along the lines of a body without making anything. */
class LineReader {
  /** Where the line that was read last begins. */
  start = 0;
  keyStart = 0;
  keyEnd = 0;
  headersStart = 0;
  headersEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  private at = 0;

  constructor(private readonly body: Buffer) {}

  /** Where the line that was read last ends. */
  get end(): number {
    return this.at;
  }

  /** Reads the line that starts at a byte; false where there is none that is whole. */
  readAt(start: number): boolean {
    this.at = start;
    return this.next();
  }

  /** Goes to the next line; false where there is none that is whole. */
  next(): boolean {
    this.start = this.at;
    const keyBytes = this.length(SPACE);
    const headerBytes = this.length(SPACE);
    const valueBytes = this.length(TAB);
    this.keyStart = this.at;
    this.keyEnd = this.keyStart + keyBytes;
    this.headersStart = this.keyEnd + 1;
    this.headersEnd = this.headersStart + headerBytes;
    this.valueStart = this.headersEnd + 1;
    this.valueEnd = this.valueStart + valueBytes;
    this.at = this.valueEnd + 1;
    return (
      this.body[this.keyEnd] === TAB && this.body[this.headersEnd] === TAB && this.body[this.valueEnd] === LINE_BREAK
    );
  }

  /** A whole number and the separator after it; NaN, which no comparison survives, where there is none. */
  private length(separator: number): number {
    let value = 0;
    for (const start = this.at; ; this.at += 1) {
      const byte = this.body[this.at] ?? 0;
      if (byte === separator && this.at > start) break;
      if (byte < DIGIT_ZERO || byte > DIGIT_ZERO + 9) return Number.NaN;
      value = value * 10 + byte - DIGIT_ZERO;
    }
    this.at += 1;
    return value;
  }
}

function readerOf(body: Buffer): (start: number, end: number) => string {
  if (isAscii(body)) return (start, end) => body.toString('latin1', start, end);
  if (isUtf8(body)) return (start, end) => body.toString('utf8', start, end);
  return (start, end) => textOf(body.subarray(start, end));
}

function parseHeaders(text: string): Readonly<Record<string, string>> | undefined {
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return undefined;
  }
}
