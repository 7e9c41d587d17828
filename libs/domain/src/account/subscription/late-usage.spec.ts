import { published } from '../../testing/rulebooks';
import type { Ask } from '../../testing/naive-books/asks';
import { ToldDomain } from '../../testing/naive-books/told-domain';

const dayMs = 86_400_000;
/** A Thursday at noon: a period of three days ends on Sunday at noon, the week twelve hours later. */
const start = Date.parse('2026-11-05T12:00:00.000Z');
const end = start + 3 * dayMs;
const friday = Date.parse('2026-11-06T00:00:00.000Z');
const monday = Date.parse('2026-11-09T00:00:00.000Z');
/** When all of it is booked: days after everything. */
const late = start + 20 * dayMs;

const plan = { id: 'p', price: '10', baseCredits: '1000', bonus: '0', backup: '0', periodDays: 3 };
const plans = [plan, { ...plan, id: 'q', price: '20' }];
const sections = { creditsPerUnit: '100', plans, renewal: { main: 'refill', backup: 'carry' } };
const carrying = { ...sections, renewal: { main: 'carry', backup: 'carry' } };
const capped = (caps: object) => ({ ...sections, plans: [{ ...plan, caps }] });

const open: Ask = { ask: 'open', now: start - dayMs, occurredAt: null };
const started: Ask = {
  ask: 'start',
  id: 'p1',
  plan: 'p',
  kind: 'auto-renew',
  provider: 'manual',
  now: start,
  occurredAt: null,
};
const renewed = (now: number): Ask => ({ ask: 'renew', id: 'p2', provider: 'manual', now, occurredAt: null });
const switched = (now: number): Ask => ({
  ask: 'switch',
  id: 'p3',
  plan: 'q',
  provider: 'manual',
  now,
  occurredAt: null,
});
const requests = (id: string, count: number, at: number, now: number): Ask => ({
  ask: 'usage',
  usages: [{ id, at, model: 'one', group: null, channel: null, units: { requests: count } }],
  now,
});

/** What pays for one request, which is a hundred credits, that occurred at an instant and is booked now. */
function paying(rules: object, before: readonly Ask[], at: number, now = late): string {
  const domain = new ToldDomain([published({ ...rules })]);
  for (const ask of before) expect(domain.ask(ask).is).not.toBe('refused');
  domain.ask(requests('it', 1, at, now));
  const event = domain.events.at(-1);
  const charge = event?.type === 'UsageCharged' ? event.charges[0] : undefined;
  const pools = charge?.credits === undefined ? [] : [`period ${charge.credits[0]}: ${charge.credits[1]}`];
  const wallet = charge?.lots === undefined ? [] : ['wallet'];
  const owed = charge?.owed === undefined ? [] : [`owed ${charge.owed}`];
  return [...pools, ...wallet, ...owed, ...(charge?.limitedBy === undefined ? [] : [charge.limitedBy])].join(', ');
}

const short = 'owed 1, insufficient_credits';

