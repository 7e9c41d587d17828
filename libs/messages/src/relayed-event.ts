import { formatInstant } from '@meterbook/domain/time/instant';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import type { TopicRecord } from '@meterbook/topics/topics';

/** A stored event as a record: its texts as they are, so that nothing is parsed on the way. */
export function toRecord(event: StoredEvent): TopicRecord {
  const { stream, revision, position, type, data, metadata, hash } = event;
  const bookedAt = formatInstant(event.bookedAt);
  return {
    key: stream.slice(stream.indexOf('-') + 1),
    headers: { type, stream, revision: String(revision), position, bookedAt },
    value: `{"stream":"${stream}","revision":${revision},"position":"${position}","bookedAt":"${bookedAt}","type":"${type}","data":${data},"metadata":${metadata},"hash":"${hash}"}`,
  };
}
