import type { DeadLetterReason } from '@meterbook/domain/usage/usage';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { DeliveredRecord, TopicRecord } from '@meterbook/topics/topics';

/** Headers that a redriven record carries beside the original bytes. */
export const deadLetterIdHeader = 'dead-letter-id';
export const acceptedAtHeader = 'accepted-at';

/** A record that cannot be charged, and why. */
export interface DeadRecord {
  readonly kind: 'dead';
  readonly record: DeliveredRecord;
  readonly platform: string | null;
  readonly account: string | null;
  readonly reason: DeadLetterReason;
  readonly detail: string;
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
    acceptedAt: formatInstant(Number(record.headers[acceptedAtHeader] ?? record.timestamp)),
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

function deadLetterIdOf({ topic, partition, offset, headers }: DeliveredRecord): string {
  return headers[deadLetterIdHeader] ?? `${topic}-${partition}-${offset}`;
}
