import fc from 'fast-check';
import { at } from '../testing/commands';
import { countedInMinute, countedOnDay, countRequest, countsOf, newRequestCounts, noteCounts } from './request-counts';
import { quotasOf, refusalByLimits } from './quotas';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const start = at(10);
const limits = (minute: number | null, day: number | null = null) => ({
  minute: minute === null ? null : { limit: minute, source: 'account' },
  day: day === null ? null : { limit: day, source: 'account' },
});

/** Instants at which requests were let through, of those that asked after these pauses. */
function letThrough(pauses: readonly number[], limit: number): { granted: number[]; refused: number[] } {
  const counts = newRequestCounts();
  const [granted, refused]: [number[], number[]] = [[], []];
  let now = start;
  for (const pause of pauses) {
    now += pause;
    if (refusalByLimits(counts, limits(limit), now)) refused.push(now);
    else {
      granted.push(now);
      countRequest(counts, 'account', undefined, now);
    }
  }
  return { granted, refused };
}

describe('a limit of a minute', () => {
  const pauses = fc.array(fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 70_000 })), {
    maxLength: 200,
  });

  it('lets no more than itself through in any 60 seconds, both ends included', () => {
    fc.assert(
      fc.property(pauses, fc.integer({ min: 0, max: 12 }), (asked, limit) => {
        const { granted } = letThrough(asked, limit);
        return granted.every((from) => granted.filter((each) => each >= from && each <= from + MINUTE).length <= limit);
      }),
    );
  });

  it('refuses only where a minute that ends a second later would be full too', () => {
    fc.assert(
      fc.property(pauses, fc.integer({ min: 1, max: 12 }), (asked, limit) => {
        const { granted, refused } = letThrough(asked, limit);
        return refused.every(
          (now) => granted.filter((each) => each <= now && each > now - MINUTE - SECOND).length >= limit,
        );
      }),
    );
  });

  it('says after how many seconds one more is let through', () => {
    const counts = newRequestCounts();
    countRequest(counts, 'account', undefined, start);
    countRequest(counts, 'account', undefined, start + 2500);
    const refusal = refusalByLimits(counts, limits(2), start + 10_000);
    expect(refusal).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 51 });
    expect(refusalByLimits(counts, limits(2), start + 60_999)).toBeDefined();
    expect(refusalByLimits(counts, limits(2), start + 61_000)).toBeUndefined();
  });

  it('of zero lets nothing through, and says to come again in a minute', () => {
    expect(refusalByLimits(newRequestCounts(), limits(0), start)).toMatchObject({ retryAfterSeconds: 60 });
  });
});

describe('a limit of a day', () => {
  it('counts from midnight to midnight in UTC', () => {
    const counts = newRequestCounts();
    countRequest(counts, undefined, 'account', at(23));
    expect(refusalByLimits(counts, limits(null, 1), at(23.5))).toMatchObject({
      code: 'daily_limit',
      retryAfterSeconds: 1800,
    });
    expect(refusalByLimits(counts, limits(null, 1), at(24))).toBeUndefined();
  });

  it('comes after that of a minute', () => {
    const counts = newRequestCounts();
    countRequest(counts, 'account', 'account', start);
    expect(refusalByLimits(counts, limits(1, 1), start)).toMatchObject({ code: 'rate_limited' });
  });
});

it('sources are counted each on its own', () => {
  const counts = newRequestCounts();
  countRequest(counts, 'group:vip', 'tier:default', start);
  expect([countedInMinute(counts, 'group:vip', start), countedInMinute(counts, 'group:default', start)]).toEqual([
    1, 0,
  ]);
  expect([countedOnDay(counts, 'tier:default', start), countedOnDay(counts, 'group:vip', start)]).toEqual([1, 0]);
});

it('what is left is told once the request itself is counted', () => {
  const counts = newRequestCounts();
  countRequest(counts, 'account', 'account', start);
  expect(quotasOf(counts, limits(3, 5), start + SECOND)).toEqual([
    { name: 'minute', limit: 3, windowSeconds: 60, remaining: 1, resetSeconds: 60 },
    { name: 'day', limit: 5, windowSeconds: 86_400, remaining: 3, resetSeconds: 14 * 3600 - 1 },
  ]);
});

it('a note of what was counted counts the same from then on', () => {
  const counts = newRequestCounts();
  for (const pause of [0, 100, 30_000, 59_000, 64_000]) countRequest(counts, 'account', 'account', start + pause);
  const { minute, day } = noteCounts(counts, start + 64_000);
  const again = countsOf(minute, day);
  for (const later of [64_000, 90_999, 91_000, 130_000]) {
    expect(countedInMinute(again, 'account', start + later)).toBe(countedInMinute(counts, 'account', start + later));
    expect(countedOnDay(again, 'account', start + later)).toBe(countedOnDay(counts, 'account', start + later));
  }
});
