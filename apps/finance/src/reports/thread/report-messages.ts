import type { ErrorCode } from '@meterbook/http/problem/error-catalogue';
import type { Fault } from '@meterbook/messages/reading/fault';
import type { ReportRequest } from './report-request';

/** What the HTTP thread tells the thread of the reports. A chunk is sent for each `next`: nobody has more of them than it reads. */
export type ToReportThread =
  | { readonly kind: 'open'; readonly id: number; readonly request: ReportRequest }
  | { readonly kind: 'next'; readonly id: number }
  | { readonly kind: 'cancel'; readonly id: number };

/** What the thread of the reports answers. */
export type FromReportThread =
  | { readonly kind: 'opened'; readonly id: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'unknown'; readonly id: number }
  | { readonly kind: 'chunk'; readonly id: number; readonly text: string }
  | { readonly kind: 'end'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure };

/** An error as plain data: only what an answer tells of it. */
export type Failure =
  | { readonly kind: 'stream-damaged'; readonly stream: string; readonly damage: string }
  | { readonly kind: 'unavailable'; readonly why: string }
  /** What was asked for is refused. */
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly detail: string; readonly errors: readonly Fault[] }
  /** Whoever set the process up can mend it. */
  | { readonly kind: 'unfit'; readonly message: string; readonly remedy: string }
  | { readonly kind: 'other'; readonly message: string };
