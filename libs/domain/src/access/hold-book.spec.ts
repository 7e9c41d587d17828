import fc from 'fast-check';
import { toText } from '../amount/decimal';
import { formatInstant } from '../time/instant';
import { at } from '../testing/commands';
import type { HoldEvent, HoldPlaced } from './events';
import {
  dropExpired,
  dropSettled,
  evolveHolds,
  holdOf,
  isNoteDue,
  newHoldBook,
  NOTE_EVERY,
  noteOf,
  type HoldBook,
} from './hold-book';
import type { SettledHold } from './settled-holds';

const start = at(10);
const SECOND = 1000;

const placed = (n: number, atMs: number, lifeMs = 900_000, accountRevision = 0): HoldPlaced => ({
  type: 'HoldPlaced',
  occurredAt: formatInstant(atMs),
  requestId: `q${n}`,
  digest: `digest-of-${String(n).padStart(12, '0')}`,
  currency: 'USD',
  amount: String((n % 7) + 1),
  expiresAt: formatInstant(atMs + lifeMs),
  minute: 'account',
  accountRevision,
});

function bookOf(events: readonly HoldEvent[], from = 0): HoldBook {
  const book = newHoldBook();
  for (const [i, event] of events.entries()) evolveHolds(book, event, from + i);
  return book;
}

const settled = (
  { id, hold, expiresAt }: { id: string; hold: number; expiresAt: number },
  at: number,
): SettledHold => ({
  id,
  hold,
  expiresAt,
  at,
});
const shown = (book: HoldBook) => [toText(book.held), [...book.live.values()].map(({ id }) => id).sort()];

describe('a hold', () => {
  const event = placed(3, start);
  const [{ id }] = [holdOf(event, 0)];

  it('is live until it expires', () => {
    const book = bookOf([event]);
    dropExpired(book, start + 899_999);
    expect(toText(book.held)).toBe('4');
    dropExpired(book, start + 900_000);
    expect(shown(book)).toEqual(['0', []]);
  });

  it('is live until it is released', () => {
    expect(shown(bookOf([event, { type: 'HoldReleased', occurredAt: formatInstant(start), hold: 0 }]))).toEqual([
      '0',
      [],
    ]);
  });

  it('is live until the account has settled it', () => {
    const book = bookOf([event]);
    dropSettled(book, { revision: 5, settledHolds: [settled(holdOf(event, 0), 6)].slice(1) });
    expect(toText(book.held)).toBe('4');
    dropSettled(book, { revision: 6, settledHolds: [settled(holdOf(event, 0), 6)] });
    expect(toText(book.held)).toBe('0');
  });

  it('is not settled by an id of another request at its place', () => {
    const book = bookOf([event]);
    const other = { ...settled(holdOf(event, 0), 6), id: `${id.slice(0, -1)}!` };
    dropSettled(book, { revision: 6, settledHolds: [other] });
    expect(toText(book.held)).toBe('4');
  });

  it('that another process placed is settled by what was looked through already', () => {
    const book = bookOf([placed(1, start)]);
    dropSettled(book, { revision: 9, settledHolds: [] });
    const later = placed(2, start, 900_000, 4);
    evolveHolds(book, later, 1);
    dropSettled(book, { revision: 9, settledHolds: [settled(holdOf(later, 1), 8)] });
    expect([...book.live.keys()]).toEqual([0]);
  });

  it('outlives one that was placed later and expires sooner', () => {
    const book = bookOf([placed(1, start), placed(2, start + SECOND, 2000), placed(3, start + 2 * SECOND)]);
    dropExpired(book, start + 3 * SECOND);
    expect([...book.live.keys()]).toEqual([0, 2]);
  });
});

it('does not read past a gap', () => {
  const book = bookOf([placed(1, start)]);
  expect(() => evolveHolds(book, placed(2, start), 2)).toThrow('revision 2 after 0');
});

it('asks for an account that is no older than those that were decided on', () => {
  expect(bookOf([placed(1, start, 1000, 7), placed(2, start, 1000, 3)]).accountRevision).toBe(7);
});

describe('a note', () => {
  type Step = { readonly what: 'place' | 'release' | 'settle' | 'wait'; readonly n: number };
  const steps = fc.array(
    fc.record({ what: fc.constantFrom('place', 'place', 'place', 'release', 'settle', 'wait'), n: fc.nat(1000) }),
    { minLength: 1, maxLength: 300 },
  ) as fc.Arbitrary<Step[]>;

  it('stands for everything before it: who reads from there on knows what who reads everything knows', () => {
    fc.assert(
      fc.property(steps, (asked) => {
        const book = newHoldBook();
        const events: HoldEvent[] = [];
        const settledHolds: SettledHold[] = [];
        let [now, account] = [start, 0];
        const take = (event: HoldEvent): void => {
          evolveHolds(book, event, events.length);
          const note = isNoteDue(book) ? { note: noteOf(book) } : {};
          if ('note' in note) book.noteRevision = events.length;
          events.push({ ...event, ...note });
        };
        for (const { what, n } of asked) {
          dropExpired(book, now);
          dropSettled(book, { revision: account, settledHolds });
          const live = [...book.live.values()];
          const chosen = live[n % Math.max(1, live.length)];
          if (what === 'place') take(placed(events.length, now, 1000 + n * 100, account));
          else if (what === 'wait') now += n * 10;
          else if (chosen && what === 'release')
            take({ type: 'HoldReleased', occurredAt: formatInstant(now), hold: chosen.hold });
          else if (chosen) settledHolds.push(settled(chosen, (account += 1)));
        }
        const from = events.findLastIndex(({ note }) => note !== undefined);
        const short = bookOf(events.slice(Math.max(0, from)), Math.max(0, from));
        for (const each of [book, short]) {
          dropExpired(each, now);
          dropSettled(each, { revision: account, settledHolds });
        }
        expect(shown(short)).toEqual(shown(book));
        expect(noteOf(short).minute).toEqual(noteOf(book).minute);
        expect(events.length - from).toBeLessThanOrEqual(Math.max(NOTE_EVERY, book.live.size) + 1);
      }),
      { numRuns: 50 },
    );
  });
});
