import type { Example } from '@meterbook/http/openapi/example';

const side = {
  charges: 1,
  amount: '0',
  cost: '0.048168',
  paidBy: { main: '0', backup: '0', wallet: '0', receivable: '0' },
};
const nothingChanged = { actual: side, simulated: side, difference: '0' };

export const makeWhatIfExample: Example = {
  body: {
    whatIfId: 'as-it-was',
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-11-22T00:00:00.000Z',
    groupBy: ['model'],
  },
  status: 202,
  answer: { whatIfId: 'as-it-was' },
};

export const viewWhatIfExample: Example = {
  status: 200,
  answer: {
    whatIfId: 'as-it-was',
    state: 'done',
    progress: 1,
    accounts: 1,
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-11-22T00:00:00.000Z',
    zone: 'UTC',
    currency: 'CNY',
    groupBy: ['model'],
    items: [{ model: 'claude-sonnet', ...nothingChanged }],
    totals: nothingChanged,
    refused: [],
    next: null,
  },
};
