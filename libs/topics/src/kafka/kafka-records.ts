import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import { partitionOf } from '../murmur2';
import { byteLengthOf, bytesOf, textOf } from '../embedded/text-bytes';
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
  return records.map((record, index) => {
    const key = bytesOf(record.key);
    const value = bytesOf(record.value);
    const headers = encodeHeaders(record.headers);
    const contentBytes = key.length + value.length;
    const limited = contentBytes + headers.jsonBytes;
    if (limited > MAX_RECORD_BYTES) throw new RecordTooLarge(topic, index, limited);
    return {
      message: { key, value, headers: headers.encoded, partition: partitionOf(record.key, partitions) },
      bytes: contentBytes + headers.bytes + RECORD_OVERHEAD_BYTES,
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

interface EncodedHeaders {
  readonly encoded: IHeaders;
  readonly bytes: number;
  /** Of the headers as JSON, by which a record is measured. */
  readonly jsonBytes: number;
}

const withoutHeaders: EncodedHeaders = { encoded: {}, bytes: 0, jsonBytes: '{}'.length };

function encodeHeaders(headers: TopicRecord['headers']): EncodedHeaders {
  if (!headers || headers === noHeaders) return withoutHeaders;
  const encoded: IHeaders = {};
  let bytes = 0;
  for (const [name, text] of Object.entries(headers)) {
    const buffer = bytesOf(text);
    encoded[name] = buffer;
    bytes += Buffer.byteLength(name) + buffer.length + HEADER_OVERHEAD_BYTES;
  }
  return { encoded, bytes, jsonBytes: byteLengthOf(JSON.stringify(headers)) };
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
