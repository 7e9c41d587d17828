import type { StatementPlace } from './statement-cursor';

/** The first instant that can be written, milliseconds since 1970. */
const EARLIEST_MS = -62_167_219_200_000;

/** What stands first at one instant: what lapses at it, what comes back at it, then what occurred at it in store order. */
export const kinds = { lapsed: 0, back: 1, booked: 2 } as const;
const KINDS = 3;

/** Where an entry stands by occurred at. */
export interface OccurredPlace {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: (typeof kinds)[keyof typeof kinds];
  /** Of what was booked its revision, and of a charge its place in its batch; 0 for all else. */
  readonly revision: number;
  readonly index: number;
}

/** Where a period begins: what lapses at that very instant lies before it. */
export function beginningOf(fromMs: number): OccurredPlace {
  return { at: Math.max(fromMs, EARLIEST_MS), kind: kinds.booked, revision: 0, index: 0 };
}

export function isBefore(a: OccurredPlace, b: OccurredPlace): boolean {
  return (a.at - b.at || a.kind - b.kind || a.revision - b.revision || a.index - b.index) < 0;
}

/** As a cursor carries it: no number of it is below zero. */
export function toPlace({ at, kind, revision, index }: OccurredPlace): StatementPlace {
  return { revision, given: index, reached: (at - EARLIEST_MS) * KINDS + kind };
}

export function fromPlace({ revision, given, reached }: StatementPlace): OccurredPlace {
  const kind = reached % KINDS;
  return {
    at: Math.floor(reached / KINDS) + EARLIEST_MS,
    kind: kind === kinds.lapsed ? kinds.lapsed : kind === kinds.back ? kinds.back : kinds.booked,
    revision,
    index: given,
  };
}
