import type { ClosingRequest } from '../../closings/closing-request';
import type { CellQuestion } from '../cell-entries/cell-question';
import type { ChargesQuestion } from '../charge-list/charges-question';
import type { JournalQuestion } from '../journal/journal-question';
import type { View } from '../../projections/trial-balance/read-lines';
import type { Basis } from '../axes';
import type { Question } from '../grouped/question';
import type { StatementPage, StatementPeriod } from '../statement/statement';

/** What is asked of the thread that makes the reports; plain data. */
export type ReportRequest =
  | ClosingRequest
  | { readonly kind: 'cell'; readonly asked: CellQuestion }
  | { readonly kind: 'charges'; readonly question: ChargesQuestion }
  | { readonly kind: 'journal'; readonly question: JournalQuestion }
  | {
      readonly kind: 'trial-balance';
      readonly platform: string;
      /** Milliseconds since 1970; null for all that is booked, derived as of now. */
      readonly asOf: number | null;
      readonly view: View;
      readonly basis: Basis;
      /** IANA name. */
      readonly zone: string;
      readonly csv: boolean;
    }
  | {
      readonly kind: 'statement';
      readonly period: StatementPeriod;
      readonly page: StatementPage;
      readonly csv: boolean;
    }
  | {
      /** Figures by groups; its question says whether all of it is asked for, which is told as CSV. */
      readonly kind: 'grouped';
      readonly question: Question;
    };

/** A report that can be read once, in texts of some tens of kilobytes. */
export interface OpenReport {
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: AsyncIterable<string>;
}

/** Opens a report; undefined where the account that it is about was never opened. */
export type ReportOpener = (request: ReportRequest) => Promise<OpenReport | undefined>;
