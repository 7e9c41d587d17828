import type { Decimal } from '../amount/decimal';
import { add, decimal, subtract, toText, zero } from '../amount/decimal';
import { storedInstant } from '../time/instant';
import { authorizationId, parseAuthorizationId } from './authorization-id';
import type { HoldEvent, HoldNote, HoldPlaced } from './events';
import type { RequestCounts } from './request-counts';
import { countRequest, countsOf, newRequestCounts, noteCounts } from './request-counts';
import type { SettledHold } from './settled-holds';

/** Money that is set aside. */
export interface LiveHold {
  /** Revision of its `HoldPlaced`. */
  readonly hold: number;
  readonly id: string;
  readonly amount: Decimal;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What the `hold-` stream of an account says. It is owned by one fold, which changes it in place. */
export interface HoldBook {
  /** Revision of the last event, −1 before the first. */
  revision: number;
  /** The latest instant of an event; no request counts for an earlier one. */
  lastAt: number;
  /** By the revision of their placing: what is not released, and not known to be settled or expired. */
  live: Map<number, LiveHold>;
  /** The sum of what is live. */
  held: Decimal;
  /** Live ones and some that are not any more, by when they expire; those before `firstExpiring` have gone. */
  expiring: LiveHold[];
  firstExpiring: number;
  counts: RequestCounts;
  /** What an account had settled up to this revision is taken out. */
  settledTo: number;
  /** Events were decided on the account at this revision: whoever knows an older one knows too little. */
  accountRevision: number;
  /** Revision of the last event with a note. */
  noteRevision: number;
  /** Whether what was counted before its first event is known. */
  isWhole: boolean;
}

/** Events after which one carries a note; where more is live than that, as many as are live. */
export const NOTE_EVERY = 64;
/** Live holds that a note lists: an event has to stay small enough for a store. With more it says from where on they were placed. */
export const MAX_NOTED_HOLDS = 6_000;
/** Sources of limits that a note can list, for the same reason: none is written while there are more. */
const MAX_NOTED_SOURCES = 200;
/** Holds that went before their expiry, after which the list of expiries is made anew. */
const MAX_GONE = 1_000;

export function newHoldBook(): HoldBook {
  return {
    revision: -1,
    lastAt: -Infinity,
    live: new Map(),
    held: zero,
    expiring: [],
    firstExpiring: 0,
    counts: newRequestCounts(),
    settledTo: -1,
    accountRevision: -1,
    noteRevision: -1,
    isWhole: false,
  };
}

/**
 * The book after one more event, changed in place. One that is new takes over what the first event notes, so that a stream need not
 * be read from its beginning. It throws on what cannot be.
 */
export function evolveHolds(book: HoldBook, event: HoldEvent, revision: number): void {
  const isNew = book.revision < 0;
  if (!isNew && revision !== book.revision + 1) throw new Error(`revision ${revision} after ${book.revision}`);
  const at = storedInstant(event.occurredAt);
  book.revision = revision;
  book.lastAt = Math.max(book.lastAt, at);
  if (event.note !== undefined) book.noteRevision = revision;
  if (event.type === 'HoldPlaced') book.accountRevision = Math.max(book.accountRevision, event.accountRevision);
  if (isNew) book.isWhole = revision === 0;
  if (isNew && event.note !== undefined && event.note.from === undefined) {
    takeOver(book, event.note);
    return;
  }
  switch (event.type) {
    case 'HoldPlaced':
      place(book, holdOf(event, revision));
      // It may have been settled since: the account is looked through again from where it was decided.
      book.settledTo = Math.min(book.settledTo, event.accountRevision);
      countRequest(book.counts, event.minute, event.day, book.lastAt);
      break;
    case 'HoldReleased':
      removeHold(book, event.hold);
      break;
    case 'RequestCounted':
      countRequest(book.counts, event.minute, event.day, book.lastAt);
      break;
  }
  if (event.note !== undefined && !book.isWhole) takeCounts(book, event.note);
}

/** The hold that an event placed. */
export function holdOf(event: HoldPlaced, revision: number): LiveHold {
  const expiresAt = storedInstant(event.expiresAt);
  const id = authorizationId({ hold: revision, expiresAt }, event.digest);
  return { hold: revision, id, amount: decimal(event.amount), expiresAt };
}

/** Takes out what has expired by an instant, milliseconds since 1970. */
export function dropExpired(book: HoldBook, nowMs: number): void {
  for (let next = book.expiring[book.firstExpiring]; next !== undefined && next.expiresAt <= nowMs;) {
    book.firstExpiring += 1;
    removeHold(book, next.hold);
    next = book.expiring[book.firstExpiring];
  }
  if (book.expiring.length <= MAX_GONE + 2 * book.live.size) return;
  book.expiring = [...book.live.values()].sort((a, b) => a.expiresAt - b.expiresAt);
  book.firstExpiring = 0;
}

/** Takes out what the account has settled. */
export function dropSettled(
  book: HoldBook,
  { revision, settledHolds }: { readonly revision: number; readonly settledHolds: readonly SettledHold[] | null },
): void {
  if (settledHolds !== null) {
    for (let i = settledHolds.length - 1; i >= 0; i--) {
      const settled = settledHolds[i];
      if (settled === undefined || settled.at <= book.settledTo) break;
      if (book.live.get(settled.hold)?.id === settled.id) removeHold(book, settled.hold);
    }
  }
  book.settledTo = Math.max(book.settledTo, revision);
}

/** Whether the last event should carry a note, and can. */
export function isNoteDue({ revision, noteRevision, live, counts }: HoldBook): boolean {
  if (counts.minute.size + counts.day.size > MAX_NOTED_SOURCES) return false;
  const every = live.size > MAX_NOTED_HOLDS ? NOTE_EVERY : Math.max(NOTE_EVERY, live.size);
  return revision - noteRevision >= every;
}

/** What stands now, as an event notes it. */
export function noteOf(book: HoldBook): HoldNote {
  const noted = { account: book.settledTo, ...noteCounts(book.counts, book.lastAt) };
  const { account, minute, day } = noted;
  if (book.live.size > MAX_NOTED_HOLDS) {
    const [from = book.revision] = book.live.keys();
    return { account, live: [], from, minute, day };
  }
  const live = [...book.live.values()].map(({ hold, id, amount }) => [hold, id, toText(amount)] as const);
  return { account, live, minute, day };
}

function takeOver(book: HoldBook, note: HoldNote): void {
  const { account, live } = note;
  book.settledTo = account;
  book.accountRevision = Math.max(book.accountRevision, account);
  takeCounts(book, note);
  for (const [hold, id, amount] of live) {
    const parts = parseAuthorizationId(id);
    if (parts?.hold !== hold) throw new Error(`a note lists ${id} at ${hold}`);
    place(book, { hold, id, amount: decimal(amount), expiresAt: parts.expiresAt });
  }
}

function takeCounts(book: HoldBook, { minute, day }: HoldNote): void {
  book.counts = countsOf(minute, day);
  book.isWhole = true;
}

function place(book: HoldBook, hold: LiveHold): void {
  book.live.set(hold.hold, hold);
  book.held = add(book.held, hold.amount);
  const { expiring } = book;
  const last = expiring.at(-1);
  if (last === undefined || last.expiresAt <= hold.expiresAt) {
    expiring.push(hold);
    return;
  }
  let low = book.firstExpiring;
  let high = expiring.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((expiring[middle]?.expiresAt ?? Infinity) <= hold.expiresAt) low = middle + 1;
    else high = middle;
  }
  expiring.splice(low, 0, hold);
}

/** Takes out one hold, by the revision of its placing; nothing happens where it is not live. */
export function removeHold(book: HoldBook, revision: number): void {
  const hold = book.live.get(revision);
  if (hold === undefined) return;
  book.live.delete(revision);
  book.held = subtract(book.held, hold.amount);
}
