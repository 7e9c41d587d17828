import {
  AllStreamPosition,
  Empty,
  StreamIdentifier,
  UUID,
  WrongExpectedVersion,
} from '@eventstore/db-client/generated/shared_pb';
import { Status } from '@eventstore/db-client/generated/status_pb';
import { AppendResp, BatchAppendResp, ReadResp, type ReadReq } from '@eventstore/db-client/generated/streams_pb';
import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { Empty as ProtobufEmpty } from 'google-protobuf/google/protobuf/empty_pb';
import { noStream, tombstoneRevision, type ProposedRecord, type WireRecord, type WriteResult } from './wire-log';

/** What an append comes to; a stream that was deleted is answered with a failure instead. */
export type AnsweredWrite = Exclude<WriteResult, { readonly kind: 'deleted' }>;

interface Proposal {
  getId(): UUID | undefined;
  getMetadataMap(): { get(name: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
}

export function proposedRecord(message: Proposal): ProposedRecord {
  const metadata = message.getMetadataMap();
  return {
    id: message.getId()?.getString() ?? '',
    type: metadata.get('type') ?? '',
    contentType: metadata.get('content-type') ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

export function streamName(identifier: StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
}

export function eventMessage(record: WireRecord): ReadResp {
  const position = String(record.position);
  const event = new ReadResp.ReadEvent.RecordedEvent()
    .setId(new UUID().setString(record.id))
    .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(record.stream)))
    .setStreamRevision(revisionText(record.revision))
    .setCommitPosition(position)
    .setPreparePosition(position)
    .setData(record.data)
    .setCustomMetadata(record.metadata);
  event
    .getMetadataMap()
    .set('type', record.type)
    .set('content-type', record.contentType)
    .set('created', String(record.created));
  return new ReadResp().setEvent(new ReadResp.ReadEvent().setEvent(event).setCommitPosition(position));
}

/** The revision of a tombstone is more than a number holds exactly. */
function revisionText(revision: number): string {
  return revision === Number(tombstoneRevision) ? String(tombstoneRevision) : String(revision);
}

export function streamDeleted(stream: string): ServiceError {
  return failure(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });
}

export function checkpointMessage(position: bigint): ReadResp {
  const text = String(position);
  return new ReadResp().setCheckpoint(new ReadResp.Checkpoint().setCommitPosition(text).setPreparePosition(text));
}

export function confirmationMessage(id: string): ReadResp {
  return new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation().setSubscriptionId(id));
}

export function caughtUpMessage(): ReadResp {
  return new ReadResp().setCaughtUp(new ReadResp.CaughtUp());
}

export function streamNotFoundMessage(identifier: StreamIdentifier | undefined): ReadResp {
  return new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound().setStreamIdentifier(identifier));
}

export function appendAnswer(expected: number, result: AnsweredWrite): AppendResp {
  if (result.kind === 'written') {
    const position = String(result.last.position);
    const place = new AppendResp.Position().setCommitPosition(position).setPreparePosition(position);
    const success = new AppendResp.Success().setCurrentRevision(String(result.last.revision)).setPosition(place);
    return new AppendResp().setSuccess(success);
  }
  const refusal = new AppendResp.WrongExpectedVersion();
  if (result.current === noStream) refusal.setCurrentNoStream(new Empty());
  else refusal.setCurrentRevision(String(result.current));
  if (expected === noStream) refusal.setExpectedNoStream(new Empty());
  else refusal.setExpectedRevision(String(expected));
  return new AppendResp().setWrongExpectedVersion(refusal);
}

/** The same over the stream of batches, where a failure travels as a `google.rpc.Status`. */
export function batchAnswer(
  correlation: UUID | undefined,
  stream: StreamIdentifier | undefined,
  result: AnsweredWrite,
): BatchAppendResp {
  const answer = new BatchAppendResp().setCorrelationId(correlation).setStreamIdentifier(stream);
  if (result.kind === 'written') {
    const position = String(result.last.position);
    const place = new AllStreamPosition().setCommitPosition(position).setPreparePosition(position);
    const success = new BatchAppendResp.Success().setCurrentRevision(String(result.last.revision)).setPosition(place);
    return answer.setSuccess(success);
  }
  const details = new WrongExpectedVersion();
  if (result.current === noStream) details.setCurrentNoStream(new ProtobufEmpty());
  else details.setCurrentStreamRevision(String(result.current));
  const any = new Any();
  any.pack(details.serializeBinary(), 'event_store.client.WrongExpectedVersion');
  return answer.setError(new Status().setMessage('WrongExpectedVersion').setDetails(any));
}

/** The position that a read of all streams starts from; undefined for its natural beginning. */
export function startOf(options: ReadReq.Options): bigint | undefined {
  const position = options.getAll()?.getPosition();
  return position ? BigInt(position.getCommitPosition()) : undefined;
}

export function failure(code: status, details: string, headers: Record<string, string> = {}): ServiceError {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return Object.assign(new Error(details), { code, details, metadata });
}
