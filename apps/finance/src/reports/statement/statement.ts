import type { StatementFault } from '@meterbook/books/account-history';
import type { Balances } from '@meterbook/domain/entries/balances';
import type { Basis } from '../axes';
import type { StatementPlace } from './statement-cursor';
import type { StatementEntry } from './statement-fold';

export interface StatementPeriod {
  readonly platform: string;
  readonly account: string;
  /** Milliseconds since 1970, inclusive; −Infinity for the beginning. */
  readonly from: number;
  /** Exclusive; Infinity for everything that is booked. */
  readonly to: number;
  /** What time alone changes is derived up to this instant: the end of the period, or now. */
  readonly derivedTo: number;
  /** IANA name. */
  readonly zone: string;
  readonly basis: Basis;
}

/** Which of the entries of a period are wanted. */
export interface StatementPage {
  /** Null from the period's first on. */
  readonly from: StatementPlace | null;
  /** Most entries of it; Infinity for all. */
  readonly limit: number;
}

/** What of a statement comes before its entries. */
export interface StatementHead {
  readonly currency: string;
  /** At the beginning of the period, whatever page it is. */
  readonly opening: Balances;
  /** Store time before which all that was booked is in it, milliseconds since 1970; −1 where nothing is known of that. */
  readonly watermark: number;
}

/** What comes after them. */
export interface StatementFoot {
  /** At the end of the period, whatever page it is. */
  readonly closing: Balances;
  /** Where the next page goes on; null on the last. */
  readonly next: StatementPlace | null;
  /** Booked and complete: the same question will never have another answer. */
  readonly final: boolean;
  /** Where what an event states is not what the entries come to; the statement ends there. */
  readonly faults: readonly StatementFault[];
}

/** A statement that can be read once: head, entries, foot. */
export interface Statement {
  readonly head: StatementHead;
  readonly entries: AsyncIterable<StatementEntry>;
  /** Asked for once the entries have been read. */
  readonly foot: () => Promise<StatementFoot>;
}
