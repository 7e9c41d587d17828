import type { AppendOutcome, StreamAppend } from './event-store';

/** Events that another store has booked. */
export interface BookedAppend extends StreamAppend {
  /** When, milliseconds since 1970. */
  readonly bookedAt: number;
}

/** A store that takes over what another one holds. Only who copies a whole store asks for it: nobody else knows better when something is booked. */
export interface TakesOver {
  /**
   * As `append`, of events that keep the *booked at* they have. They are given in the order of the other store and stand in it; events of
   * different streams that were booked in the same millisecond may change places. Refuses, and writes nothing of the call, where one was
   * booked before what stands there.
   */
  takeOver(appends: readonly BookedAppend[]): Promise<AppendOutcome[]>;
}

/** Why events cannot stand behind those booked at an instant; undefined where they can, or say no time of their own. */
export function bookedTooEarly(appends: readonly Partial<BookedAppend>[], latest: number): Error | undefined {
  let last = latest;
  for (const { stream, bookedAt } of appends) {
    if (bookedAt === undefined) continue;
    if (!Number.isSafeInteger(bookedAt) || bookedAt < last)
      return new Error(`an event of ${stream ?? ''} that was booked at ${bookedAt} cannot stand behind one of ${last}`);
    last = bookedAt;
  }
  return undefined;
}

/** The appends in order, those together that were booked in one millisecond. */
export function sideBySide(appends: readonly BookedAppend[]): BookedAppend[][] {
  const lists: BookedAppend[][] = [];
  for (const append of appends) {
    const last = lists.at(-1);
    if (last?.[0]?.bookedAt === append.bookedAt) last.push(append);
    else lists.push([append]);
  }
  return lists;
}
