import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import { partitionOf } from '../murmur2';
import { byteLengthOf, bytesOf, textOf } from '../text-bytes';
import { MAX_RECORD_BYTES, RecordTooLarge, type DeliveredRecord, type TopicRecord } from '../topics';

/** What a record takes in a batch beside its key and value, at most, and each of its headers beside name and text. */
const RECORD_OVERHEAD_BYTES = 32;
const HEADER_OVERHEAD_BYTES = 8;

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

export interface EncodedRecord {
  readonly message: Message & { readonly partition: number };
  /** Bytes it takes in a batch, at most. */
  readonly bytes: number;
}

/** Throws `RecordTooLarge` for the first record that no broker would take. */
export function encodeRecords(topic: string, records: readonly TopicRecord[], partitions: number): EncodedRecord[] {
  return records.map(({ key, headers, value }, index) => {
    const contentBytes = byteLengthOf(key) + byteLengthOf(value);
    const limited = contentBytes + byteLengthOf(JSON.stringify(headers ?? noHeaders));
    if (limited > MAX_RECORD_BYTES) throw new RecordTooLarge(topic, index, limited);
    const encoded = encodeHeaders(headers ?? noHeaders);
    return {
      message: {
        key: onWire(key),
        value: onWire(value),
        headers: encoded.headers,
        partition: partitionOf(key, partitions),
      },
      bytes: contentBytes + encoded.bytes + RECORD_OVERHEAD_BYTES,
    };
  });
}

/** A record as it was fetched. What other producers leave out, a key or a value, is an empty text. */
export function decodeRecord(
  topic: string,
  partition: number,
  { key, value, headers, offset, timestamp }: KafkaMessage,
): DeliveredRecord {
  return {
    topic,
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    key: key ? textOf(key) : '',
    headers: decodeHeaders(headers),
    value: value ? textOf(value) : '',
  };
}

/** kafkajs encodes texts faster than buffers, but only as UTF-8. */
function onWire(text: string): string | Buffer {
  const bytes = bytesOf(text);
  return bytes.length === Buffer.byteLength(text) && bytes.equals(Buffer.from(text)) ? text : bytes;
}

function encodeHeaders(headers: Readonly<Record<string, string>>): { headers: IHeaders; bytes: number } {
  const encoded: IHeaders = {};
  let bytes = 0;
  for (const [name, text] of Object.entries(headers)) {
    encoded[name] = bytesOf(text);
    bytes += Buffer.byteLength(name) + byteLengthOf(text) + HEADER_OVERHEAD_BYTES;
  }
  return { headers: encoded, bytes };
}

/** Of a name that stands more than once the last one counts. */
function decodeHeaders(headers: IHeaders | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(headers ?? noHeaders);
  if (entries.length === 0) return noHeaders;
  return Object.fromEntries(
    entries.map(([name, given]) => {
      const last = Array.isArray(given) ? given.at(-1) : given;
      return [name, Buffer.isBuffer(last) ? textOf(last) : (last ?? '')];
    }),
  );
}
