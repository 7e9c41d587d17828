import type { AccountEvent } from '@meterbook/domain/account/events';
import type { Posting } from '@meterbook/domain/entries/legs';
import type { Sums } from '../grouped/sums';
import type { PlatformFacts } from '../../projections/platform-facts';
import type { ProjectionSnapshot } from '../../projections/projection-reader';
import type { Question } from '../grouped/question';

/** An entry of a cell, with what it adds to the cell's measures. */
export interface CellEntry {
  readonly event: AccountEvent['type'] | 'Derived';
  readonly account: string;
  /** The id of the command, or of the usage. */
  readonly reference: string | null;
  /** RFC 3339, UTC. */
  readonly occurredAt: string;
  readonly bookedAt: string;
  /** Of the whole entry, by ledger account and commodity. */
  readonly legs: readonly Posting[];
  /** Its formula; null where nothing was counted. */
  readonly explain: string | null;
  /** For a customer. */
  readonly sentence: string;
  readonly sums: Sums;
}

/** What one place holds of a cell: an event, a fee, a line. Nothing, where it was only looked at. */
export interface CellStep {
  /** Names the place, for whoever goes on after it. */
  readonly mark: string;
  readonly entries: readonly CellEntry[];
}

/** What a cell is asked for, and what it is told from. */
export interface CellAsked {
  readonly question: Question;
  readonly snapshot: ProjectionSnapshot;
  readonly facts: PlatformFacts;
  /** The mark after which it goes on; null from the beginning. */
  readonly after: string | null;
}

/** Tells what a cell is made of, place by place, always in one order. It gives others their turn in between. */
export type CellSource = (asked: CellAsked) => AsyncIterable<CellStep>;
