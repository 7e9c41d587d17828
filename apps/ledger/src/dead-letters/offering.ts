import type { AgeWindow } from '@meterbook/domain/usage/age-window';
import type { DeadLetterReason } from '@meterbook/domain/usage/usage';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { TopicsBusy } from '@meterbook/topics/topics';
import type { FoundDeadLetter } from './dead-letter-index';

/** When to try again where too much waits to become durable. */
const RETRY_AFTER_SECONDS = 1;

/** What no change of rulebooks or accounts can mend: the identity is spent, or the usage lies ahead of its own acceptance. */
const neverMended: ReadonlySet<DeadLetterReason> = new Set(['id_conflict', 'usage_in_future']);

export function canBeMended(reason: DeadLetterReason): boolean {
  return !neverMended.has(reason);
}

/** Whether usage is too old to be offered once more. What only waited for its stream to be mended was accepted in time. */
export function isTooOld({ letter, occurredAt }: FoundDeadLetter, window: AgeWindow, nowMs: number): boolean {
  return letter.reason !== 'stream_damaged' && window.refusal(occurredAt, nowMs) === 'usage_too_old';
}

/** The answer to what kept a word or a letter off its topic. */
export function topicProblem(error: unknown): unknown {
  if (!(error instanceof TopicsBusy)) return error;
  return new Problem('too_busy', 'Too much usage waits to become durable.', {
    headers: retryAfter(RETRY_AFTER_SECONDS),
  });
}
