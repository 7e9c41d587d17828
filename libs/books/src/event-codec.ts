import type { NewEvent, StoredEvent } from '@meterbook/event-store/event-store';
import { chainHash } from '@meterbook/event-store/hash-chain';

/** Who and what caused an event (SPEC §10). Its event id derives from its hash; what is not there is left out. */
export interface EventMetadata {
  /** The token's name, or the service's; left out where the ledger acted by itself, on usage. */
  readonly actor?: string;
  /** Source record of a topic, `topic/partition/offset`. */
  readonly record?: string;
  /** Id of the HTTP request. */
  readonly request?: string;
  /** W3C trace context. */
  readonly traceparent?: string;
}

/** Largest event, bytes of data and metadata together: with what the relay puts beside it, it fits into a record of 900 KiB. */
export const MAX_EVENT_BYTES = 896 * 1024;
/** No UTF-16 unit takes more bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

/** Whether an event is larger than a later hop takes. */
export function isTooLarge({ data, metadata }: Pick<NewEvent, 'data' | 'metadata'>): boolean {
  if ((data.length + metadata.length) * MAX_BYTES_PER_UNIT <= MAX_EVENT_BYTES) return false;
  return Buffer.byteLength(data) + Buffer.byteLength(metadata) > MAX_EVENT_BYTES;
}

/** An event as it is stored: its type beside its data, the data in the key order of the object given. */
export function encodeEvent(
  stream: string,
  revision: number,
  previousHash: string,
  event: { readonly type: string },
  metadata: EventMetadata,
): NewEvent {
  const { type, ...data } = event;
  return encodeTexts(stream, revision, previousHash, type, JSON.stringify(data), JSON.stringify(metadata));
}

export function encodeTexts(
  stream: string,
  revision: number,
  previousHash: string,
  type: string,
  data: string,
  metadata: string,
): NewEvent {
  return { type, data, metadata, hash: chainHash(previousHash, stream, revision, type, metadata, data) };
}

/** The event of a stored record; its shape is what was written, since the hash chain covers it. */
export function decodeEvent<Event extends { readonly type: string }>(
  stored: Pick<StoredEvent, 'type' | 'data'>,
): Event {
  return { type: stored.type, ...(JSON.parse(stored.data) as object) } as Event;
}

export function decodeMetadata(stored: Pick<StoredEvent, 'metadata'>): EventMetadata {
  return JSON.parse(stored.metadata) as EventMetadata;
}
