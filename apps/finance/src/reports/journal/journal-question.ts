import type { Basis } from '../axes';

/** What is asked of the journal; instants are milliseconds since 1970. */
export interface JournalQuestion {
  readonly platform: string;
  readonly basis: Basis;
  /** Inclusive; null for the beginning. */
  readonly from: number | null;
  /** Exclusive; null for all that is booked. */
  readonly to: number | null;
  /** Up to when what time alone changes is derived: the end, or the instant of asking. */
  readonly derivedTo: number;
  /** IANA name: it says on which day something is. */
  readonly zone: string;
  readonly format: 'csv' | 'hledger';
  /** Entries that whoever asks has received before. */
  readonly received: number;
}
