import type { PeriodClosed } from '@meterbook/domain/closing/events';

/** A closing as it is answered. */
export type ClosingAnswer = Pick<
  PeriodClosed,
  'closingId' | 'period' | 'zone' | 'from' | 'to' | 'closedAt' | 'sha256' | 'streams' | 'headsSha256'
>;

export function closingAnswer(closed: PeriodClosed): ClosingAnswer {
  const { closingId, period, zone, from, to, closedAt, sha256, streams, headsSha256 } = closed;
  return { closingId, period, zone, from, to, closedAt, sha256, streams, headsSha256 };
}
