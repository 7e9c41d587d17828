import { Buffer } from 'node:buffer';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { TopicRecord } from '@meterbook/topics/topics';
import { isPlainObject } from './reading/value-check';

/** Largest record that carries its event, bytes of key, headers and value together. A larger event is only named, and fetched from the store. */
export const MAX_RELAYED_BYTES = 900 * 1024;
/** No UTF-16 unit takes more bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

/** A stored event as it was relayed. */
export interface RelayedEvent {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A record that is no relayed event, whoever put it on the topic. It will never be one: retrying does not help. */
export class UnreadableRelay extends Error {
  override readonly name = 'UnreadableRelay';

  constructor(
    /** The stream that it claims to be of. */
    readonly stream: string,
    why: string,
  ) {
    super(`the record is no event of ${stream}: ${why}`);
  }
}

/**
 * A stored event as a record: its texts as they are, so that nothing is parsed on the way. Data and metadata are left out where
 * the record would be larger than a topic takes. Undefined where even then it is.
 */
export function toRecord(event: StoredEvent): TopicRecord | undefined {
  const whole = record(event, true);
  if (fits(whole)) return whole;
  const named = record(event, false);
  return fits(named) ? named : undefined;
}

/** The event of a record, fetched from the store where the record only names it. Throws `UnreadableRelay`, or what the store throws. */
export async function readRelayedEvent(record: TopicRecord, store: EventStore): Promise<RelayedEvent> {
  const named = namedIn(record);
  const { stream, revision, type } = named;
  const { data, metadata } = 'data' in named ? named : await stored(store, stream, revision);
  if (!isPlainObject(data) || !isPlainObject(metadata))
    throw new UnreadableRelay(stream, `its data or metadata at revision ${revision} are no objects`);
  return { stream, revision, type, data, metadata };
}

function record(event: StoredEvent, whole: boolean): TopicRecord {
  const { stream, revision, position, type, data, metadata, hash } = event;
  const bookedAt = formatInstant(event.bookedAt);
  const named = `"stream":${JSON.stringify(stream)},"revision":${revision},"position":"${position}","bookedAt":"${bookedAt}","type":${JSON.stringify(type)}`;
  const content = whole ? `,"data":${data},"metadata":${metadata}` : '';
  return {
    key: stream.slice(stream.indexOf('-') + 1),
    headers: { type, stream, revision: String(revision), position, bookedAt },
    value: `{${named}${content},"hash":"${hash}"}`,
  };
}

/** Bytes of the names of the headers, and of what stands between them. */
const NAMES_OF_HEADERS = 100;

function fits({ key, headers, value }: TopicRecord): boolean {
  // The value says what the headers say, and the key is a part of that.
  if ((3 * value.length + NAMES_OF_HEADERS) * MAX_BYTES_PER_UNIT <= MAX_RELAYED_BYTES) return true;
  const rest = key.length + JSON.stringify(headers).length;
  if ((rest + value.length) * MAX_BYTES_PER_UNIT <= MAX_RELAYED_BYTES) return true;
  return rest * MAX_BYTES_PER_UNIT + Buffer.byteLength(value) <= MAX_RELAYED_BYTES;
}

function namedIn({ key, headers, value }: TopicRecord): Readonly<Record<string, unknown>> & RelayedEvent {
  const claimed = headers?.['stream'] ?? key;
  let named: unknown;
  try {
    named = JSON.parse(value);
  } catch {
    throw new UnreadableRelay(claimed, 'it is not JSON');
  }
  if (!isPlainObject(named)) throw new UnreadableRelay(claimed, 'it is no object');
  const { stream, revision, type } = named;
  if (typeof stream !== 'string' || typeof type !== 'string')
    throw new UnreadableRelay(claimed, 'it names no stream or no type');
  if (!Number.isSafeInteger(revision) || Number(revision) < 0)
    throw new UnreadableRelay(claimed, 'it names no revision');
  return named as Readonly<Record<string, unknown>> & RelayedEvent;
}

async function stored(
  store: EventStore,
  stream: string,
  revision: number,
): Promise<{ readonly data: unknown; readonly metadata: unknown }> {
  for await (const event of store.read(stream, revision, 'backward')) {
    if (event.revision !== revision) break;
    try {
      return { data: JSON.parse(event.data), metadata: JSON.parse(event.metadata) };
    } catch {
      throw new UnreadableRelay(stream, `what is stored at revision ${revision} is not JSON`);
    }
  }
  throw new StreamDamaged(stream, `it has no revision ${revision}, which was relayed`);
}
