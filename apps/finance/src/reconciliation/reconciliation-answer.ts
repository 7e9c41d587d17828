import type { ReconciliationMade } from '@meterbook/domain/closing/events';

/** What a reconciliation is answered with: what was written down of it, without what only tells the same request again. */
export type ReconciliationAnswer = Omit<ReconciliationMade, 'type' | 'query' | 'digest'>;

export function reconciliationAnswer(event: ReconciliationMade): ReconciliationAnswer {
  const { reconciliationId, from, to, granularity, zone, currency, rate, asOf, rows, skipped, inputSha256 } = event;
  const { matched, different, onlyTheirs, onlyOurs, total } = event;
  return {
    reconciliationId,
    from,
    to,
    granularity,
    zone,
    currency,
    rate,
    asOf,
    rows,
    skipped,
    matched,
    different,
    onlyTheirs,
    onlyOurs,
    total,
    inputSha256,
  };
}
