/** WARNING: stored for ever. Add optional fields; never rename, retype or remove one. Amounts are canonical decimals. */
export type BooksEvent = PeriodClosed | ReconciliationMade;

/** A month is closed: what its trial balance was, and what stood in the store when that was told. */
export interface PeriodClosed {
  readonly type: 'PeriodClosed';
  readonly closingId: string;
  /** The month, `2026-10`, as the clocks of the zone count it. */
  readonly period: string;
  /** IANA name. */
  readonly zone: string;
  /** The first instant of the month, and of the one after it. */
  readonly from: string;
  readonly to: string;
  /** Up to which instant, itself included, the heads of the streams count. */
  readonly closedAt: string;
  /** SHA-256, hexadecimal, of the RFC 8785 text of `{lines, totals}`: the booked trial balance at `to`. */
  readonly sha256: string;
  /** How many account streams there were. */
  readonly streams: number;
  /** SHA-256, hexadecimal, of a text of one line for each of them, by account: `{account} {revision} {hash}` and a line feed. */
  readonly headsSha256: string;
  /** Where the lines and the heads themselves stand. */
  readonly content: ClosingContent;
  /** Of the command's body. */
  readonly digest: string;
}

export interface ClosingContent {
  /** A stream of `ClosingPart` events, for this closing alone. */
  readonly stream: string;
  readonly parts: number;
}

/** A part of what a closing holds. The parts of a stream that no `PeriodClosed` names mean nothing. */
export interface ClosingPart {
  readonly type: 'ClosingPart';
  /** Lines of the trial balance, in its order. */
  readonly lines?: readonly (readonly [ledgerAccount: string, commodity: string, debit: string, credit: string])[];
  /** Heads of the account streams, by account. */
  readonly heads?: readonly (readonly [account: string, revision: number, hash: string])[];
}

/** An upstream's bill was compared with what its usage was booked to have cost. */
export interface ReconciliationMade {
  readonly type: 'ReconciliationMade';
  readonly reconciliationId: string;
  /** Parameters of the request by their names, each with its values, as they were sent. */
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly from: string;
  readonly to: string;
  readonly granularity: 'request' | 'hour' | 'day' | 'month';
  /** IANA name. */
  readonly zone: string;
  /** Commodity of the amounts: the wallet's. */
  readonly currency: string;
  /** What one unit of the bill's currency was taken for. */
  readonly rate: string;
  /** What was booked up to this instant was compared. */
  readonly asOf: string;
  /** Rows of the bill that were read, and those of them outside the time. */
  readonly rows: number;
  readonly skipped: number;
  readonly matched: ReconciledSum;
  readonly different: ReconciledSum;
  readonly onlyTheirs: ReconciledSum;
  readonly onlyOurs: ReconciledSum;
  readonly total: ReconciledSum;
  /** SHA-256, hexadecimal, of the bill's bytes. */
  readonly inputSha256: string;
  /** Of the request without the bill. */
  readonly digest: string;
}

/** How many keys there are, and what both sides say of them in all. */
export interface ReconciledSum {
  readonly keys: number;
  readonly theirs: string;
  readonly ours: string;
}
