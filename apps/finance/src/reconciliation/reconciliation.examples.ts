import type { Example } from '@meterbook/http/openapi/example';

const key = { keys: 1, theirs: '0.05', ours: '0.048168' };
const none = { keys: 0, theirs: '0', ours: '0' };

/** Its body is no JSON. */
export const putReconciliationExample: Example = {
  query: {
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-12-01T00:00:00.000Z',
    granularity: 'day',
    time: 'date',
    model: 'sku',
    amount: 'total',
  },
  status: 201,
};

export const viewReconciliationExample: Example = {
  status: 200,
  answer: {
    reconciliationId: 'bill-2026-11',
    from: '2026-11-20T00:00:00.000Z',
    to: '2026-11-22T00:00:00.000Z',
    granularity: 'request',
    zone: 'UTC',
    currency: 'CNY',
    rate: '1',
    asOf: '2026-11-21T10:05:00.000Z',
    rows: 1,
    skipped: 0,
    matched: key,
    different: none,
    onlyTheirs: none,
    onlyOurs: none,
    total: key,
    inputSha256: '16a733365780cfd3ac2745f106dbfd6c68955e4e20bf2b24619f054f3d1c516d',
  },
};

export const listReconciliationItemsExample: Example = {
  status: 200,
  answer: { items: [{ request: 'req-7f3a', kind: 'matched', theirs: '0.05', ours: '0.048168' }], next: null },
};
