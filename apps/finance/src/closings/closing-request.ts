import type { ClosingContent } from '@meterbook/domain/closing/events';
import type { ClosingAnswer } from './closing-answer';
import type { LatePlace } from './late-cursor';

/** What is asked about the late entries of a closing. */
export interface AskedLate {
  readonly closingId: string;
  readonly platform: string;
  /** Of the period: milliseconds since 1970, the second exclusive. */
  readonly from: number;
  readonly to: number;
  /** Null for the first page. */
  readonly after: LatePlace | null;
  /** Most entries of the page. */
  readonly limit: number;
}

/** What the thread of the reports is asked about closings; plain data. */
export type ClosingRequest =
  /** Makes one up to an instant, milliseconds since 1970: chunks are `ClosingMessage` texts. */
  | { readonly kind: 'closing'; readonly platform: string; readonly to: number }
  | { readonly kind: 'closed'; readonly closing: ClosingAnswer; readonly content: ClosingContent }
  | { readonly kind: 'late'; readonly late: AskedLate };

export function isOfClosings(request: { readonly kind: string }): request is ClosingRequest {
  return request.kind === 'closing' || request.kind === 'closed' || request.kind === 'late';
}
