import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import { partitionOf } from '../murmur2';
import { byteLengthOf, bytesOf, textOf } from '../text-bytes';
import { MAX_RECORD_BYTES, RecordTooLarge, type DeliveredRecord, type TopicRecord } from '../topics';

/** What a record takes in a batch beside its key and value, at most, and each of its headers beside name and text. */
const RECORD_OVERHEAD_BYTES = 32;
const HEADER_OVERHEAD_BYTES = 8;
/** Of `{}`, which stands for no headers where a record is measured. */
const EMPTY_HEADERS_BYTES = 2;

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

export interface EncodedRecord {
  readonly message: Message & { readonly partition: number };
  /** Bytes it takes in a batch, at most. */
  readonly bytes: number;
}

/** Throws `RecordTooLarge` for the first record that no broker would take. */
export function encodeRecords(topic: string, records: readonly TopicRecord[], partitions: number): EncodedRecord[] {
  return records.map(({ key, headers, value }, index) => {
    const encoded = { key: bytesOf(key), value: bytesOf(value), headers: encodeHeaders(headers ?? noHeaders) };
    const contentBytes = encoded.key.length + encoded.value.length;
    const limited = contentBytes + (headers ? byteLengthOf(JSON.stringify(headers)) : EMPTY_HEADERS_BYTES);
    if (limited > MAX_RECORD_BYTES) throw new RecordTooLarge(topic, index, limited);
    return {
      message: { ...encoded, partition: partitionOf(key, partitions) },
      bytes: contentBytes + bytesOfHeaders(encoded.headers) + RECORD_OVERHEAD_BYTES,
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

function encodeHeaders(headers: Readonly<Record<string, string>>): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, bytesOf(text)]));
}

function bytesOfHeaders(headers: Readonly<Record<string, Buffer>>): number {
  let bytes = 0;
  for (const [name, text] of Object.entries(headers))
    bytes += Buffer.byteLength(name) + text.length + HEADER_OVERHEAD_BYTES;
  return bytes;
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
