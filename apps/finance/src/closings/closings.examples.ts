import type { Example } from '@meterbook/http/openapi/example';

const closing = {
  closingId: 'close-2026-10',
  period: '2026-10',
  zone: 'Asia/Shanghai',
  from: '2026-09-30T16:00:00.000Z',
  to: '2026-10-31T16:00:00.000Z',
  closedAt: '2026-11-21T10:05:00.000Z',
  sha256: '4202417a7fcb47c7cad5d95b3b2301179a810bcb6f5fd1dbb9c8dc356f739f8f',
  streams: 1,
  headsSha256: '9f1c6f3f3a1e0f2e4d5c6b7a8f9e0d1c2b3a4f5e6d7c8b9a0f1e2d3c4b5a6978',
};

export const closeMonthExample: Example = {
  body: { closingId: 'close-2026-10', period: '2026-10', zone: 'Asia/Shanghai' },
  status: 201,
  answer: closing,
};

export const listClosingsExample: Example = { status: 200, answer: { items: [closing], next: null } };

export const viewClosingExample: Example = {
  status: 200,
  answer: { ...closing, trialBalance: { lines: [], totals: [] } },
};

export const listLateExample: Example = {
  status: 200,
  answer: { closingId: 'close-2026-10', lines: [], totals: [], items: [], next: null },
};
