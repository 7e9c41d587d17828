import type { NotedDay, NotedMinute } from './events';
import type { LimitSource } from './limits';

/** Requests of one source of a limit in the last minute, by the second, oldest first. */
interface MinuteCount {
  total: number;
  readonly seconds: [second: number, requests: number][];
}

interface DayCount {
  day: number;
  requests: number;
}

/** How many requests of an account each source of a limit has counted. */
export interface RequestCounts {
  readonly minute: Map<LimitSource, MinuteCount>;
  readonly day: Map<LimitSource, DayCount>;
}

const SECOND_MS = 1000;
const WINDOW_MS = 60_000;
const DAY_MS = 86_400_000;

export function newRequestCounts(): RequestCounts {
  return { minute: new Map(), day: new Map() };
}

/** Counts one request at an instant (milliseconds since 1970) that is no earlier than those before. */
export function countRequest(
  counts: RequestCounts,
  minute: LimitSource | undefined,
  day: LimitSource | undefined,
  atMs: number,
): void {
  if (minute !== undefined) countInMinute(counts, minute, atMs);
  if (day !== undefined) countOnDay(counts, day, Math.floor(atMs / DAY_MS));
}

/** Requests that count for the sliding minute that ends at an instant: those of any second that reaches into it. */
export function countedInMinute(counts: RequestCounts, source: LimitSource, atMs: number): number {
  const count = counts.minute.get(source);
  if (count === undefined) return 0;
  forgetSeconds(count, atMs);
  return count.total;
}

export function countedOnDay(counts: RequestCounts, source: LimitSource, atMs: number): number {
  const count = counts.day.get(source);
  return count?.day === Math.floor(atMs / DAY_MS) ? count.requests : 0;
}

/** Milliseconds until a minute counts fewer requests than a limit; the whole window where it never will. */
export function minuteFreesInMs(counts: RequestCounts, source: LimitSource, limit: number, atMs: number): number {
  const count = counts.minute.get(source);
  let total = count?.total ?? 0;
  for (const [second, requests] of count?.seconds ?? []) {
    total -= requests;
    if (total < limit) return leavesAt(second) - atMs;
  }
  return WINDOW_MS;
}

/** Milliseconds until the next UTC day. */
export function dayEndsInMs(atMs: number): number {
  return DAY_MS - (atMs % DAY_MS);
}

/** What still counts at an instant. */
export function noteCounts(
  counts: RequestCounts,
  atMs: number,
): { readonly minute: readonly NotedMinute[]; readonly day: readonly NotedDay[] } {
  const today = Math.floor(atMs / DAY_MS);
  for (const [source, count] of counts.minute) {
    forgetSeconds(count, atMs);
    if (count.total === 0) counts.minute.delete(source);
  }
  for (const [source, { day }] of counts.day) if (day < today) counts.day.delete(source);
  return {
    minute: [...counts.minute].map(([source, { seconds }]) => [source, seconds.map(([...pair]) => pair)] as const),
    day: [...counts.day].map(([source, { day, requests }]) => [source, day, requests] as const),
  };
}

/** Takes what a note says in place of what was counted. */
export function countsOf(minute: readonly NotedMinute[], day: readonly NotedDay[]): RequestCounts {
  const counts = newRequestCounts();
  for (const [source, seconds] of minute) {
    let total = 0;
    for (const [, requests] of seconds) total += requests;
    counts.minute.set(source, { total, seconds: seconds.map(([second, requests]) => [second, requests]) });
  }
  for (const [source, number, requests] of day) counts.day.set(source, { day: number, requests });
  return counts;
}

function countInMinute({ minute }: RequestCounts, source: LimitSource, atMs: number): void {
  let count = minute.get(source);
  if (count === undefined) {
    forgetSources(minute, atMs);
    minute.set(source, (count = { total: 0, seconds: [] }));
  }
  forgetSeconds(count, atMs);
  const second = Math.floor(atMs / SECOND_MS);
  const last = count.seconds.at(-1);
  if (last?.[0] === second) last[1] += 1;
  else count.seconds.push([second, 1]);
  count.total += 1;
}

/** Sources that are counted before it is looked whether some of them count nothing any more. */
const FEW_SOURCES = 64;

function forgetSources(minute: Map<LimitSource, MinuteCount>, atMs: number): void {
  if (minute.size < FEW_SOURCES) return;
  for (const [source, count] of minute) {
    forgetSeconds(count, atMs);
    if (count.total === 0) minute.delete(source);
  }
}

function countOnDay({ day }: RequestCounts, source: LimitSource, today: number): void {
  const count = day.get(source);
  if (count?.day === today) count.requests += 1;
  else day.set(source, { day: today, requests: 1 });
}

/** When the last request of a second since 1970 is more than a minute old, milliseconds since 1970. */
export function leavesAt(second: number): number {
  return (second + 1) * SECOND_MS + WINDOW_MS;
}

function forgetSeconds(count: MinuteCount, atMs: number): void {
  let gone = 0;
  for (const [second, requests] of count.seconds) {
    if (leavesAt(second) > atMs) break;
    gone += 1;
    count.total -= requests;
  }
  if (gone > 0) count.seconds.splice(0, gone);
}
