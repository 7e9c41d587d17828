import { compare, decimal, toText } from '../amount/decimal';
import { parseAuthorizationId } from './authorization-id';
import type { HoldEvent, HoldNote, NotedHold } from './events';
import { dropExpired, evolveHolds, newHoldBook, removeHold, type LiveHold } from './hold-book';
import { misnotedCount } from './noted-counts';
import { MAX_SETTLED_HOLDS, type SettledHold } from './settled-holds';

/** What a proof has to know of the account: what its fold says at the place of the store where the proof stands. */
export interface SettlingAccount {
  readonly revision: number;
  readonly settledHolds: readonly SettledHold[] | null;
}

/** How far the clock of a process may have been put back between two of its decisions, milliseconds. */
export const CLOCK_STEP_MS = 10_000;
/** Settled holds whose settling is remembered after a note left them out, for a later note of a process that does not know of it yet. */
const MAX_LEFT_OUT = 10_000;

/**
 * Folds the `hold-` stream of an account from its beginning and throws at the first event that contradicts those before it: one that
 * was decided on a revision which the account does not have, that gives back what was never placed, or whose note lists other holds
 * or counts other requests than the stream comes to.
 */
export class HoldProof {
  private readonly book = newHoldBook();
  /** Of holds that no note left out yet, by the revision of their placing: the revision of the account that they were decided on. */
  private readonly decidedOn = new Map<number, number>();
  /** Of the same, the revision of the account that settled them. */
  private readonly settledAt = new Map<number, number>();
  private settledTo = -1;
  /** Those that a note left out, by the revision of their placing: the revision of the account that settled them. */
  private readonly leftOut = new Map<number, number>();
  /** Of holds that were placed before it, it is not known any more which were left out. */
  private forgottenBefore = 0;

  /** Takes in what the account has settled since; asked for after each of its events. */
  noteSettled({ revision, settledHolds }: SettlingAccount): void {
    for (let i = (settledHolds?.length ?? 0) - 1; i >= 0; i--) {
      const settled = settledHolds?.[i];
      if (settled === undefined || settled.at <= this.settledTo) break;
      if (this.book.live.get(settled.hold)?.id === settled.id) this.settledAt.set(settled.hold, settled.at);
    }
    this.settledTo = revision;
  }

  /** Takes in the next event; throws where it cannot be. */
  add(event: HoldEvent, revision: number, account: SettlingAccount): void {
    const head = account.revision;
    if (revision !== this.book.revision + 1) throw new Error(`revision ${revision} after ${this.book.revision}`);
    if (event.type === 'HoldPlaced') {
      if (event.accountRevision > head)
        throw new Error(`it was decided on revision ${event.accountRevision} of an account that ends at ${head}`);
      this.decidedOn.set(revision, event.accountRevision);
    }
    if (event.type === 'HoldReleased' && event.hold >= revision)
      throw new Error(`it gives back what was not placed before it, at ${event.hold}`);
    evolveHolds(this.book, event, revision);
    if (event.note === undefined) return;
    if (event.note.account > head)
      throw new Error(`its note speaks of revision ${event.note.account} of an account that ends at ${head}`);
    dropExpired(this.book, this.book.lastAt - CLOCK_STEP_MS);
    this.proveLive(event.note, account);
    const miscounted = misnotedCount(event.note, this.book.counts, this.book.lastAt, CLOCK_STEP_MS);
    if (miscounted !== undefined) throw new Error(miscounted);
    for (const hold of this.decidedOn.keys()) if (!this.book.live.has(hold)) this.forget(hold);
  }

  private proveLive(note: HoldNote, account: SettlingAccount): void {
    const listed = new Set<number>();
    for (const noted of note.live) {
      this.proveListed(noted, note);
      listed.add(noted[0]);
    }
    for (const hold of [...this.book.live.values()]) {
      const isSaid = note.from === undefined ? listed.has(hold.hold) : hold.hold >= note.from;
      if (!isSaid) this.leaveOut(hold, note, account);
    }
  }

  private proveListed([revision, id, amount]: NotedHold, note: HoldNote): void {
    const hold = this.book.live.get(revision);
    if (hold === undefined) {
      if (this.mayBeListed(revision, id, note)) return;
      throw new Error(`its note lists a hold at ${revision}, where none is live`);
    }
    if (hold.id !== id || compare(hold.amount, decimal(amount)) !== 0)
      throw new Error(`its note lists ${amount} at ${revision}, where ${toText(hold.amount)} is held as ${hold.id}`);
    const at = this.settledAt.get(revision) ?? Infinity;
    // What was settled before it was placed, by somebody who guessed its id, nobody takes for settled.
    if (at <= note.account && at > (this.decidedOn.get(revision) ?? Infinity))
      throw new Error(`its note lists the hold at ${revision}, which revision ${at} of the account has settled`);
  }

  /** One that is not live here, but may be for the process that wrote the note. */
  private mayBeListed(revision: number, id: string, note: HoldNote): boolean {
    const parts = parseAuthorizationId(id);
    if (parts?.hold !== revision) return false;
    const isExpired = parts.expiresAt <= this.book.lastAt;
    return isExpired || revision < this.forgottenBefore || (this.leftOut.get(revision) ?? -1) > note.account;
  }

  private leaveOut({ hold, id, amount, expiresAt }: LiveHold, note: HoldNote, account: SettlingAccount): void {
    const { book } = this;
    if (expiresAt <= book.lastAt + CLOCK_STEP_MS) return;
    const at = this.settledAt.get(hold) ?? account.settledHolds?.find((settled) => settled.id === id)?.at;
    // An account that has settled so many at once does not know of all of them.
    const isForgotten = at === undefined && account.settledHolds?.length === MAX_SETTLED_HOLDS;
    if (!isForgotten && (at === undefined || at > note.account))
      throw new Error(`its note leaves out the hold of ${toText(amount)} at ${hold}, which is live`);
    removeHold(book, hold);
    this.leftOut.set(hold, at ?? Infinity);
    const [oldest] = this.leftOut.keys();
    if (this.leftOut.size <= MAX_LEFT_OUT || oldest === undefined) return;
    this.leftOut.delete(oldest);
    this.forgottenBefore = Math.max(this.forgottenBefore, oldest + 1);
  }

  private forget(hold: number): void {
    this.decidedOn.delete(hold);
    this.settledAt.delete(hold);
  }
}
