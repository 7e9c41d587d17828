import { isUtf8 } from 'node:buffer';
import { UUID } from '@eventstore/db-client/generated/shared_pb';
import { AppendReq, type ReadResp } from '@eventstore/db-client/generated/streams_pb';
import type { NewEvent, StoredEvent } from '../event-store';
import { recordedPosition, withBookedAt } from './position-text';
import { unprefixed, type StreamNames } from './stream-names';

/** The server counts in ticks of 100 ns. */
const ticksPerMs = 10_000n;
const HASH_BYTES = 32;
const contentType = 'application/json';
/** The type of the record that ends a stream for good. */
export const tombstoneType = '$streamDeleted';
/**
 * The members that the stored metadata ends in: when an event that was taken over from another store was booked there, milliseconds, and
 * the event's hash.
 */
const ownMembers = /,?(?:"bookedAt":(\d{1,16}),)?"hash":"([A-Za-z0-9_-]{43})"\}$/;
/** Metadata of our own that could be taken for them. */
const likeOwnMembers = /"bookedAt":\d{1,16}\}$/;
/** Under the `u` flag only a half of a pair matches, which UTF-8 cannot hold. */
const loneSurrogate = /\p{Surrogate}/u;

/** An event ready to be sent. */
export interface Proposal {
  readonly id: string;
  readonly request: AppendReq;
  /** Bytes that the server counts towards the limit of an append. */
  readonly bytes: number;
}

/** What stands in the store, whoever wrote it. */
export interface RecordedEvent extends StoredEvent {
  readonly id: string;
  /** False where the bytes are no text, or carry no hash: not written by this adapter, or changed since. */
  readonly ours: boolean;
}

/**
 * The event's id: the first 16 bytes of its hash as a UUID of version 8. The hash covers the stream, the revision, the texts
 * and all events before, so two events share an id only where they are the same event.
 */
export function eventIdOf(hash: string): string {
  const bytes = Buffer.from(hash, 'base64url');
  if (bytes.length !== HASH_BYTES) throw new Error(`"${hash}" is not a SHA-256 in base64url`);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * Puts the hash into the metadata text as its last member, and before it when an event that is taken over was booked. Spliced, not parsed:
 * everything else stays byte for byte.
 */
export function withHash(metadata: string, hash: string, bookedAt?: number): string {
  if (!metadata.startsWith('{') || !metadata.endsWith('}'))
    throw new Error('metadata has to be the text of a JSON object');
  if (likeOwnMembers.test(metadata)) throw new Error('metadata must not end in a "bookedAt" of its own');
  const head = metadata.slice(0, -1);
  const booked = bookedAt === undefined ? '' : `"bookedAt":${bookedAt},`;
  return `${head}${head.trimEnd() === '{' ? '' : ','}${booked}"hash":"${hash}"}`;
}

/** What `withHash` put together. */
interface Stored {
  readonly metadata: string;
  readonly hash: string;
  /** Milliseconds since 1970; undefined where the event was not taken over. */
  readonly bookedAt: number | undefined;
}

/** Takes the hash out again, and when an event that was taken over was booked; undefined where there is no hash. */
export function withoutHash(stored: string): Stored | undefined {
  const match = ownMembers.exec(stored);
  if (!match) return undefined;
  const [, booked, hash] = match as unknown as [string, string | undefined, string];
  return {
    metadata: `${stored.slice(0, match.index)}}`,
    hash,
    bookedAt: booked === undefined ? undefined : Number(booked),
  };
}

/**
 * The texts go over as the bytes that were hashed, marked as JSON, so that the store's console shows them as such.
 *
 * @param bookedAt of an event that is taken over from another store, milliseconds.
 */
export function toProposal(event: NewEvent, bookedAt?: number): Proposal {
  const id = eventIdOf(event.hash);
  const data = bytesOf(event.data);
  const metadata = bytesOf(withHash(event.metadata, event.hash, bookedAt));
  const message = new AppendReq.ProposedMessage();
  message.setId(new UUID().setString(id));
  message.getMetadataMap().set('type', event.type).set('content-type', contentType);
  message.setData(data).setCustomMetadata(metadata);
  return {
    id,
    request: new AppendReq().setProposedMessage(message),
    bytes: data.length + metadata.length + 2 * event.type.length,
  };
}

export function toRecordedEvent(read: ReadResp.ReadEvent, names: StreamNames = unprefixed): RecordedEvent {
  const record = read.getEvent();
  if (!record) throw new Error('the event store sent an event without its record');
  const dataBytes = record.getData_asU8();
  const metadataBytes = record.getCustomMetadata_asU8();
  const stored = Buffer.from(metadataBytes).toString('utf8');
  const parts = withoutHash(stored);
  return {
    id: record.getId()?.getString() ?? '',
    stream: names.plain(Buffer.from(record.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8')),
    revision: Number(record.getStreamRevision()),
    position: recordedPosition(record.getCommitPosition(), record.getPreparePosition()),
    bookedAt: bookedAt(parts, record.getMetadataMap().get('created')),
    type: record.getMetadataMap().get('type') ?? '',
    data: Buffer.from(dataBytes).toString('utf8'),
    metadata: parts?.metadata ?? stored,
    hash: parts?.hash ?? '',
    ours: parts !== undefined && isUtf8(dataBytes) && isUtf8(metadataBytes),
  };
}

/** When an event was booked, milliseconds: as it says itself, else when the server took it, which tells ticks. */
function bookedAt(stored: Stored | undefined, ticks = '0'): number {
  return stored?.bookedAt ?? Number(BigInt(ticks) / ticksPerMs);
}

/** The event as the port gives it. */
export function toStoredEvent(record: RecordedEvent, bookedAt: number = record.bookedAt): StoredEvent {
  const { stream, revision, type, data, metadata, hash } = record;
  const position = withBookedAt(record.position, bookedAt);
  return { stream, revision, position, bookedAt, type, data, metadata, hash };
}

function bytesOf(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length !== text.length && loneSurrogate.test(text))
    throw new Error('half of a surrogate pair cannot be stored');
  return bytes;
}
