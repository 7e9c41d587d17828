import type { DeadLetterReason } from '@meterbook/domain/usage/usage';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { DeliveredRecord, TopicRecord } from '@meterbook/topics/topics';

/** Headers that a redriven record carries beside the original bytes. */
export const deadLetterIdHeader = 'dead-letter-id';
export const acceptedAtHeader = 'accepted-at';

const wholeNumber = /^\d{1,16}$/;
/** The last instant that RFC 3339 can spell: the end of the year 9999. */
const latestInstantMs = 253_402_300_799_999;
/** Topic, partition and offset. Anything else in that header is none of ours. */
const letterId = /^[A-Za-z0-9._-]{1,249}-\d{1,10}-\d{1,16}$/;

/** A record that cannot be charged, and why. */
export interface DeadRecord {
  readonly kind: 'dead';
  readonly record: DeliveredRecord;
  readonly platform: string | null;
  readonly account: string | null;
  readonly reason: DeadLetterReason;
  readonly detail: string;
  /** What was thrown on it, for the log. */
  readonly error?: unknown;
}

/** A record of `usage.dead-letters`: usage that could not be charged with its bytes as they came, or word that it was mended. */
export type DeadLetterRecord = DeadLetter | DeadLetterResolved;

export interface DeadLetter {
  readonly kind: 'dead-letter';
  /** `topic-partition-offset` of the record that first brought it: one record is one dead letter. */
  readonly id: string;
  readonly reason: DeadLetterReason;
  readonly detail: string;
  readonly platform: string | null;
  readonly account: string | null;
  /** When the usage was accepted, RFC 3339. */
  readonly acceptedAt: string;
  readonly key: string;
  /** The original bytes. */
  readonly event: string;
}

export interface DeadLetterResolved {
  readonly kind: 'resolved';
  readonly id: string;
}

export function toDeadLetter({ record, platform, account, reason, detail }: DeadRecord): TopicRecord {
  const letter: DeadLetter = {
    kind: 'dead-letter',
    id: deadLetterIdOf(record),
    reason,
    detail,
    platform,
    account,
    acceptedAt: formatInstant(acceptedAtOf(record)),
    key: record.key,
    event: record.value,
  };
  return { key: record.key, value: JSON.stringify(letter) };
}

export function toResolution(record: DeliveredRecord): TopicRecord {
  const resolution: DeadLetterResolved = { kind: 'resolved', id: deadLetterIdOf(record) };
  return { key: record.key, value: JSON.stringify(resolution) };
}

/** The record that puts a dead letter on the topic of usage once more. */
export function toRedriven(letter: DeadLetter): TopicRecord {
  const headers = { [deadLetterIdHeader]: letter.id, [acceptedAtHeader]: String(Date.parse(letter.acceptedAt)) };
  return { key: letter.key, value: letter.event, headers };
}

/**
 * When a record's usage was accepted, milliseconds since 1970: as its header says, else as the topic took it. A clock that
 * jumps moves the time of a topic for long, but never this.
 */
export function acceptedAtOf({ headers, timestamp }: Pick<DeliveredRecord, 'headers' | 'timestamp'>): number {
  const said = headers[acceptedAtHeader];
  if (said !== undefined && wholeNumber.test(said) && Number(said) <= latestInstantMs) return Number(said);
  return Math.min(Math.max(timestamp, 0), latestInstantMs);
}

/** The id of the dead letter that a record is, or was when it was redriven. */
export function deadLetterIdOf({ topic, partition, offset, headers }: DeliveredRecord): string {
  const said = headers[deadLetterIdHeader];
  return said !== undefined && letterId.test(said) ? said : `${topic}-${partition}-${offset}`;
}
