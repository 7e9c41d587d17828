import fc from 'fast-check';
import { formatInstant } from '../time/instant';
import { at } from '../testing/commands';
import type { HoldEvent, HoldNote, HoldPlaced } from './events';
import { dropExpired, dropSettled, evolveHolds, holdOf, isNoteDue, newHoldBook, noteOf } from './hold-book';
import { HoldProof, type SettlingAccount } from './hold-proof';
import type { SettledHold } from './settled-holds';

const start = at(10);

const placed = (n: number, atMs: number, lifeMs: number, accountRevision: number): HoldPlaced => ({
  type: 'HoldPlaced',
  occurredAt: formatInstant(atMs),
  requestId: `q${n}`,
  digest: `digest-of-${String(n).padStart(12, '0')}`,
  currency: 'USD',
  amount: String((n % 7) + 1),
  expiresAt: formatInstant(atMs + lifeMs),
  minute: n % 2 === 0 ? 'account' : 'group:vip',
  day: 'tier:default',
  accountRevision,
});

/** What happens to one account: a hold event, or an event of its own that settles holds. */
type Happening = { readonly event: HoldEvent } | { readonly settles: SettledHold };

/** Proves a history; the first fault, with the place where it is, or null. */
function faultOf(history: readonly Happening[]): string | null {
  const proof = new HoldProof();
  const settledHolds: SettledHold[] = [];
  let [account, revision]: [SettlingAccount, number] = [{ revision: 0, settledHolds: null }, -1];
  for (const happening of history)
    if ('settles' in happening) {
      settledHolds.push(happening.settles);
      proof.noteSettled((account = { revision: happening.settles.at, settledHolds }));
    } else
      try {
        proof.add(happening.event, (revision += 1), account);
      } catch (error) {
        return `${revision}: ${(error as Error).message}`;
      }
  return null;
}