describe('late usage draws from the period that it occurred in', () => {
  it.each([
    ['a millisecond before the start', start - 1, short],
    ['at the start', start, 'period 0: 100'],
    ['a millisecond after the start', start + 1, 'period 0: 100'],
    ['a millisecond before the end', end - 1, 'period 0: 100'],
    ['at the end', end, short],
    ['a millisecond after the end', end + 1, short],
  ])('which was not renewed: %s', (_, at, paid) => {
    expect(paying(sections, [open, started], at)).toBe(paid);
  });

  it.each([
    ['a millisecond before the end', end - 1, 'period 0: 100'],
    ['at the end', end, 'period 1: 100'],
    ['a millisecond after the end', end + 1, 'period 1: 100'],
    ['a millisecond before the end of the next', end + 3 * dayMs - 1, 'period 1: 100'],
    ['at the end of the next', end + 3 * dayMs, short],
  ])('which was renewed before its end: %s', (_, at, paid) => {
    expect(paying(sections, [open, started, renewed(start + 1)], at)).toBe(paid);
    expect(paying(carrying, [open, started, renewed(start + 1)], at)).toBe(paid);
  });

  it.each([
    ['a millisecond before the end', end - 1, 'period 0: 100'],
    ['at the end', end, 'period 1: 100'],
    ['a millisecond after the end', end + 1, 'period 1: 100'],
  ])('while its renewal waits: %s, booked a minute before the end', (_, at, paid) => {
    expect(paying(sections, [open, started, renewed(start + 1)], at, end - 60_000)).toBe(paid);
  });

  it.each([
    ['a millisecond before the old end', end - 1, 'period 0: 100'],
    ['at the old end', end, short],
    ['a millisecond before the payment', end + dayMs - 1, short],
    ['at the payment', end + dayMs, 'period 1: 100'],
    ['a millisecond after the payment', end + dayMs + 1, 'period 1: 100'],
  ])('which was renewed a day late: %s', (_, at, paid) => {
    expect(paying(sections, [open, started, renewed(end + dayMs)], at)).toBe(paid);
    expect(paying(carrying, [open, started, renewed(end + dayMs)], at)).toBe(paid);
  });

  it.each([
    ['a millisecond before the switch: the wallet, which has the credit', end - dayMs - 1, 'wallet'],
    ['at the switch', end - dayMs, 'period 1: 100'],
    ['at the end that the old one had', end, 'period 1: 100'],
  ])('but for one that was switched away from: %s', (_, at, paid) => {
    expect(paying(sections, [open, started, switched(end - dayMs)], at)).toBe(paid);
  });

  it('of a period that lapsed what it left, whatever the next has used', () => {
    const before = [open, started, renewed(end), requests('u1', 9, start, end), requests('u2', 10, end, end + 1)];
    expect(paying(sections, before, end - 1)).toBe('period 0: 100');
    expect(paying(sections, [...before, requests('u3', 1, end - 1, late)], end - 1)).toBe(short);
  });

  it('of a period that was carried on at most what is still there', () => {
    const before = [open, started, renewed(end), requests('u1', 9, end, end + 1)];
    expect(paying(carrying, before, end - 1)).toBe('period 0: 100');
    expect(paying(carrying, [...before, requests('u2', 1, end, end + 1)], end - 1)).toBe(short);
    const half = [...before, { ...requests('u2', 1, end - 1, late) }];
    expect(paying(carrying, half, end)).toBe(short);
  });
});

describe('late usage is capped with what occurred in its own', () => {
  it.each([
    ['a millisecond before midnight', friday - 1, 'period 0: 100'],
    ['at midnight', friday, 'owed 1, daily_cap'],
    ['a millisecond before the next midnight', friday + dayMs - 1, 'owed 1, daily_cap'],
    ['at the next midnight', friday + dayMs, 'period 0: 100'],
  ])('UTC day: %s', (_, at, paid) => {
    const rules = capped({ daily: { credits: '100' } });
    expect(paying(rules, [open, started, requests('u1', 1, friday + 1, end)], at)).toBe(paid);
  });

  it.each([
    ['a millisecond before Monday', monday - 1, 'owed 1, weekly_cap'],
    ['on Monday at midnight', monday, 'period 1: 100'],
    ['a millisecond before the end of the old period', end - 1, 'owed 1, weekly_cap'],
    ['at the beginning of the new one, in the same week', end, 'owed 1, weekly_cap'],
  ])('ISO week, over a renewal: %s', (_, at, paid) => {
    const rules = capped({ weekly: { credits: '100' } });
    expect(paying(rules, [open, started, renewed(start + 1), requests('u1', 1, start, end)], at)).toBe(paid);
  });

  it.each([
    ['a millisecond before midnight', monday - 1, 'owed 1, daily_cap'],
    ['at midnight', monday, 'period 1: 100'],
  ])('the day on which a period ends, over its renewal: %s', (_, at, paid) => {
    const rules = capped({ daily: { credits: '100' } });
    expect(paying(rules, [open, started, renewed(start + 1), requests('u1', 1, end - 1, end)], at)).toBe(paid);
  });
});
