import { hash } from 'node:crypto';
import { formatInstant, instantMs } from '@meterbook/domain/time/instant';
import type { DeadLetterReason } from '@meterbook/domain/usage/usage';
import type { DeliveredRecord, TopicRecord } from '@meterbook/topics/topics';
import { partIn, recordsOfText, type DeadLetterPart } from './dead-letter-parts';
import { isPlainObject } from './reading/value-check';

/** Headers that a redriven record carries beside the original bytes. */
export const deadLetterIdHeader = 'dead-letter-id';
export const acceptedAtHeader = 'accepted-at';

const wholeNumber = /^\d{1,16}$/;
/** The last instant that RFC 3339 can spell: the end of the year 9999. */
const LATEST_INSTANT_MS = 253_402_300_799_999;
/** Topic, partition and offset. Anything else in that header is none of ours. */
const letterId = /^[A-Za-z0-9._-]{1,249}-\d{1,10}-\d{1,16}$/;
/** Longest key that a dead letter is filed under as it is, in UTF-16 units: twice the longest one of ours. */
const MAX_KEY_LENGTH = 400;

/** UTF-16 units from which on a record may leave no room for the headers of a redriven one. */
const LARGE_LENGTH = 300_000;

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

/** A record of `usage.dead-letters`: usage that could not be charged with its bytes as they came, or word of what became of it. */
export type DeadLetterRecord = DeadLetter | DeadLetterPart | DeadLetterResolved | DeadLetterDismissed;

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
  /** It was written once more because its record grew old, and says nothing new. */
  readonly carried?: true;
}

/** Its usage was charged after all. */
export interface DeadLetterResolved {
  readonly kind: 'resolved';
  readonly id: string;
}

/** Somebody decided that its usage is not to be charged. */
export interface DeadLetterDismissed {
  readonly kind: 'dismissed';
  readonly id: string;
  readonly reason: string;
  /** The name of the token. */
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
}

/** The records of a dead letter: one, or several where its text is larger than a record may be. */
export function toDeadLetter({ record, platform, account, reason, detail }: DeadRecord): TopicRecord[] {
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
  return recordsOfText(filedUnder(record.key), letter.id, JSON.stringify(letter));
}

/** The records that carry a letter on, so that it outlives the retention of its topic. */
export function toCarried(letter: DeadLetter): TopicRecord[] {
  return recordsOfText(filedUnder(letter.key), letter.id, JSON.stringify({ ...letter, carried: true }));
}

/** The record that dismisses a letter. */
export function toDismissal(letter: DeadLetter, dismissal: DeadLetterDismissed): TopicRecord {
  return { key: filedUnder(letter.key), value: JSON.stringify(dismissal) };
}

export function toResolution(record: DeliveredRecord): TopicRecord {
  const resolution: DeadLetterResolved = { kind: 'resolved', id: deadLetterIdOf(record) };
  return { key: filedUnder(record.key), value: JSON.stringify(resolution) };
}

/** What a record of `usage.dead-letters` says; undefined where it is none of the ledger's, which nobody else should have written. */
export function readDeadLetterRecord(record: TopicRecord): DeadLetterRecord | undefined {
  return partIn(record) ?? readDeadLetterText(record.value);
}

/** The same of a text that stands in one record, or was put together from parts. */
export function readDeadLetterText(text: string): DeadLetter | DeadLetterResolved | DeadLetterDismissed | undefined {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isPlainObject(said) || typeof said['id'] !== 'string') return undefined;
  if (said['kind'] === 'resolved') return { kind: 'resolved', id: said['id'] };
  if (said['kind'] === 'dismissed') return dismissalIn(said, said['id']);
  return isDeadLetter(said) ? said : undefined;
}

/**
 * The record that puts a dead letter on the topic of usage once more. It keeps the instant of its acceptance, which cannot lie
 * after now: one that does was told by a clock that had jumped.
 */
export function toRedriven(letter: DeadLetter, nowMs: number): TopicRecord {
  const acceptedAt = Math.min(instantMs(letter.acceptedAt), nowMs);
  const headers = { [deadLetterIdHeader]: letter.id, [acceptedAtHeader]: String(acceptedAt) };
  return { key: letter.key, value: withoutBlanks(letter.event), headers };
}

/**
 * When a record's usage was accepted, milliseconds since 1970: as its header says, else as the topic took it. A clock that
 * jumps moves the time of a topic for long, but never this.
 */
export function acceptedAtOf({ headers, timestamp }: Pick<DeliveredRecord, 'headers' | 'timestamp'>): number {
  const said = headers[acceptedAtHeader];
  if (said !== undefined && wholeNumber.test(said) && Number(said) <= LATEST_INSTANT_MS) return Number(said);
  return Math.min(Math.max(timestamp, 0), LATEST_INSTANT_MS);
}

function deadLetterIdOf({ topic, partition, offset, headers }: DeliveredRecord): string {
  const said = headers[deadLetterIdHeader];
  return said !== undefined && letterId.test(said) ? said : `${topic}-${partition}-${offset}`;
}

/**
 * The text of an event without its blanks where it is so large that there may be no room for the headers beside it. What it says
 * stays the same, and so does the digest of its content.
 */
function withoutBlanks(event: string): string {
  if (event.length < LARGE_LENGTH) return event;
  try {
    return JSON.stringify(JSON.parse(event));
  } catch {
    return event;
  }
}

/** The key of what is written about a record: its own, unless that is longer than any of ours. */
function filedUnder(key: string): string {
  return key.length <= MAX_KEY_LENGTH ? key : hash('sha256', key, 'base64url');
}

function dismissalIn(said: Readonly<Record<string, unknown>>, id: string): DeadLetterDismissed | undefined {
  const { reason, by, at } = said;
  if (typeof reason !== 'string' || typeof by !== 'string' || typeof at !== 'string') return undefined;
  return { kind: 'dismissed', id, reason, by, at };
}

function isDeadLetter(said: Readonly<Record<string, unknown>>): said is Readonly<Record<string, unknown>> & DeadLetter {
  const { kind, reason, detail, platform, account, acceptedAt, key, event } = said;
  const texts = [reason, detail, acceptedAt, key, event].every((text) => typeof text === 'string');
  const names = [platform, account].every((name) => name === null || typeof name === 'string');
  return kind === 'dead-letter' && texts && names && !Number.isNaN(instantMs(String(acceptedAt)));
}