describe('a history of holds', () => {
  const step = fc.record({
    what: fc.constantFrom('place', 'place', 'place', 'count', 'release', 'settle', 'wait', 'look'),
    by: fc.nat(1),
    n: fc.nat(1000),
  });

  /** As two processes write it: each folds what the other wrote, and knows the account only as of its last look. */
  const histories = fc.array(step, { minLength: 100, maxLength: 400 }).map((steps) => {
    const history: Happening[] = [];
    const settledHolds: SettledHold[] = [];
    const processes = [0, 1].map(() => ({ book: newHoldBook(), account: 0 }));
    let [now, account, revision] = [start, 0, 0];
    for (const { what, by, n } of steps) {
      const process = processes[by] ?? { book: newHoldBook(), account: 0 };
      const { book } = process;
      process.account = Math.max(process.account, book.accountRevision);
      const known = settledHolds.filter((settled) => settled.at <= process.account);
      dropExpired(book, now);
      dropSettled(book, { revision: process.account, settledHolds: known });
      const live = [...book.live.values()];
      const chosen = live[n % Math.max(1, live.length)];
      const occurredAt = formatInstant(now);
      const take = (event: HoldEvent): void => {
        for (const each of processes) evolveHolds(each.book, event, revision);
        const note = isNoteDue(book) ? { note: noteOf(book) } : {};
        if ('note' in note) for (const each of processes) each.book.noteRevision = revision;
        history.push({ event: { ...event, ...note } });
        revision += 1;
      };
      if (what === 'place') take(placed(revision, now, 1000 + n * 100, process.account));
      else if (what === 'count') take({ type: 'RequestCounted', occurredAt, minute: 'account', day: 'tier:default' });
      else if (what === 'wait') now += n * 10;
      else if (what === 'look') process.account = account;
      else if (chosen && what === 'release') take({ type: 'HoldReleased', occurredAt, hold: chosen.hold });
      else if (chosen && settledHolds.every(({ id }) => id !== chosen.id)) {
        const { id, hold, expiresAt } = chosen;
        settledHolds.push({ id, hold, expiresAt, at: (account += 1) });
        history.push({ settles: { id, hold, expiresAt, at: account } });
      }
    }
    return history;
  });

  it('is proved, whoever of several processes wrote which part of it', () => {
    let notes = 0;
    fc.assert(
      fc.property(histories, (history) => {
        notes += history.filter((happening) => 'event' in happening && happening.event.note !== undefined).length;
        expect(faultOf(history)).toBeNull();
      }),
      { numRuns: 200 },
    );
    expect(notes).toBeGreaterThan(100);
  });

  /** The same history with its last note told otherwise; undefined where it cannot be. */
  const retold = (
    history: readonly Happening[],
    tell: (note: HoldNote) => HoldNote | undefined,
  ): Happening[] | undefined => {
    const last = history.findLastIndex((happening) => 'event' in happening && happening.event.note !== undefined);
    const happening = history[last];
    if (!happening || !('event' in happening) || !happening.event.note) return undefined;
    const note = tell(happening.event.note);
    return note && history.toSpliced(last, 1, { event: { ...happening.event, note } });
  };
  /** The hold that lives longest, well beyond the note. */
  const longest = ({ live }: HoldNote): HoldNote['live'][number] | undefined => live.at(-1);

  it.each<[string, (note: HoldNote) => HoldNote | undefined]>([
    ['a hold that is live', (note) => longest(note) && { ...note, live: note.live.slice(0, -1) }],
    ['one that holds another amount', (note) => change(note, ([hold, id]) => [hold, id, '8'])],
    ['one of another id', (note) => change(note, ([hold, id, amount]) => [hold, `${id.slice(0, -1)}!`, amount])],
    ['one that was never placed', (note) => change(note, ([, id, amount]) => [9_999, id, amount])],
    [
      'all of them, as if they were more than it can list',
      (note) => (note.live[0] ? { ...note, live: [], from: 99_999 } : undefined),
    ],
    ['a revision that its account does not have', (note) => ({ ...note, account: 9_999 })],
    [
      'one request less on its day',
      (note) => ({ ...note, day: note.day.map(([source, day, n]) => [source, day, n - 1]) }),
    ],
    ['requests of a source that has none', (note) => ({ ...note, day: [...note.day, ['plan:none', 20_000_000, 1]] })],
    [
      'a second more in its minute',
      (note) => ({ ...note, minute: [...note.minute, ['plan:none', [[9_999_999_999, 1]]]] }),
    ],
    ['no request in its minute', (note) => (note.minute[0] ? { ...note, minute: [] } : undefined)],
  ])('is at fault where a note tells of %s', (_what, tell) => {
    let told = 0;
    fc.assert(
      fc.property(histories, (history) => {
        const other = retold(history, tell);
        if (other === undefined) return;
        if (faultOf(other) !== null) told += 1;
      }),
      { numRuns: 30 },
    );
    // Now and then what is told otherwise had ended, or would within the step of a clock.
    expect(told).toBeGreaterThan(10);
  });

  const change = (
    note: HoldNote,
    to: (noted: HoldNote['live'][number]) => HoldNote['live'][number],
  ): HoldNote | undefined => {
    const last = longest(note);
    return last && { ...note, live: [...note.live.slice(0, -1), to(last)] };
  };

  const event = placed(0, start, 900_000, 0);
  const { id, hold, expiresAt } = holdOf(event, 0);
  const note = (account: number, live: HoldNote['live']): HoldEvent => ({
    type: 'RequestCounted',
    occurredAt: formatInstant(start + 1),
    note: {
      account,
      live,
      minute: [['account', [[start / 1000, 1]]]],
      day: [['tier:default', Math.floor(start / 86_400_000), 1]],
    },
  });
  const settles = { settles: { id, hold, expiresAt, at: 3 } };

  it('is at fault where a note lists what its account has settled, as it says itself', () => {
    const noted = note(3, [[0, id, '1']]);
    expect(faultOf([{ event }, settles, { event: noted }])).toBe(
      '1: its note lists the hold at 0, which revision 3 of the account has settled',
    );
    expect(faultOf([{ event }, settles, { event: note(2, [[0, id, '1']]) }])).toBeNull();
    expect(faultOf([{ event }, settles, { event: note(3, []) }, { event: note(2, [[0, id, '1']]) }])).toBeNull();
  });

  it('is at fault where a note leaves out what its account settled only later than it says', () => {
    expect(faultOf([{ event }, settles, { event: note(2, []) }])).toBe(
      '1: its note leaves out the hold of 1 at 0, which is live',
    );
  });

  it('is at fault where a note lists a hold that was given back', () => {
    const given: HoldEvent = { type: 'HoldReleased', occurredAt: formatInstant(start), hold: 0 };
    expect(faultOf([{ event }, { event: given }, { event: note(0, [[0, id, '1']]) }])).toBe(
      '2: its note lists a hold at 0, where none is live',
    );
  });

  it('is at fault where it begins late, was decided on what was not there, or gives back what was not placed', () => {
    expect(() => new HoldProof().add(event, 1, { revision: 0, settledHolds: null })).toThrow('revision 1 after -1');
    expect(faultOf([{ event: { ...event, accountRevision: 4 } }])).toBe(
      '0: it was decided on revision 4 of an account that ends at 0',
    );
    expect(faultOf([{ event: { type: 'HoldReleased', occurredAt: formatInstant(start), hold: 7 } }])).toBe(
      '0: it gives back what was not placed before it, at 7',
    );
  });

  it('is no fault where somebody settled an id before it was given', () => {
    const early = { settles: { id, hold, expiresAt, at: 1 } };
    const later = { event: { ...event, accountRevision: 2 } };
    const grown = { settles: { id: 'auth_9_9_aaaaaaaaaaa', hold: 9, expiresAt: 9, at: 2 } };
    expect(faultOf([early, grown, later, { event: note(2, [[0, id, '1']]) }])).toBeNull();
    expect(faultOf([early, { event }, { event: note(2, []) }])).toBe(
      '1: its note speaks of revision 2 of an account that ends at 1',
    );
    expect(faultOf([early, { event }, { event: note(1, []) }])).toBeNull();
  });
});
