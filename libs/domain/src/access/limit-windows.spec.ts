import { changeSettings } from '../account/standing/settings';
import { openAccount } from '../account/standing/open';
import { aChange, at, nowAt } from '../testing/commands';
import { accountAfter, given } from '../testing/given';
import { published } from '../testing/rulebooks';
import type { AccessRequest } from './authorize';
import { authorize } from './authorize';
import type { HoldEvent } from './events';
import { dropExpired, evolveHolds, isNoteDue, newHoldBook, noteOf, type HoldBook } from './hold-book';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A minute may refuse so much too early. */
const leewayMs = 1_000;
const requests = 1_000_000;
/** So often whoever counts is gone, and another one reads what stands in the stream. */
const readAgainEvery = 20_000;
const timeoutMs = 300_000;

/** Park and Miller's generator: every run asks the same. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** A stream of holds of which only what a reader needs is kept: the last event with a note, and those after it. */
class Stream {
  book: HoldBook = newHoldBook();
  private tail: { readonly event: HoldEvent; readonly revision: number }[] = [];

  append(event: HoldEvent): void {
    const revision = this.book.revision + 1;
    evolveHolds(this.book, event, revision);
    const isNoted = isNoteDue(this.book);
    const stored = isNoted ? { ...event, note: noteOf(this.book) } : event;
    if (isNoted) this.book.noteRevision = revision;
    this.tail = isNoted ? [{ event: stored, revision }] : [...this.tail, { event: stored, revision }];
  }

  readAgain(): void {
    this.book = newHoldBook();
    for (const { event, revision } of this.tail) evolveHolds(this.book, event, revision);
  }
}

/** How many of some instants, in order, lie after another. */
function after(instants: readonly number[], since: number): number {
  let count = 0;
  for (let i = instants.length - 1; i >= 0 && (instants[i] ?? 0) > since; i--) count += 1;
  return count;
}

describe('the limits on requests', () => {
  const rules = published({
    models: [{ id: 'one', group: 'default', price: { mode: 'request', unit: '0' } }],
    holds: { expireAfterSeconds: 30 },
  });
  const limited = (requestsPerMinute: number, requestsPerDay: number) => {
    const opened = given().when((known) => openAccount(known, nowAt(0), [rules])).events;
    const change = aChange({ limits: { requestsPerMinute, requestsPerDay } }, 0);
    const account = accountAfter(given(...opened).when((known) => changeSettings(known, change, [rules])).soFar);
    if (account === undefined) throw new Error('no account');
    return account;
  };

  it.each([
    ['some', 20, 9_000],
    ['one', 1, 700],
    ['many', 300, 1_000_000],
  ])(
    'let no more through in any 60 seconds, or on a day, and refuse at most a second early: %s a minute',
    (_how, perMinute, perDay) => {
      const account = limited(perMinute, perDay);
      const chance = seeded(20_261_127 + perMinute);
      const stream = new Stream();
      /** When requests were let through, of the last minutes, and how many on the day. */
      let granted: number[] = [];
      let [day, ofDay] = [-1, 0];
      const met = { granted: 0, rate_limited: 0, daily_limit: 0 };
      let now = at(1);
      for (let i = 0; i < requests / 3; i++) {
        // Crowds, a steady pace, and now and then a pause.
        const pace = chance();
        if (pace > 0.4) now += Math.floor(chance() * (pace > 0.999 ? 90_000 : pace > 0.9 ? 4_000 : 120));
        if (i % readAgainEvery === readAgainEvery - 1) stream.readAgain();
        const hold = chance() < 0.3;
        const asked: AccessRequest = {
          ...{ requestId: `q${i}`, model: 'one', apiKeyId: null, group: null, channel: null },
          ...{ units: { requests: 1 }, fields: {}, hold, digest: `digest-of-${i}` },
        };
        dropExpired(stream.book, now);
        const decision = authorize(account, stream.book, asked, rules, now);
        const today = Math.floor(now / DAY_MS);
        if (today !== day) [day, ofDay] = [today, 0];
        if (decision.kind === 'granted') {
          met.granted += 1;
          if (decision.event !== null) stream.append(decision.event);
          granted.push(now);
          if (granted.length > 4 * perMinute + 16) granted = granted.slice(-2 * perMinute - 8);
          ofDay += 1;
          if (after(granted, now - MINUTE_MS) > perMinute) throw new Error(`too many in the minute up to ${now}`);
          if (ofDay > perDay) throw new Error(`too many on day ${day}`);
          continue;
        }
        const { refusal } = decision;
        if (refusal.code !== 'rate_limited' && refusal.code !== 'daily_limit') throw new Error(refusal.code);
        met[refusal.code] += 1;
        const isMinute = refusal.code === 'rate_limited';
        if (isMinute && after(granted, now - MINUTE_MS - leewayMs) < perMinute)
          throw new Error(`refused at ${now}, more than a second early`);
        if (!isMinute && ofDay < perDay) throw new Error(`refused on day ${day} after ${ofDay}`);
      }
      expect(met.granted + met.rate_limited + met.daily_limit).toBe(Math.ceil(requests / 3));
      expect(met.rate_limited).toBeGreaterThan(1_000);
      if (perDay < requests) expect(met.daily_limit).toBeGreaterThan(1_000);
    },
    timeoutMs,
  );

  it('say after how many seconds there is room again, and then there is', () => {
    const account = limited(2, 5);
    const stream = new Stream();
    const ask = (now: number) => {
      const asked: AccessRequest = {
        ...{ requestId: `q${now}`, model: 'one', apiKeyId: null, group: null, channel: null },
        ...{ units: { requests: 1 }, fields: {}, hold: false, digest: `digest-of-${now}` },
      };
      const decision = authorize(account, stream.book, asked, rules, now);
      if (decision.kind === 'granted' && decision.event !== null) stream.append(decision.event);
      return decision;
    };
    const chance = seeded(7);
    let now = at(1);
    const waits: Record<string, number> = {};
    for (let i = 0; i < 5_000; i++) {
      now += Math.floor(chance() * 20_000);
      const decision = ask(now);
      if (decision.kind === 'granted') continue;
      const { refusal } = decision;
      if (!('retryAfterSeconds' in refusal)) throw new Error(refusal.code);
      const { code, retryAfterSeconds } = refusal;
      expect(retryAfterSeconds).toBeGreaterThan(0);
      expect(retryAfterSeconds).toBeLessThanOrEqual(code === 'rate_limited' ? 61 : 86_400);
      now += retryAfterSeconds * 1000;
      const again = ask(now);
      const refusedAgain = again.kind === 'refused' ? again.refusal.code : null;
      // The minute has room; the day may have none.
      expect(refusedAgain).not.toBe(code);
      waits[code] = (waits[code] ?? 0) + 1;
    }
    expect(Object.keys(waits).sort()).toEqual(['daily_limit', 'rate_limited']);
  });
});
