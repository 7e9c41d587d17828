import type { EffectiveLimits } from './limits';
import { countedInMinute, countedOnDay, dayEndsInMs, minuteFreesInMs, type RequestCounts } from './request-counts';

/** What a limit leaves, as the headers of an answer tell it. */
export interface Quota {
  readonly name: 'minute' | 'day';
  /** Requests in a window. */
  readonly limit: number;
  readonly windowSeconds: number;
  /** Requests that are left. */
  readonly remaining: number;
  /** Seconds until more are left. */
  readonly resetSeconds: number;
}

export interface LimitRefusal {
  readonly code: 'rate_limited' | 'daily_limit';
  readonly detail: string;
  readonly retryAfterSeconds: number;
  readonly quotas: readonly Quota[];
}

const SECOND_MS = 1000;
const MINUTE_SECONDS = 60;
const DAY_SECONDS = 86_400;

/** Why one more request at an instant (milliseconds since 1970) is over a limit; undefined where it is not. */
export function refusalByLimits(
  counts: RequestCounts,
  limits: EffectiveLimits,
  atMs: number,
): LimitRefusal | undefined {
  const { minute, day } = limits;
  if (minute !== null && countedInMinute(counts, minute.source, atMs) >= minute.limit) {
    return {
      code: 'rate_limited',
      detail: `${minute.limit} requests a minute are allowed by ${minute.source}.`,
      retryAfterSeconds: secondsOf(minuteFreesInMs(counts, minute.source, minute.limit, atMs)),
      quotas: quotas(counts, limits, atMs, 0),
    };
  }
  if (day !== null && countedOnDay(counts, day.source, atMs) >= day.limit) {
    return {
      code: 'daily_limit',
      detail: `${day.limit} requests a day are allowed by ${day.source}.`,
      retryAfterSeconds: secondsOf(dayEndsInMs(atMs)),
      quotas: quotas(counts, limits, atMs, 0),
    };
  }
  return undefined;
}

/** What the limits leave once one more request is counted. */
export function quotasOf(counts: RequestCounts, limits: EffectiveLimits, atMs: number): readonly Quota[] {
  return quotas(counts, limits, atMs, 1);
}

function quotas(
  counts: RequestCounts,
  { minute, day }: EffectiveLimits,
  atMs: number,
  asked: number,
): readonly Quota[] {
  const all: Quota[] = [];
  if (minute !== null) {
    const { limit, source } = minute;
    const used = countedInMinute(counts, source, atMs) + asked;
    const resetSeconds = secondsOf(minuteFreesInMs(counts, source, Math.max(used - asked, 1), atMs));
    all.push({
      name: 'minute',
      limit,
      windowSeconds: MINUTE_SECONDS,
      remaining: Math.max(limit - used, 0),
      resetSeconds,
    });
  }
  if (day !== null) {
    const { limit, source } = day;
    const remaining = Math.max(limit - countedOnDay(counts, source, atMs) - asked, 0);
    all.push({ name: 'day', limit, windowSeconds: DAY_SECONDS, remaining, resetSeconds: secondsOf(dayEndsInMs(atMs)) });
  }
  return all;
}

/** Whole seconds after which it is over for sure. */
function secondsOf(ms: number): number {
  return Math.max(1, Math.ceil(ms / SECOND_MS));
}
