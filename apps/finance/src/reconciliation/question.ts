import type { ReconciliationMade, ReconciledSum } from '@meterbook/domain/closing/events';

export type Granularity = ReconciliationMade['granularity'];

/** What a bill is compared by; plain data. Instants are milliseconds since 1970. */
export interface ReconciliationQuestion {
  readonly platform: string;
  readonly from: number;
  readonly to: number;
  readonly granularity: Granularity;
  /** IANA name: it cuts buckets, and times of the bill without a zone are its. */
  readonly zone: string;
  /** Of our usage only what went through one of these; the empty one stands for none. All of it where there are none. */
  readonly channels: readonly string[];
  /** How far a key may differ, canonical decimals: in the wallet's currency, or as a part of ours. */
  readonly absolute: string;
  readonly ratio: string;
  /** Of the bill; null for the wallet's. */
  readonly currency: string | null;
  readonly columns: BillColumns;
  /** What the bill calls a model, and what we do. */
  readonly models: readonly (readonly [theirs: string, ours: string])[];
}

/** Names of the bill's columns; null for one that it has not, or that is not looked at. */
export interface BillColumns {
  readonly time: string | null;
  readonly model: string | null;
  readonly amount: string;
  readonly request: string | null;
}

export type Kind = 'matched' | 'different' | 'onlyTheirs' | 'onlyOurs';
export const kinds: readonly Kind[] = ['matched', 'different', 'onlyTheirs', 'onlyOurs'];

/** What a thread is given to compare. */
export interface ReconciliationTask {
  readonly question: ReconciliationQuestion;
  /** Commodity of our amounts. */
  readonly currency: string;
  /** The bill. */
  readonly bill: string;
  /** Where the items go: a file that is not there yet. */
  readonly items: string;
  /** What was booked up to this instant is compared. */
  readonly asOf: number;
}

/** What a comparison comes to. */
export type Compared =
  | {
      readonly kind: 'compared';
      readonly rate: string;
      readonly rows: number;
      readonly skipped: number;
      readonly sums: Readonly<Record<Kind | 'total', ReconciledSum>>;
    }
  /** There is no rate between the currencies. */
  | { readonly kind: 'no-rate' }
  | { readonly kind: 'invalid-csv'; readonly line: number; readonly detail: string };
