import type { Example } from '@meterbook/http/openapi/example';

/** A cell of a model that nobody has used; what an entry is like is in the schema. */
export const cellExample: Example = {
  query: { from: '2026-11-20T00:00:00Z', model: 'claude-opus' },
  status: 200,
  answer: {
    basis: 'booked',
    zone: 'UTC',
    from: '2026-11-20T00:00:00.000Z',
    to: null,
    completeTo: '2026-11-21T10:05:00.000Z',
    final: false,
    currency: 'CNY',
    filters: { model: ['claude-opus'] },
    items: [],
    next: null,
  },
};
