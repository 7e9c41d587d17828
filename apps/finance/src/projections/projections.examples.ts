import type { Example } from '@meterbook/http/openapi/example';

export const listProjectionsExample: Example = {
  status: 200,
  answer: {
    items: [
      { name: 'trial-balance', position: '12', events: 7, behindMs: 0 },
      { name: 'charges', position: '12', events: 7, behindMs: 0 },
      { name: 'recharges', position: '12', events: 7, behindMs: 0 },
    ],
    next: null,
  },
};

export const rebuildProjectionExample: Example = { status: 202, answer: { rebuildId: 'q8vX1n2rTzuK4w0M' } };

export const viewRebuildExample: Example = {
  status: 200,
  answer: {
    rebuildId: 'q8vX1n2rTzuK4w0M',
    projection: 'trial-balance',
    state: 'swapped',
    position: '13',
    target: '13',
    progress: 1,
    events: 8,
    eventsPerSecond: 2000,
    remainingMs: 0,
    identical: true,
    rows: 8,
    checksum: 'b54d12a6…',
    difference: null,
    detail: null,
  },
};
